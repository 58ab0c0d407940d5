"""A tiny BERT made in code, and a data set small enough to learn in a second."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_encoder import save_tiny_encoder

WORDS = "hello hi there bye see you later buy milk eggs bread i am so sad happy great awful day"

TEXTS = {
    "greet": ["hello", "hi there", "hello there", "hi", "hello you", "hi hi", "hi you", "hello hi"],
    "bye": ["bye", "see you", "see you later", "bye bye", "bye you", "later", "see", "bye there"],
    "buy": ["buy milk", "buy eggs", "buy bread", "milk", "eggs", "bread", "buy", "buy milk eggs"],
}
SENTIMENTS = {
    "positive": ["i am happy", "great day", "so great", "so happy", "happy day", "i am so happy"],
    "negative": ["i am sad", "awful day", "so awful", "so sad", "sad day", "i am so sad"],
}

WriteSplit = Callable[[str, Iterable[dict[str, Any]]], Path]


def make_encoder(folder: Path, width: int = 32) -> Path:
    """Saves a BERT that knows the words of the data sets below."""
    return save_tiny_encoder(folder, WORDS.split(), width)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of 2 layers, 32 wide."""
    return make_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture
def write_split(tmp_path: Path) -> WriteSplit:
    """Writes `<tmp_path>/<name>.jsonl`; returns the folder."""

    def write(name: str, rows: Iterable[dict[str, Any]]) -> Path:
        lines = [json.dumps(row) + "\n" for row in rows]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        return tmp_path

    return write


def intent_rows(first: int, last: int) -> list[dict[str, Any]]:
    """Returns some texts of each intent, an entity among them."""
    rows: list[dict[str, Any]] = []
    for intent, texts in TEXTS.items():
        for text in texts[first:last]:
            row: dict[str, Any] = {"text": text, "intent": intent}
            if text == "buy milk":
                row["entities"] = [{"start": 4, "end": 8, "entity": "item", "value": "milk"}]
            rows.append(row)
    return rows


def sentiment_rows() -> list[dict[str, Any]]:
    """Returns all texts with a sentiment."""
    return [{"text": text, "label": label} for label, texts in SENTIMENTS.items() for text in texts]
