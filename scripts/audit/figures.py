"""From verdicts to what is told: rates, intervals, groups side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scripts.audit.cases import AuditTest
from scripts.audit.judging import ASPECTS, Verdict, judge_all
from scripts.audit.reading import Reading
from scripts.audit.statistics import Comparison, Outcome, compare, holm, interval

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Rate:
    """How many of some cases failed."""

    name: str
    cases: int
    failures: int
    rate: float
    interval: tuple[float, float]
    """Where the true rate lies with 95 % certainty."""
    aspects: Mapping[str, int]
    """How many failed in what: intent, sentiment, entities."""


@dataclass(frozen=True)
class Failure:
    """A case that failed."""

    text: str
    group: str
    reference: str | None
    wrong: Sequence[tuple[str, str, str]]
    """Aspect, what it should have been, what it was."""


@dataclass(frozen=True)
class TestFigures:
    """All that is told of a test."""

    __test__ = False

    name: str
    about: str
    kind: str
    total: Rate
    groups: Sequence[Rate]
    """The most failures first."""
    comparison: Comparison | None
    """None where there is but one group."""
    adjusted_p: float | None
    """With there being several tests counted in (Holm)."""
    limit: float
    failures: Sequence[Failure]

    @property
    def is_above_limit(self) -> bool:
        """Whether more fail than may."""
        return self.total.rate > self.limit

    @property
    def differs_by_group(self) -> bool:
        """Whether the difference between its groups is hardly chance."""
        return self.adjusted_p is not None and self.adjusted_p < SIGNIFICANT


def figures_of(
    tests: Sequence[AuditTest], readings: Mapping[str, Reading], limit: float
) -> list[TestFigures]:
    """Judges tests that have cases.

    Args:
        tests: The tests.
        readings: Of every sentence in them.
        limit: The share of failures that is allowed where a test does not name its own.
    """
    judged = [(test, judge_all(test, readings)) for test in tests if test.cases]
    compared = [
        compare([_outcome(verdict) for verdict in verdicts], test.exchange)
        for test, verdicts in judged
    ]
    adjusted = iter(holm([one.p for one in compared if one is not None]))
    return [
        TestFigures(
            name=test.name,
            about=test.about,
            kind=test.kind,
            total=_rate("all", verdicts),
            groups=_groups(verdicts),
            comparison=comparison,
            adjusted_p=None if comparison is None else next(adjusted),
            limit=limit if test.limit is None else test.limit,
            failures=[_failure(verdict) for verdict in verdicts if verdict.wrong],
        )
        for (test, verdicts), comparison in zip(judged, compared, strict=True)
    ]


def as_json(figures: Sequence[TestFigures], model: str) -> dict[str, Any]:
    """Tells all in plain types."""
    return {
        "version": 1,
        "model": model,
        "tests": [{**asdict(one), "is_above_limit": one.is_above_limit} for one in figures],
    }


def _groups(verdicts: Sequence[Verdict]) -> list[Rate]:
    names = dict.fromkeys(verdict.case.group for verdict in verdicts)
    rates = [
        _rate(name, [verdict for verdict in verdicts if verdict.case.group == name])
        for name in names
    ]
    return sorted(rates, key=lambda one: -one.rate)


def _rate(name: str, verdicts: Sequence[Verdict]) -> Rate:
    outcomes = [_outcome(verdict) for verdict in verdicts]
    failures = sum(outcome.failed for outcome in outcomes)
    return Rate(
        name=name,
        cases=len(outcomes),
        failures=failures,
        rate=failures / len(outcomes),
        interval=interval(outcomes),
        aspects={
            aspect: sum(aspect in verdict.wrong for verdict in verdicts) for aspect in ASPECTS
        },
    )


def _outcome(verdict: Verdict) -> Outcome:
    case = verdict.case
    return Outcome(case.group, case.block, case.unit, bool(verdict.wrong))


def _failure(verdict: Verdict) -> Failure:
    reading = verdict.reading
    found = {
        "intent": f"{reading.intent} {100 * reading.confidence:.0f} %",
        "sentiment": f"{reading.sentiment}, valence {reading.valence:+.2f}",
        "entities": ", ".join(
            f"{one.type}: {reading.text[one.start : one.end]}" for one in reading.entities
        )
        or "none",
    }
    return Failure(
        text=reading.text,
        group=verdict.case.group,
        reference=verdict.case.reference,
        wrong=[(aspect, wanted, found[aspect]) for aspect, wanted in verdict.wrong.items()],
    )
