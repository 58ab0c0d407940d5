"""Figures of merit against ones worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import metrics


def span(start: int, end: int, name: str = "item", **more: str) -> dict[str, Any]:
    return {"start": start, "end": end, "entity": name, **more}


def test_calibration_error_by_hand() -> None:
    # Bin of 0.95: mean confidence 0.95, one right of two, gap 0.45, weight 1/2.
    # Bin of 0.55: right, gap 0.45, weight 1/4. Bin of 0.25: wrong, gap 0.25, weight 1/4.
    found = metrics.calibration_error([0.94, 0.96, 0.55, 0.25], [True, False, True, False])
    assert found == pytest.approx(0.5 * 0.45 + 0.25 * 0.45 + 0.25 * 0.25)


def test_calibration_error_of_the_honest_is_nothing() -> None:
    assert metrics.calibration_error([0.8] * 5, [True] * 4 + [False]) == pytest.approx(0.0)


def test_calibration_error_holds_the_ends_of_the_scale() -> None:
    assert metrics.calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert metrics.calibration_error([1.0, 0.0], [False, True]) == 1.0


def test_calibration_error_of_nothing() -> None:
    assert metrics.calibration_error([], []) == 0.0


def test_auroc_by_hand() -> None:
    # Pairs of one inside and one outside: 5 of 6 are in the right order.
    auroc, _ = metrics.out_of_scope([0.9, 0.8, 0.4], [0.5, 0.1])
    assert auroc == pytest.approx(5 / 6)


def test_ties_count_half() -> None:
    auroc, _ = metrics.out_of_scope([0.5], [0.5])
    assert auroc == pytest.approx(0.5)


def test_false_positives_at_95_percent_recall_by_hand() -> None:
    # Twenty inside: 0.31 … 0.50. 19 of them, 95 %, are at or above 0.32.
    inside = [0.31 + 0.01 * number for number in range(20)]
    outside = [0.315, 0.325, 0.45, 0.1]
    _, false_positives = metrics.out_of_scope(inside, outside)
    assert false_positives == pytest.approx(2 / 4)


def test_false_positives_at_a_threshold_on_a_straight_line() -> None:
    # Inside and outside alike: at each threshold as many of both get through. scikit-learn
    # leaves such thresholds out unless told otherwise, and 100 % would be reported.
    scores = [number / 20 for number in range(20)]
    _, false_positives = metrics.out_of_scope(scores, scores)
    assert false_positives == pytest.approx(0.95)


def test_perfect_separation() -> None:
    assert metrics.out_of_scope([0.9, 0.8], [0.1, 0.2]) == (1.0, 0.0)


def test_entity_f1_by_hand() -> None:
    wanted = [[span(0, 4), span(5, 9)], [span(0, 3, "list")]]
    found = [[span(0, 4)], [span(0, 3, "item")]]
    # One right, two missed, one too many: 2 / (2 + 2 + 1).
    assert metrics.entity_f1(wanted, found) == pytest.approx(2 / 5)


def test_an_entity_found_twice_is_right_once() -> None:
    assert metrics.entity_f1([[span(0, 4)]], [[span(0, 4), span(0, 4)]]) == pytest.approx(2 / 3)
    assert metrics.entity_f1([[span(0, 4), span(0, 4)]], [[span(0, 4)]]) == pytest.approx(2 / 3)


def test_roles_and_groups_are_part_of_an_entity() -> None:
    wanted = [[span(0, 4, "city", role="from")]]
    assert metrics.entity_f1(wanted, [[span(0, 4, "city", role="to")]]) == 0.0
    assert metrics.entity_f1(wanted, [[span(0, 4, "city")]]) == 0.0
    assert metrics.entity_f1(wanted, [[span(0, 4, "city", role="from", value="x")]]) == 1.0


def test_entity_f1_where_nothing_is_annotated() -> None:
    assert metrics.entity_f1([[], []], [[span(0, 1)], []]) is None


def test_accuracy_and_averages_over_classes() -> None:
    wanted, found = ["a", "a", "a", "b"], ["a", "a", None, "c"]
    assert metrics.accuracy(wanted, found) == 0.5
    assert metrics.macro_recall(wanted, found) == pytest.approx((2 / 3 + 0) / 2)
    # a: precision 1, recall 2/3, F1 0.8; b: 0. c is no wanted class.
    assert metrics.macro_f1(wanted, found) == pytest.approx(0.4)
