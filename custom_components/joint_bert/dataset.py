"""From Rasa's training data to labelled examples."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_GROUP,
    ENTITY_ATTRIBUTE_ROLE,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    EXTRACTOR,
    INTENT,
    METADATA,
    METADATA_EXAMPLE,
    METADATA_INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data import entities_parser
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert.labels import EntityLabel, Example, Span


class SentimentLabelError(RasaException):
    """A training example carries a sentiment that is not one of the configured classes."""


def read_examples(
    training_data: TrainingData,
    sentiment_key: str,
    sentiment_classes: Sequence[str],
    extractor: str,
) -> list[Example]:
    """Reads the examples that can teach the component anything.

    Args:
        training_data: Rasa's training data; examples of dialogue alone are left out.
        sentiment_key: The metadata key of the sentiment. The example's wins over the intent's.
        sentiment_classes: What may be written there.
        extractor: Entities that name another extractor than this one are not ours to learn.

    Raises:
        SentimentLabelError: A sentiment is none of the classes; names file, example and value.
    """
    examples = []
    for message in training_data.nlu_examples:
        text = message.get(TEXT)
        if not text or not text.strip():
            continue
        examples.append(
            Example(
                text=text,
                intent=message.get(INTENT) or None,
                sentiment=_sentiment(message, sentiment_key, sentiment_classes),
                spans=tuple(_spans(message, extractor)),
            )
        )
    return examples


def read_values(training_data: TrainingData, examples: Sequence[Example]) -> dict[str, set[str]]:
    """Reads what else entities may be called: from lookup tables and lists of synonyms.

    A lookup table is of the entity whose name it has. A list of synonyms has no entity's name: it
    is of each entity that is called one of them in an example.
    """
    found: dict[str, set[str]] = {}
    for table in training_data.lookup_tables:
        elements = table["elements"]
        # Rasa leaves a path where it could not read the file.
        if isinstance(elements, list):
            found.setdefault(table["name"], set()).update(map(str, elements))
    synonyms: dict[str, set[str]] = {}
    for variant, meaning in training_data.entity_synonyms.items():
        synonyms.setdefault(meaning, set()).add(variant)
    for example in examples:
        for span in example.spans or ():
            meaning = training_data.entity_synonyms.get(example.text[span.start : span.end])
            if meaning is not None:
                found.setdefault(span.label.entity, set()).update(synonyms[meaning])
    return found


def _sentiment(message: Message, key: str, classes: Sequence[str]) -> str | None:
    metadata = message.get(METADATA) or {}
    value: Any = None
    for level in (METADATA_INTENT, METADATA_EXAMPLE):
        fields = metadata.get(level)
        if isinstance(fields, dict) and fields.get(key) is not None:
            value = fields[key]
    if value is None or not classes:
        return None
    if str(value) not in classes:
        place = find_in_files(message.get(TEXT), Path.cwd())
        raise SentimentLabelError(
            f"{place or 'Training data'}: the example '{message.get(TEXT)}' of intent "
            f"'{message.get(INTENT)}' has {key} '{value}'; it must be one of {', '.join(classes)}."
        )
    return str(value)


def _spans(message: Message, extractor: str) -> Iterator[Span]:
    for entity in message.get(ENTITIES) or []:
        if entity.get(EXTRACTOR) in (None, extractor):
            yield Span(
                entity[ENTITY_ATTRIBUTE_START],
                entity[ENTITY_ATTRIBUTE_END],
                EntityLabel(
                    entity[ENTITY_ATTRIBUTE_TYPE],
                    entity.get(ENTITY_ATTRIBUTE_ROLE),
                    entity.get(ENTITY_ATTRIBUTE_GROUP),
                ),
            )


def find_in_files(text: str, root: Path) -> str | None:
    """Returns `file:line` of the YAML line below `root` that holds an example, if there is one.

    Rasa's messages do not remember their file; this is for error messages, where it matters.
    """
    for path in _yaml_files(root):
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            if text in entities_parser.replace_entities(line):
                return f"{path.relative_to(root)}:{number}"
    return None


def _yaml_files(root: Path) -> Iterator[Path]:
    for folder, subfolders, files in os.walk(root):
        # Environments and caches hold thousands of files and no training data.
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".")
            and name not in {"models", "node_modules", "venv", "site-packages"}
        )
        for name in sorted(files):
            if name.endswith((".yml", ".yaml")):
                yield Path(folder, name)
