"""Intervals, comparisons and corrections, held against values that are known otherwise."""

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from scripts.audit.statistics import Outcome, compare, holm, interval
from scripts.report.figures import wilson_interval


def outcomes(group: str, failures: int, cases: int, block: str | None = None) -> list[Outcome]:
    """Cases of a group, the failed ones first; each a block of its own unless one is named."""
    return [
        Outcome(group, block or f"{group}{number}", f"{group}{number}", number < failures)
        for number in range(cases)
    ]


def test_wilson_is_what_scipy_has() -> None:
    known = binomtest(3, 10).proportion_ci(method="wilson")
    assert wilson_interval(0.3, 10) == pytest.approx((known.low, known.high), abs=1e-5)


def test_sentences_of_their_own_count_in_full() -> None:
    # Kish's design effect of single cases is n / (n - 1), from the variance's own correction.
    assert interval(outcomes("a", 3, 10)) == pytest.approx(wilson_interval(0.3, 9))


def test_cases_that_fail_together_count_once() -> None:
    clustered = [
        Outcome("a", f"block {block}", str(case), block < 3)
        for block in range(10)
        for case in range(20)
    ]
    assert interval(clustered) == pytest.approx(wilson_interval(0.3, 9))


def test_where_nothing_fails_the_interval_still_has_a_width() -> None:
    low, high = interval(outcomes("a", 0, 10))
    assert low == 0
    assert high == pytest.approx(0.2775, abs=1e-4)


@pytest.mark.parametrize(("first", "second"), [(6, 1), (5, 4), (8, 0)])
def test_exchanging_units_is_fishers_exact_test(first: int, second: int) -> None:
    # With groups of a size and one case a unit, both count the same tables.
    found = compare(
        outcomes("a", first, 8, "all") + outcomes("b", second, 8, "all"), exchange="units"
    )
    assert found is not None
    exact = fisher_exact([[first, 8 - first], [second, 8 - second]]).pvalue
    assert found.p == pytest.approx(exact, abs=0.012)
    assert found.difference == pytest.approx((first - second) / 8)
    assert (found.most, found.fewest) == ("a", "b")


def test_exchanging_within_blocks_is_mcnemars_exact_test() -> None:
    pairs = [(True, False)] * 9 + [(False, True)] + [(True, True)] * 3 + [(False, False)] * 7
    found = compare(
        [
            Outcome(group, f"pair {number}", "", failed)
            for number, pair in enumerate(pairs)
            for group, failed in zip("ab", pair, strict=True)
        ],
        exchange="within",
    )
    assert found is not None
    assert found.p == pytest.approx(binomtest(1, 10).pvalue, abs=0.006)
    assert found.difference == pytest.approx(8 / 20)


def test_units_keep_their_cases_together() -> None:
    """One bad name in ten sentences is one bad name, and not ten bad cases."""
    together = [
        Outcome(group, f"sentence {sentence}", f"{group}{name}", group == "a" and name == 0)
        for group in "ab"
        for name in range(8)
        for sentence in range(10)
    ]
    by_name = compare(together, exchange="units")
    by_case = compare(together, exchange="within")
    assert by_name is not None and by_case is not None
    assert by_name.p == 1.0
    assert by_case.p < 0.01


def test_a_small_group_does_not_hide_a_difference_between_large_ones() -> None:
    found = compare(
        outcomes("many", 30, 100, "all")
        + outcomes("few", 5, 100, "all")
        + outcomes("one", 1, 2, "all"),
        exchange="units",
    )
    assert found is not None
    assert (found.most, found.fewest) == ("many", "few")
    assert found.p < 0.001


def test_without_failures_nothing_differs() -> None:
    found = compare(outcomes("a", 0, 5, "all") + outcomes("b", 0, 5, "all"), exchange="within")
    assert found is not None
    assert (found.difference, found.p) == (0, 1)


def test_one_group_is_compared_with_none() -> None:
    assert compare(outcomes("a", 2, 5), exchange="units") is None


def test_where_groups_make_no_difference_one_in_twenty_is_called_one() -> None:
    generator = np.random.default_rng(1)
    called = 0
    for _ in range(150):
        chance = [
            Outcome(group, f"sentence {sentence}", "", bool(generator.random() < 0.3))
            for sentence in range(12)
            for group in "abcd"
        ]
        found = compare(chance, exchange="within", permutations=199)
        assert found is not None
        called += found.p <= 0.05
    # 99.9 % of the binomial distribution with 150 tries and a chance of 0.05.
    assert called <= 17


def test_holm_is_what_the_paper_does() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
