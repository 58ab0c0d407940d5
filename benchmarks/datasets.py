"""Folders of labelled texts in JSON Lines, one text a line."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

OUT_OF_SCOPE_SPLITS = ("oos-test", "id-oos-test", "ood-oos-test")


class DatasetError(Exception):
    """A folder or a line is not what a benchmark can read; the message says where and why."""


@dataclass(frozen=True)
class LabelledText:
    """A text with its intent or label, and entities in Rasa's form."""

    text: str
    label: str | None
    entities: list[dict[str, Any]] = field(default_factory=list)

    def as_message(self) -> Message:
        """Returns it as Rasa's training example."""
        return Message.build(self.text, self.label, self.entities or None)


def read_split(folder: Path, name: str, limit: int | None = None) -> list[LabelledText]:
    """Reads `<folder>/<name>.jsonl`.

    Args:
        folder: The data set's folder.
        name: The split's name.
        limit: With fewer texts for a quick try, the labels in equal shares.

    Raises:
        DatasetError: The file is not there, or a line lacks its text.
    """
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        raise DatasetError(
            f"There is no {path}. Public sets, and where they come from: benchmarks/README.md."
        )
    texts = [_read_line(path, number, line) for number, line in enumerate(_lines(path), 1)]
    return texts if limit is None else _limited(texts, limit)


def _lines(path: Path) -> Iterable[str]:
    return (line for line in path.read_text(encoding="utf-8").split("\n") if line.strip())


def _read_line(path: Path, number: int, line: str) -> LabelledText:
    try:
        fields = json.loads(line)
        text = fields["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path}, line {number}: no JSON object with a text ({error})"
        ) from error
    label = fields.get("intent", fields.get("label"))
    return LabelledText(
        str(text), None if label is None else str(label), fields.get("entities") or []
    )


def _limited(texts: Sequence[LabelledText], limit: int) -> list[LabelledText]:
    by_label: dict[str | None, list[LabelledText]] = {}
    for one in texts:
        by_label.setdefault(one.label, []).append(one)
    source = random.Random(0)
    piles = [source.sample(pile, len(pile)) for _, pile in sorted(by_label.items(), key=str)]
    chosen: list[LabelledText] = []
    while len(chosen) < min(limit, len(texts)):
        for pile in piles:
            if pile and len(chosen) < limit:
                chosen.append(pile.pop())
    return chosen


def as_training_data(texts: Iterable[LabelledText]) -> TrainingData:
    """Returns texts as Rasa's training data."""
    return TrainingData([one.as_message() for one in texts])


def checksum(folder: Path, names: Sequence[str]) -> str:
    """Returns the SHA-256 over the given splits' files."""
    digest = hashlib.sha256()
    for name in names:
        path = folder / f"{name}.jsonl"
        if path.is_file():
            digest.update(name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def has_split(folder: Path, name: str) -> bool:
    """Whether a folder has a split of this name."""
    return (folder / f"{name}.jsonl").is_file()
