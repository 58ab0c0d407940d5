"""Labelled texts: folders of JSON Lines, one text a line, or Rasa's own training data."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OUT_OF_SCOPE_SPLITS = ("oos-test", "id-oos-test", "ood-oos-test")


class DatasetError(Exception):
    """A folder or a line is not what a benchmark can read; the message says where and why."""


@dataclass(frozen=True)
class LabelledText:
    """A text with its intent or label, entities in Rasa's form, and its sentiment if known."""

    text: str
    label: str | None
    entities: list[dict[str, Any]] = field(default_factory=list)
    sentiment: str | None = None


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
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text ({error}).") from error
    texts = [_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not texts:
        raise DatasetError(f"{path} holds no texts.")
    return limited(texts, limit)


def _read_line(path: Path, number: int, line: str) -> LabelledText:
    try:
        fields = json.loads(line)
        text = fields["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path}, line {number}: no JSON object with a text ({error!r})."
        ) from error
    if not isinstance(text, str):
        raise DatasetError(f"{path}, line {number}: the text is {text!r}, not a string.")
    label = fields.get("intent", fields.get("label"))
    sentiment = fields.get("sentiment")
    entities = fields.get("entities") or []
    for entity in entities:
        if not isinstance(entity, dict) or not {"start", "end", "entity"} <= entity.keys():
            raise DatasetError(
                f"{path}, line {number}: the entity {entity!r} lacks its start, end or name."
            )
    return LabelledText(
        text,
        None if label is None else str(label),
        entities,
        None if sentiment is None else str(sentiment),
    )


def read_nlu(path: Path, sentiment_key: str = "sentiment") -> list[LabelledText]:
    """Reads Rasa's training data, a file or a folder, with the sentiment out of the metadata.

    Stories and rules that lie in the folder too are passed over.

    Raises:
        DatasetError: There is nothing, or nothing that Rasa can read.
    """
    from rasa.shared.data import get_data_files, is_nlu_file
    from rasa.shared.exceptions import RasaException
    from rasa.shared.nlu.training_data.loading import load_data

    if not path.exists():
        raise DatasetError(f"There is no {path}: neither a file nor a folder of training data.")
    try:
        files = get_data_files([str(path)], is_nlu_file)
        messages = [one for file in files for one in load_data(file).intent_examples]
    except (RasaException, ValueError) as error:
        raise DatasetError(f"Rasa cannot read {path}: {error}") from error
    if not messages:
        raise DatasetError(f"{path} holds no examples of intents.")
    found = []
    for message in messages:
        metadata = message.get("metadata") or {}
        sentiment = None
        for level in ("intent", "example"):
            fields = metadata.get(level)
            if isinstance(fields, dict):
                sentiment = fields.get(sentiment_key, sentiment)
        found.append(
            LabelledText(
                message.get("text"),
                message.get("intent"),
                [dict(entity) for entity in message.get("entities") or []],
                sentiment,
            )
        )
    return found


def limited(texts: Sequence[LabelledText], limit: int | None) -> list[LabelledText]:
    """Returns at most `limit` texts, the labels in equal shares; the same ones each time."""
    if limit is None:
        return list(texts)
    source = random.Random(0)
    piles = [source.sample(pile, len(pile)) for pile in _by_label(texts)]
    chosen: list[LabelledText] = []
    while len(chosen) < min(limit, len(texts)):
        for pile in piles:
            if pile and len(chosen) < limit:
                chosen.append(pile.pop())
    return chosen


def held_out(
    texts: Sequence[LabelledText], fraction: float, seed: int = 0
) -> tuple[list[LabelledText], list[LabelledText]]:
    """Parts texts into those to learn from and a share of each label's to test on."""
    source = random.Random(seed)
    learnt: list[LabelledText] = []
    tested: list[LabelledText] = []
    for pile in _by_label(texts):
        pile = source.sample(pile, len(pile))
        count = min(round(len(pile) * fraction), len(pile) - 1)
        tested.extend(pile[:count])
        learnt.extend(pile[count:])
    return learnt, tested


def _by_label(texts: Iterable[LabelledText]) -> list[list[LabelledText]]:
    piles: dict[str | None, list[LabelledText]] = {}
    for one in texts:
        piles.setdefault(one.label, []).append(one)
    return [pile for _, pile in sorted(piles.items(), key=lambda item: str(item[0]))]


def write_texts(texts: Iterable[LabelledText], path: Path) -> None:
    """Writes texts for `benchmarks.importer` to read."""
    path.write_text(json.dumps([asdict(one) for one in texts]), encoding="utf-8")


def checksum(paths: Iterable[Path]) -> str:
    """Returns the SHA-256 over files and over the files in folders, with their names."""
    digest = hashlib.sha256()
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_file():
                digest.update(file.name.encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def split_paths(folder: Path, names: Iterable[str]) -> list[Path]:
    """Returns the files of a folder's splits."""
    return [folder / f"{name}.jsonl" for name in names]


def has_split(folder: Path, name: str) -> bool:
    """Whether a folder has a split of this name."""
    return (folder / f"{name}.jsonl").is_file()
