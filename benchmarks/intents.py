"""Intent (and entity) accuracy, calibration, scope, robustness and cost on a folder of texts.

    python -m benchmarks.intents --data DIR [--train train_10] [--test test] [--seeds 3]
        [--systems parley,diet,tfidf] [--json OUT] [--limit N]

`DIR` holds `<name>.jsonl` files with the fields `text` and `intent`, and where present
`entities`; any of `oos-test.jsonl`, `id-oos-test.jsonl` and `ood-oos-test.jsonl` holds texts
that fit no intent (near to the domain, and far from it). All systems are trained and asked in
turn on the same texts, each in a process of its own: through Rasa's own training and parsing,
but for `tfidf`, a baseline without Rasa.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import metrics, options, runner, systems
from benchmarks.datasets import (
    OUT_OF_SCOPE_SPLITS,
    DatasetError,
    LabelledText,
    checksum,
    has_split,
    read_split,
    split_paths,
)
from benchmarks.perturbation import PERTURBATIONS, perturb
from benchmarks.repeating import measure_all
from benchmarks.table import say

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
    "id_oos_auroc",
    "id_oos_recall",
    "ood_oos_auroc",
    "ood_oos_recall",
    "train_seconds",
    "parse_ms_p50",
    "parse_ms_p99",
    "peak_rss_mb",
)
TOLD = ("accuracy", "entity_f1", "ece", "train_seconds", "parse_ms_p50")
SYSTEMS = ("parley", "diet", systems.BASELINE)
FALLBACK = "nlu_fallback"
DECLINED = {FALLBACK, "out_of_scope"}
"""Intents that say: none of what I know."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__)
    parser.add_argument("--train", default="train", help="name of the training split")
    parser.add_argument("--test", default="test", help="name of the split to report on")
    parser.add_argument("--seeds", type=options.positive, default=3)
    parser.add_argument("--systems", default="parley,diet", help=f"of {','.join(SYSTEMS)}")
    chosen = parser.parse_args(arguments)
    try:
        asked = systems.names(chosen.systems, SYSTEMS)
        train = read_split(chosen.data, chosen.train, chosen.limit)
        test = read_split(chosen.data, chosen.test, chosen.limit)
        beyond = {
            name: read_split(chosen.data, name, chosen.limit)
            for name in OUT_OF_SCOPE_SPLITS
            if has_split(chosen.data, name)
        }
    except (DatasetError, ValueError) as error:
        say(str(error))
        return 2
    splits = split_paths(chosen.data, [chosen.train, chosen.test, *beyond])
    shared = {
        "benchmark": "intents",
        "dataset": chosen.data.resolve().name,
        "train": chosen.train,
        "split": chosen.test,
        "data_sha256": checksum(splits),
        "limit": chosen.limit,
        **runner.circumstances(),
    }
    return measure_all(
        asked,
        chosen,
        shared,
        len(train),
        lambda system, seed: measure(system, seed, train, test, beyond, chosen.set),
        TOLD,
        COLUMNS,
    )


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
    texts = [text for part in parts.values() for text in part]
    through_rasa = system != systems.BASELINE
    if through_rasa:
        asked = runner.train_and_parse(systems.pipeline(system, seed, changes), train, texts)
    else:
        asked = runner.classify(train, texts)
    results = iter(asked["results"])
    by_part = {name: [next(results) for _ in part] for name, part in parts.items()}
    found: runner.Record = {
        "through_rasa": through_rasa,
        "train_texts": len(train),
        "test_texts": len(test),
        **runner.costs(asked, len(test)),
        **quality(test, by_part[""]),
    }
    for kind in PERTURBATIONS:
        found[f"accuracy_{kind}"] = metrics.accuracy(
            [one.label for one in test], [best_intent(one) for one in by_part[kind]]
        )
    for name in beyond:
        # "id_" near to the domain, "ood_" far from it.
        prefix = "" if len(beyond) == 1 else name.removesuffix("oos-test").replace("-", "_")
        found |= scope(by_part[""], by_part[name], prefix, has_fallback=through_rasa)
    if len(beyond) > 1:
        everything = [one for name in beyond for one in by_part[name]]
        found |= scope(by_part[""], everything, "", has_fallback=through_rasa)
    return found


def quality(test: Sequence[LabelledText], results: Sequence[dict[str, Any]]) -> runner.Record:
    """Accuracy, F1 and calibration of the best intent, whatever the fallback says of it."""
    wanted = [one.label for one in test]
    given = [best_intent(one) for one in results]
    found: runner.Record = {
        "accuracy": metrics.accuracy(wanted, given),
        "macro_f1": metrics.macro_f1(wanted, given),
        "ece": metrics.calibration_error(
            [best(one)["confidence"] for one in results],
            [one == other for one, other in zip(wanted, given, strict=True)],
        ),
    }
    entities = metrics.entity_f1(
        [one.entities for one in test], [one["entities"] for one in results]
    )
    return found if entities is None else {**found, "entity_f1": entities}


def scope(
    inside: Sequence[dict[str, Any]],
    outside: Sequence[dict[str, Any]],
    prefix: str,
    has_fallback: bool = True,
) -> runner.Record:
    """How well texts that fit no intent are told from those that do.

    By the confidence of the best intent, and, where there is a fallback, by what the pipeline
    itself decided: in-scope texts accepted, out-of-scope ones turned into a fallback.
    """
    auroc, false_positives = metrics.out_of_scope(
        [in_scope_confidence(one) for one in inside], [in_scope_confidence(one) for one in outside]
    )
    found = {f"{prefix}oos_auroc": auroc, f"{prefix}oos_fpr95": false_positives}
    if has_fallback:
        found[f"{prefix}oos_recall"] = float(np.mean([is_declined(one) for one in outside]))
        accepted = [not is_declined(one) for one in inside]
        found[f"{prefix}in_scope_accepted"] = float(np.mean(accepted))
    return found


def is_declined(result: dict[str, Any]) -> bool:
    """Whether the pipeline declined to name an intent."""
    return result["intent"]["name"] in DECLINED


def best_intent(result: dict[str, Any]) -> str | None:
    """The best intent that the classifier found, before any fallback."""
    name: str | None = best(result)["name"]
    return name


def in_scope_confidence(result: dict[str, Any]) -> float:
    """How well a text fits any intent: what the system says of it, else its best confidence."""
    if "in_scope" in result:
        return float(result["in_scope"])
    return float(best(result, DECLINED)["confidence"])


def best(result: dict[str, Any], but: set[str] | None = None) -> dict[str, Any]:
    """Returns name and confidence of the best intent, by default before the fallback."""
    without = {FALLBACK} if but is None else but
    for one in result.get("intent_ranking", []):
        if one["name"] not in without:
            found: dict[str, Any] = one
            return found
    return {"name": None, "confidence": 0.0}


if __name__ == "__main__":
    sys.exit(main())
