"""The recogniser of the assistant: its language model comes from the assistant's training data.

It lies beside the models, in `models/voice`, and is made anew where sentences, values or the form
of what is made have changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.console import say
from voice.calibration import calibrate
from voice.language import Language, LanguageError, Sayable, Sentence, Span, train
from voice.pronunciation import Pronunciations
from voice.sphinx import dictionary_path

FOLDER = Path("voice")
"""Of the language model, below that of the models."""


def ensure_language(models: Path, data: Path = Path("data/nlu")) -> Path:
    """The folder with the recogniser's language model, made now if it is not current.

    Raises:
        LanguageError: The training data has no sentence that could be spoken.
    """
    folder = models / FOLDER
    sayable = read_sayable(data)
    try:
        if Language.load(folder).fingerprint == sayable.fingerprint():
            return folder
    except LanguageError:
        # None yet, or one that cannot be used any more.
        pass
    say("The recogniser learns what can be said …")
    models.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as place:
        made = Path(place, FOLDER.name)
        pronunciations = Pronunciations(dictionary_path())
        language = train(sayable, made, pronunciations)
        known = [one.text for one in sayable.sentences if 3 <= len(one.text.split()) <= 12]
        calibrate(made, known, pronunciations)
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    say(
        f"The recogniser knows {language.words} words of {len(sayable.sentences)} sentences, "
        f"{len(language.guessed)} of them by their letters only."
    )
    return folder


def read_sayable(data: Path) -> Sayable:
    """All that the assistant's training data says, with lookup tables and synonyms.

    Args:
        data: Folder of Rasa's NLU training data.
    """
    # Here, as a current model needs no import of Rasa to be found current.
    from rasa.shared.nlu.training_data.loading import load_data

    found = load_data(str(data))
    sentences = tuple(
        Sentence(message.get("text"), tuple(_spans(message.get("entities") or [])))
        for message in found.training_examples
        if message.get("text")
    )
    return Sayable(sentences, _values(sentences, found.lookup_tables, found.entity_synonyms))


def _spans(entities: list[dict[str, Any]]) -> list[Span]:
    return [Span(one["start"], one["end"], one["entity"]) for one in entities]


def _values(
    sentences: tuple[Sentence, ...], tables: list[dict[str, Any]], synonyms: Mapping[str, str]
) -> dict[str, list[str]]:
    """Values beyond the annotated ones; a synonym belongs where what it stands for does."""
    values: dict[str, list[str]] = {}
    for table in tables:
        if isinstance(table["elements"], list):
            values.setdefault(table["name"], []).extend(table["elements"])
    annotated: dict[str, set[str]] = {}
    for sentence in sentences:
        for span in sentence.spans:
            annotated.setdefault(span.name, set()).add(sentence.text[span.begin : span.end].lower())
    for said, meant in synonyms.items():
        for name, known in annotated.items():
            if meant.lower() in known or said.lower() in known:
                values.setdefault(name, []).append(said)
    return values
