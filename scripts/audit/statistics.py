"""How far the rates of an audit can be believed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.audit.cases import Exchange
from scripts.report.figures import wilson_interval

PERMUTATIONS = 9_999
"""Random exchanges between groups: p is exact to some 0.002 where it is 0.05."""
_SEED = 20
_AT_ONCE = 500
"""Exchanges that are worked at together: what bounds the memory."""


@dataclass(frozen=True)
class Outcome:
    """How a case ended."""

    group: str
    block: str
    unit: str
    failed: bool


@dataclass(frozen=True)
class Comparison:
    """The two groups that differ most, for their sizes, and whether that is chance."""

    most: str
    fewest: str
    difference: float
    """Between their rates."""
    p: float
    """How often a difference as large as this comes about where groups make none."""


def interval(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Returns where the true rate lies with 95 % certainty.

    Cases of one template fail together, so that a hundred of them tell less than a hundred
    sentences of their own. So it is Wilson's interval on the effective number of cases: the number
    divided by Kish's design effect, from the variance between blocks (Korn and Graubard 1998).
    """
    failures, sizes = _counts(outcomes)
    cases, blocks = sizes.sum(), len(sizes)
    rate = float(failures.sum() / cases)
    effect = 1.0
    if blocks > 1 and 0 < rate < 1:
        between = blocks / (blocks - 1) * float(((failures - rate * sizes) ** 2).sum()) / cases**2
        effect = max(1.0, between / (rate * (1 - rate) / cases))
    return wilson_interval(rate, float(cases) / effect)


def compare(
    outcomes: Sequence[Outcome], exchange: Exchange, permutations: int = PERMUTATIONS
) -> Comparison | None:
    """Compare the groups by a permutation test on the largest difference between two rates.

    Differences are measured by their standard errors but for a factor that all share, as in the
    test of Tukey and Kramer. As the largest of all pairs is compared with the largest of each
    exchange, p holds for all pairs of groups together.

    Args:
        outcomes: Of all cases of a test.
        exchange: What is exchanged: `units`, each with all of its cases, as which name stands
            for which origin is chance as well; or cases `within` a block.
        permutations: How many exchanges are drawn.

    Returns:
        None where there is but one group.
    """
    groups = sorted({outcome.group for outcome in outcomes})
    if len(groups) < 2:
        return None
    sizes, failures = _by_group(outcomes, groups)
    rates = failures / sizes
    first, second = np.triu_indices(len(groups), 1)
    # A difference between small groups is chance sooner than one between large ones.
    weights = 1 / np.sqrt(1 / sizes[first] + 1 / sizes[second])
    measured = np.abs(rates[first] - rates[second]) * weights
    largest = int(measured.argmax())
    draw = _exchanges_within if exchange == "within" else _exchanges_of_units
    generator = np.random.default_rng(_SEED)
    as_large = 0
    for start in range(0, permutations, _AT_ONCE):
        drawn = draw(outcomes, groups, min(_AT_ONCE, permutations - start), generator)
        differences = np.abs(drawn[:, first] - drawn[:, second]) * weights
        as_large += int((differences.max(axis=1) >= measured[largest] - 1e-12).sum())
    pair = sorted((first[largest], second[largest]), key=lambda number: -rates[number])
    return Comparison(
        most=groups[pair[0]],
        fewest=groups[pair[1]],
        difference=float(rates[pair[0]] - rates[pair[1]]),
        p=(1 + as_large) / (1 + permutations),
    )


def holm(values: Sequence[float]) -> list[float]:
    """Adjusts p-values for there being several of them (Holm 1979), in their own order."""
    order = sorted(range(len(values)), key=lambda number: values[number])
    adjusted, least = [0.0] * len(values), 0.0
    for rank, number in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[number]))
        adjusted[number] = least
    return adjusted


def _by_group(
    outcomes: Sequence[Outcome], groups: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sizes, failures = np.zeros(len(groups)), np.zeros(len(groups))
    numbers = {group: number for number, group in enumerate(groups)}
    for outcome in outcomes:
        sizes[numbers[outcome.group]] += 1
        failures[numbers[outcome.group]] += outcome.failed
    return sizes, failures


def _exchanges_within(
    outcomes: Sequence[Outcome],
    groups: Sequence[str],
    draws: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """The groups' rates, by draw and group, with the cases of each block exchanged."""
    numbers = {group: number for number, group in enumerate(groups)}
    sizes, failures = np.zeros(len(groups)), np.zeros((draws, len(groups)))
    for block in _blocks(outcomes).values():
        labels = np.array([numbers[outcome.group] for outcome in block])
        np.add.at(sizes, labels, 1)
        failed = np.array([outcome.failed for outcome in block], dtype=np.float64)
        if failed.any():
            drawn = generator.permuted(np.tile(failed, (draws, 1)), axis=1)
            for place, label in enumerate(labels):
                failures[:, label] += drawn[:, place]
    return failures / sizes


def _exchanges_of_units(
    outcomes: Sequence[Outcome],
    groups: Sequence[str],
    draws: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """The groups' rates, by draw and group, with whole units exchanged."""
    numbers = {group: number for number, group in enumerate(groups)}
    # The same word may stand in two groups, and is then two units.
    units: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        units[outcome.group, outcome.unit].append(outcome)
    labels = np.tile([numbers[group] for group, _ in units], (draws, 1))
    labels = generator.permuted(labels, axis=1)
    failed = np.array([sum(one.failed for one in cases) for cases in units.values()])
    sizes = np.array([len(cases) for cases in units.values()])
    rates = np.empty((draws, len(groups)))
    for number in range(len(groups)):
        chosen = labels == number
        rates[:, number] = (chosen * failed).sum(axis=1) / (chosen * sizes).sum(axis=1)
    return rates


def _blocks(outcomes: Sequence[Outcome]) -> Mapping[str, list[Outcome]]:
    blocks: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        blocks[outcome.block].append(outcome)
    return blocks


def _counts(outcomes: Sequence[Outcome]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    blocks = _blocks(outcomes).values()
    failures = [sum(outcome.failed for outcome in block) for block in blocks]
    return np.array(failures, dtype=np.float64), np.array([len(block) for block in blocks], float)
