"""Intent (and entity) accuracy, calibration, scope, robustness and cost on a folder of texts.

    python -m benchmarks.intents --data DIR [--train train_10] [--test test] [--seeds 3]
        [--systems parley,diet] [--json OUT] [--limit N]

`DIR` holds `<name>.jsonl` files with the fields `text` and `intent`, and where present
`entities`; `oos-test.jsonl`, `id-oos-test.jsonl` and `ood-oos-test.jsonl` hold texts that fit
no intent. All systems are trained and asked in turn on the same texts, through Rasa's own
training and parsing, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import metrics, runner, systems
from benchmarks.datasets import (
    OUT_OF_SCOPE_SPLITS,
    DatasetError,
    LabelledText,
    checksum,
    has_split,
    read_split,
)
from benchmarks.perturbation import PERTURBATIONS, perturb
from benchmarks.table import markdown, say

COLUMNS = (
    "accuracy",
    "macro_f1",
    "entity_f1",
    "ece",
    "accuracy_typing_error",
    "accuracy_lower_case_no_punctuation",
    "accuracy_misheard",
    "oos_auroc",
    "oos_fpr95",
    "oos_recall",
    "in_scope_accepted",
    "train_seconds",
    "parse_ms_p50",
    "parse_ms_p99",
    "peak_rss_mb",
)
FALLBACKS = {"nlu_fallback", "out_of_scope"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    options = _parser().parse_args(arguments)
    try:
        train = read_split(options.data, options.train, options.limit)
        test = read_split(options.data, options.test, options.limit)
        beyond = {
            name: read_split(options.data, name, options.limit)
            for name in OUT_OF_SCOPE_SPLITS
            if has_split(options.data, name)
        }
    except DatasetError as error:
        say(str(error))
        return 2
    names = [options.train, options.test, *beyond]
    shared = {
        "dataset": options.data.resolve().name,
        "train": options.train,
        "split": options.test,
        "data_sha256": checksum(options.data, names),
        "limit": options.limit,
        **runner.circumstances(),
    }
    records: list[runner.Record] = []
    for seed in range(options.seeds):
        for system in options.systems.split(","):
            say(f"{system}, seed {seed}: training on {len(train)} texts …")
            found = measure(system, seed, train, test, beyond, options.set)
            records.append({"system": system, "seed": seed, **shared, **found})
            say(_line(found))
            if options.json:
                runner.write_records(records, options.json)
    sys.stdout.write(markdown(records, COLUMNS) + "\n")
    return 0


def measure(
    system: str,
    seed: int,
    train: Sequence[LabelledText],
    test: Sequence[LabelledText],
    beyond: dict[str, list[LabelledText]],
    changes: dict[str, Any] | None = None,
) -> runner.Record:
    """Trains one system once and returns all figures that apply."""
    variants = {kind: perturb([one.text for one in test], kind, seed=0) for kind in PERTURBATIONS}
    parts = {"": [one.text for one in test], **variants}
    parts |= {name: [one.text for one in texts] for name, texts in beyond.items()}
    with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as place:
        folder = Path(place)
        model, seconds = runner.train(systems.pipeline(system, seed, changes), train, folder)
        asked = runner.parse(model, [text for texts in parts.values() for text in texts], folder)
    results = iter(asked["results"])
    by_part = {name: [next(results) for _ in texts] for name, texts in parts.items()}
    times = asked["milliseconds"][: len(test)]
    found: runner.Record = {
        "train_seconds": seconds,
        "parse_ms_p50": float(np.percentile(times, 50)),
        "parse_ms_p99": float(np.percentile(times, 99)),
        "peak_rss_mb": asked["peak_rss_mb"],
        "train_texts": len(train),
        "test_texts": len(test),
        **quality(test, by_part[""]),
    }
    for kind in PERTURBATIONS:
        found[f"accuracy_{kind}"] = metrics.accuracy(
            [one.label for one in test], [best_intent(one) for one in by_part[kind]]
        )
    for name in beyond:
        prefix = "" if len(beyond) == 1 else name.removesuffix("-test").replace("-", "_") + "_"
        found |= scope(by_part[""], by_part[name], prefix)
    if len(beyond) > 1:
        everything = [one for name in beyond for one in by_part[name]]
        found |= scope(by_part[""], everything, "")
    return found


def quality(test: Sequence[LabelledText], results: Sequence[dict[str, Any]]) -> runner.Record:
    """Accuracy, F1 and calibration of the best intent, whatever the fallback says of it."""
    wanted = [one.label for one in test]
    given = [best_intent(one) for one in results]
    found: runner.Record = {
        "accuracy": metrics.accuracy(wanted, given),
        "macro_f1": metrics.macro_f1(wanted, given),
        "ece": metrics.calibration_error(
            [best_confidence(one) for one in results],
            [one == other for one, other in zip(wanted, given, strict=True)],
        ),
    }
    entities = metrics.entity_f1(
        [one.entities for one in test], [one["entities"] for one in results]
    )
    return found if entities is None else {**found, "entity_f1": entities}


def scope(
    inside: Sequence[dict[str, Any]], outside: Sequence[dict[str, Any]], prefix: str
) -> runner.Record:
    """How well texts that fit no intent are told from those that do.

    By the confidence of the best intent, and by what the pipeline itself decided: in-scope
    texts accepted, out-of-scope ones turned into a fallback.
    """
    auroc, false_positives = metrics.out_of_scope(
        [best_confidence(one) for one in inside], [best_confidence(one) for one in outside]
    )
    return {
        f"{prefix}oos_auroc": auroc,
        f"{prefix}oos_fpr95": false_positives,
        f"{prefix}oos_recall": float(np.mean([is_fallback(one) for one in outside])),
        f"{prefix}in_scope_accepted": float(np.mean([not is_fallback(one) for one in inside])),
    }


def is_fallback(result: dict[str, Any]) -> bool:
    """Whether the pipeline declined to name an intent."""
    return result["intent"]["name"] in FALLBACKS


def best_intent(result: dict[str, Any]) -> str | None:
    """The best intent that the classifier found, before any fallback."""
    name: str | None = _best(result)["name"]
    return name


def best_confidence(result: dict[str, Any]) -> float:
    """The best intent's confidence, before any fallback."""
    return float(_best(result)["confidence"])


def _best(result: dict[str, Any]) -> dict[str, Any]:
    ranking = [one for one in result.get("intent_ranking", []) if one["name"] not in FALLBACKS]
    best: dict[str, Any] = ranking[0] if ranking else {"name": None, "confidence": 0.0}
    return best


def _line(found: runner.Record) -> str:
    told = ("accuracy", "entity_f1", "ece", "train_seconds", "parse_ms_p50")
    return "  " + ", ".join(f"{key} {found[key]:.4g}" for key in told if key in found)


def _settings(text: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(text)
    return settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of JSON Lines files")
    parser.add_argument("--train", default="train", help="name of the training split")
    parser.add_argument("--test", default="test", help="name of the split to report on")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--systems", default="parley,diet", help=",".join(systems.SYSTEMS))
    parser.add_argument("--json", type=Path, help="where to write the records")
    parser.add_argument("--limit", type=int, help="at most so many texts of each split")
    parser.add_argument(
        "--set", type=_settings, default={}, help="settings of the component that learns, as JSON"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
