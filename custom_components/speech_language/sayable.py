"""What an assistant can be told, out of Rasa's training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.speech_language.settings import Names
from voice.sayable import Sayable, Sentence, Span


def read_sayable(data: TrainingData, names: Sequence[Names] = ()) -> Sayable:
    """Returns sentences and values: annotated ones, lookup tables, synonyms, and names.

    Raises:
        InvalidConfigException: A file with names is no YAML.
    """
    sentences = tuple(
        Sentence(message.get(TEXT), tuple(_spans(message.get(ENTITIES) or [])))
        for message in data.nlu_examples
        # What begins with a slash is an intent by name, which nobody says.
        if (message.get(TEXT) or "").strip() and not message.get(TEXT).startswith("/")
    )
    values: dict[str, list[str]] = {}
    for table in data.lookup_tables:
        elements = table["elements"]
        if isinstance(elements, str):
            # A file's path or its content, in Rasa's older form.
            file = Path(elements) if "\n" not in elements else None
            content = file.read_text(encoding="utf-8") if file and file.is_file() else elements
            elements = content.splitlines()
        values.setdefault(table["name"], []).extend(elements)
    for name, said in _synonyms(sentences, data.entity_synonyms):
        values.setdefault(name, []).append(said)
    for one in names:
        values.setdefault(one.entity, []).extend(read_names(one))
    return Sayable(sentences, values)


def read_names(where: Names) -> list[str]:
    """Returns all texts below certain keys of a file; none where there is no such file.

    Raises:
        InvalidConfigException: It is no YAML.
    """
    try:
        content = yaml.safe_load(where.file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InvalidConfigException(
            f"SpeechLanguage: the names of '{where.entity}' in {where.file} cannot be read: {error}"
        ) from error
    return list(dict.fromkeys(_texts(content, where.keys, wanted=False)))


def _texts(content: Any, keys: frozenset[str], wanted: bool) -> Iterator[str]:
    if isinstance(content, Mapping):
        for key, below in content.items():
            yield from _texts(below, keys, wanted or key in keys)
    elif isinstance(content, list):
        for below in content:
            yield from _texts(below, keys, wanted)
    elif wanted and isinstance(content, str):
        yield content


def _spans(entities: list[dict[str, Any]]) -> Iterator[Span]:
    for one in entities:
        # Without its place a value cannot be exchanged.
        if isinstance(one.get("start"), int) and isinstance(one.get("end"), int):
            yield Span(one["start"], one["end"], one["entity"])


def _synonyms(
    sentences: Sequence[Sentence], synonyms: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """A synonym belongs to the entities that what it stands for is a value of."""
    annotated: dict[str, set[str]] = {}
    for sentence in sentences:
        for span in sentence.spans:
            annotated.setdefault(span.name, set()).add(sentence.text[span.begin : span.end].lower())
    for said, meant in synonyms.items():
        for name, known in annotated.items():
            if meant.lower() in known or said.lower() in known:
                yield name, said
