"""The recogniser's language model out of a trained Rasa model.

`rasa train` writes it there (`custom_components.speech_language`); recognisers want it as a folder.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import tempfile
from pathlib import Path

from voice.language import FACTS, LanguageError

_MEMBER = re.compile(r"(?:^|.*/)components/(train_[^/]*SpeechLanguage\d*)/([^/]+)")
"""Rasa names the folder after the component and its place in the pipeline."""

_ORIGIN = "model.json"
"""Beside the language: which model it was taken out of."""


def extract_language(model: Path, folder: Path) -> Path:
    """Takes the language model out of a trained model; nothing else of it is read.

    A folder that holds the language of this very model already is left as it is, so that it costs
    nothing to call this at each start.

    Args:
        model: What `rasa train` wrote, a .tar.gz.
        folder: Where the language model goes. It is made, or replaced as a whole.

    Returns:
        The folder.

    Raises:
        LanguageError: The model cannot be read, or has no language model.
    """
    try:
        facts = model.stat()
        origin = {"model": str(model.resolve()), "bytes": facts.st_size, "made": facts.st_mtime_ns}
        if _read(folder / _ORIGIN) == origin and (folder / FACTS).exists():
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".language-", dir=folder.parent) as place:
            made = Path(place, "made")
            made.mkdir()
            _extract(model, made)
            if not (made / FACTS).exists():
                raise LanguageError(
                    f"{model} has no language model for speech: the pipeline in config.yml needs "
                    "custom_components.speech_language.SpeechLanguage, and a new training."
                )
            (made / _ORIGIN).write_text(json.dumps(origin) + "\n", encoding="utf-8")
            # Out of the way first: a folder with content cannot be replaced.
            if folder.exists():
                folder.replace(Path(place, "former"))
            made.replace(folder)
    except FileNotFoundError as error:
        raise LanguageError(f"There is no trained model {model}: train first.") from error
    except (OSError, EOFError, tarfile.TarError) as error:
        raise LanguageError(f"The language model in {model} cannot be read: {error}") from error
    return folder


def language_at(place: Path, folder: Path) -> Path:
    """The language model that a place stands for.

    Args:
        place: A language model's folder, a trained model, or a folder of these: then the newest.
        folder: Where it goes if it has to be taken out of a trained model.

    Raises:
        LanguageError: There is none.
    """
    if (place / FACTS).exists():
        return place
    if not place.is_dir():
        return extract_language(place, folder)
    models = sorted(place.glob("*.tar.gz"), key=lambda one: one.stat().st_mtime)
    if not models:
        raise LanguageError(f"There is no trained model in {place}: train first.")
    return extract_language(models[-1], folder)


def _extract(model: Path, folder: Path) -> None:
    # As a stream: it is decompressed once, and not beyond the last of the language's files.
    with tarfile.open(model, mode="r|gz") as archive:
        found = ""
        for member in archive:
            match = _MEMBER.fullmatch(member.name)
            if match is None or not member.isfile():
                if found and (match is None or match[1] != found):
                    # Rasa writes the files of one component after each other.
                    return
                continue
            content = archive.extractfile(member)
            assert content is not None
            found = match[1]
            with content, (folder / match[2]).open("wb") as file:
                shutil.copyfileobj(content, file)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
