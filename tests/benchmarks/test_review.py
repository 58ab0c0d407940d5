"""What the simulated reviews come to, by arithmetic that can be done by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import review, runner
from benchmarks.datasets import LabelledText
from tests.benchmarks.conftest import WriteSplit


def test_labels_are_read_between_two_points() -> None:
    curve = [(0, 0.80), (100, 0.84), (200, 0.88)]
    assert review.labels_for(0.86, curve) == pytest.approx(150)
    assert review.labels_for(0.79, curve) == 0
    assert review.labels_for(0.89, curve) is None


def test_the_verdict_names_every_order_that_was_measured() -> None:
    found = [("start", 0, 0.8), ("goal", 0, 0.88), ("parley", 100, 0.9), ("chance", 300, 0.85)]
    records = [{"order": a, "labels": b, "accuracy": c} for a, b, c in found]
    assert review.verdict(records) == "Labels for 88.0 %: parley 80, chance more than 300."


def read(*confidences: float) -> list[dict[str, Any]]:
    return [
        {
            "intent": {"name": "a", "confidence": value},
            "intent_ranking": [{"name": "a", "confidence": value}],
        }
        for value in confidences
    ]


def test_the_orders() -> None:
    left = [LabelledText(text, "a") for text in ("one", "two", "three")]
    assert review.least_confidence([], left, read(0.5, 0.2, 0.9), 2) == [1, 0]

    def apart(texts: Any) -> Any:
        places = {"one": 0, "two": 1, "three": 2, "known": 1}
        return np.eye(3, dtype=np.float32)[[places[text] for text in texts]]

    # "two" is the least sure, and is what is known already.
    known = [LabelledText("known", "a")]
    assert review.ParleysOrder(apart)(known, left, read(0.5, 0.2, 0.9), 3) == [0, 2, 1]


def test_rounds_never_show_a_message_twice(
    write_split: WriteSplit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"text": f"message {number}", "intent": f"i{number % 3}"} for number in range(30)]
    for name, part in (("train_5", rows[:6]), ("train_10", rows[:12]), ("test", rows[:9])):
        write_split(name, part)
    folder = write_split("train", rows)
    trained: list[list[str]] = []

    def learn(pipeline: Any, texts: Any, asked: list[str]) -> dict[str, Any]:
        trained.append([one.text for one in texts])
        return {"results": read(*(0.5 for _ in asked)), "train_seconds": 1.0}

    monkeypatch.setattr(runner, "train_and_parse", learn)
    output = tmp_path / "out.json"
    arguments = ["--data", str(folder), "--labels", "4,8", "--chance", "5", "--json", str(output)]
    assert review.main([*arguments, "--orders", "least_confidence,chance"]) == 0
    records = json.loads(output.read_text(encoding="utf-8"))
    assert [(one["order"], one["labels"]) for one in records] == [
        *(("start", 0), ("goal", 0)),
        *(("least_confidence", 4), ("least_confidence", 8), ("chance", 5)),
    ]
    assert [len(texts) for texts in trained] == [6, 12, 10, 14, 11]
    assert all(len(set(texts)) == len(texts) for texts in trained)
    assert trained[3][:10] == trained[2]
    assert review.main(["--data", str(tmp_path / "nowhere")]) == 2
