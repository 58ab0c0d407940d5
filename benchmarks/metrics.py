"""Figures of merit, from plain lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, recall_score, roc_auc_score, roc_curve

CALIBRATION_BINS = 15


def accuracy(wanted: Sequence[str | None], found: Sequence[str | None]) -> float:
    """Share of right answers."""
    return float(np.mean([one == other for one, other in zip(wanted, found, strict=True)]))


def macro_f1(wanted: Sequence[str | None], found: Sequence[str | None]) -> float:
    """F1 of each wanted class, averaged."""
    return _macro(f1_score, wanted, found)


def macro_recall(wanted: Sequence[str | None], found: Sequence[str | None]) -> float:
    """Recall of each wanted class, averaged (TweetEval's measure of sentiment)."""
    return _macro(recall_score, wanted, found)


def _macro(
    score: Callable[..., float], wanted: Sequence[str | None], found: Sequence[str | None]
) -> float:
    expected, given = list(map(str, wanted)), list(map(str, found))
    return float(
        score(expected, given, labels=sorted(set(expected)), average="macro", zero_division=0)
    )


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over 15 bins of equal width (Guo et al. 2017).

    0 where a confidence of 0.8 is right four times out of five, and so for every other one.
    """
    sure = np.asarray(confidences, dtype=float)
    hits = np.asarray(right, dtype=float)
    bins = np.clip((sure * CALIBRATION_BINS).astype(int), 0, CALIBRATION_BINS - 1)
    gaps = [
        (bins == number).sum() * abs(hits[bins == number].mean() - sure[bins == number].mean())
        for number in np.unique(bins)
    ]
    return float(sum(gaps) / max(len(sure), 1))


def entity_f1(
    wanted: Sequence[Sequence[dict[str, Any]]], found: Sequence[Sequence[dict[str, Any]]]
) -> float | None:
    """F1 over whole spans with their labels; None where nothing is annotated."""
    if not any(wanted):
        return None
    right = missed = extra = 0
    for expected, given in zip(wanted, found, strict=True):
        one, other = Counter(map(_span, expected)), Counter(map(_span, given))
        right += (one & other).total()
        missed += (one - other).total()
        extra += (other - one).total()
    return 2 * right / (2 * right + missed + extra) if right else 0.0


def _span(entity: dict[str, Any]) -> tuple[Any, ...]:
    return (
        entity["start"],
        entity["end"],
        entity["entity"],
        entity.get("role"),
        entity.get("group"),
    )


def out_of_scope(in_scope: Sequence[float], beyond: Sequence[float]) -> tuple[float, float]:
    """AUROC, and false positives at 95 % recall, of scores that are high in scope.

    The second is the share of out-of-scope texts that are taken for in-scope ones at the
    threshold which lets 95 % of the in-scope texts through.
    """
    truth = [1] * len(in_scope) + [0] * len(beyond)
    scores = [*in_scope, *beyond]
    # Every threshold: what lies on a straight line between two others counts here too.
    false_positives, recalls, _ = roc_curve(truth, scores, drop_intermediate=False)
    return float(roc_auc_score(truth, scores)), float(false_positives[recalls >= 0.95].min())
