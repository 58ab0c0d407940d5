"""Sentiment: accuracy, calibration and cost of the component's sentiment head.

    python -m benchmarks.sentiment --data DIR [--train train] [--test test] [--seeds 3]
        [--holdout 0.25] [--systems parley,tfidf] [--json OUT] [--limit N]

`DIR` holds `<name>.jsonl` files with the fields `text` and `label`; the labels found are the
classes. Where there is but one file, `--holdout` learns from a part of it and reports on the
rest. The head is trained and asked through Rasa; `tfidf` is a baseline without Rasa.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import metrics, options, runner, systems
from benchmarks.datasets import (
    DatasetError,
    LabelledText,
    checksum,
    has_split,
    held_out,
    limited,
    read_split,
    split_paths,
)
from benchmarks.repeating import measure_all
from benchmarks.table import say

COLUMNS = (
    "accuracy",
    "macro_f1",
    "macro_recall",
    "ece",
    "train_seconds",
    "parse_ms_p50",
    "parse_ms_p99",
    "peak_rss_mb",
)
SYSTEMS = ("parley", systems.BASELINE)
INTENT = "message"
"""The one intent of all texts: Rasa keeps no example without any."""


@dataclasses.dataclass(frozen=True)
class Parts:
    """Texts to learn from and to report on, and what they are called in a record."""

    train: list[LabelledText]
    test: list[LabelledText]
    train_name: str
    test_name: str
    files: list[Path]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__)
    parser.add_argument("--train", default="train", help="name of the training split")
    parser.add_argument("--test", default="test", help="name of the split to report on")
    parser.add_argument(
        "--holdout",
        type=options.share,
        help="learn from one file (--train's, or the only one) but for this share; report on that",
    )
    parser.add_argument("--seeds", type=options.positive, default=3)
    parser.add_argument("--systems", default=",".join(SYSTEMS), help=f"of {','.join(SYSTEMS)}")
    chosen = parser.parse_args(arguments)
    try:
        asked = systems.names(chosen.systems, SYSTEMS)
        parts = read_parts(chosen.data, chosen.train, chosen.test, chosen.holdout, chosen.limit)
        classes = classes_of(parts)
    except (DatasetError, ValueError) as error:
        say(str(error))
        return 2
    shared = {
        "benchmark": "sentiment",
        "dataset": chosen.data.resolve().name,
        "train": parts.train_name,
        "split": parts.test_name,
        "classes": classes,
        "data_sha256": checksum(parts.files),
        "limit": chosen.limit,
        **runner.circumstances(),
    }
    return measure_all(
        asked,
        chosen,
        shared,
        len(parts.train),
        lambda system, seed: measure(system, seed, parts.train, parts.test, classes, chosen.set),
        ("accuracy", "macro_recall", "ece", "train_seconds"),
        COLUMNS,
    )


def read_parts(
    folder: Path, train: str, test: str, fraction: float | None, limit: int | None
) -> Parts:
    """Reads two splits, or parts one file where a fraction to hold out is given.

    Raises:
        DatasetError: A split is missing; says what would help.
    """
    if fraction is None:
        missing = [name for name in (train, test) if not has_split(folder, name)]
        if missing and folder.is_dir() and any(folder.glob("*.jsonl")):
            there = ", ".join(sorted(path.stem for path in folder.glob("*.jsonl")))
            raise DatasetError(
                f"{folder} has no {' and no '.join(missing)} (there is: {there}). Name others "
                "with --train and --test, or part one file with --holdout 0.25."
            )
        parts = (read_split(folder, train, limit), read_split(folder, test, limit))
        return Parts(*parts, train, test, split_paths(folder, [train, test]))
    name = train
    if not has_split(folder, train):
        files = sorted(path.stem for path in folder.glob("*.jsonl"))
        if len(files) != 1:
            raise DatasetError(
                f"{folder} has no {train}.jsonl to part, and {len(files)} other files: name one "
                "with --train."
            )
        name = files[0]
    learnt, tested = held_out(read_split(folder, name), fraction)
    kept = f"{name}, {100 - round(100 * fraction)} %"
    rest = f"{name}, {round(100 * fraction)} %"
    parts = (limited(learnt, limit), limited(tested, limit))
    return Parts(*parts, kept, rest, split_paths(folder, [name]))


def classes_of(parts: Parts) -> list[str]:
    """Returns the labels found, in alphabetical order.

    Raises:
        DatasetError: A text has none, or there are less than two.
    """
    for one in (*parts.train, *parts.test):
        if one.label is None:
            raise DatasetError(f"The text '{one.text[:60]}' has no label.")
    classes = sorted({str(one.label) for one in parts.train})
    if len(classes) < 2:
        raise DatasetError(f"There is nothing to tell apart: the only label is {classes}.")
    return classes


def measure(
    system: str,
    seed: int,
    train: Sequence[LabelledText],
    test: Sequence[LabelledText],
    classes: list[str],
    changes: dict[str, Any] | None = None,
) -> runner.Record:
    """Trains one system once and returns all figures that apply."""
    texts = [one.text for one in test]
    through_rasa = system != systems.BASELINE
    if through_rasa:
        settings = {"sentiment_classes": classes, **(changes or {})}
        pipeline = systems.pipeline("parley-sentiment", seed, settings)
        labelled = [LabelledText(one.text, INTENT, sentiment=one.label) for one in train]
        asked = runner.train_and_parse(pipeline, labelled, texts)
        found = [one.get("sentiment") for one in asked["results"]]
    else:
        asked = runner.classify(train, texts)
        found = [one["intent"] for one in asked["results"]]
    return {
        "through_rasa": through_rasa,
        "train_texts": len(train),
        "test_texts": len(test),
        **runner.costs(asked, len(test)),
        **quality([one.label for one in test], found),
    }


def quality(
    wanted: Sequence[str | None], found: Sequence[dict[str, Any] | None]
) -> dict[str, float]:
    """Accuracy, F1, recall and calibration of sentiments; None is a text without an answer."""
    given = [None if one is None else one["name"] for one in found]
    return {
        "accuracy": metrics.accuracy(wanted, given),
        "macro_f1": metrics.macro_f1(wanted, given),
        "macro_recall": metrics.macro_recall(wanted, given),
        "ece": metrics.calibration_error(
            [0.0 if one is None else one["confidence"] for one in found],
            [one == other for one, other in zip(wanted, given, strict=True)],
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
