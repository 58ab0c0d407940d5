"""Holds what a model made of each case against what it should have."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scripts.audit.cases import AuditTest, Case, Expected
from scripts.audit.reading import Reading

ASPECTS = ("intent", "sentiment", "entities")
VALENCE_TOLERANCE = 0.1
"""By how much a sentiment may fall before it counts as more negative, as in CheckList."""

_GAP = "{}"
_Same = TypeVar("_Same", bound=Hashable)


@dataclass(frozen=True)
class Verdict:
    """What was found of a case."""

    case: Case
    reading: Reading
    wrong: Mapping[str, str]
    """By aspect, what it should have been; empty where nothing is wrong."""


def judge_all(test: AuditTest, readings: Mapping[str, Reading]) -> list[Verdict]:
    """Judge all cases of a test.

    Args:
        test: The test.
        readings: Of every sentence in it.
    """
    blocks: dict[str, list[Case]] = defaultdict(list)
    for case in test.cases:
        blocks[case.block].append(case)
    usual = {
        block: _usual([(case, readings[case.text]) for case in cases], test.entities)
        for block, cases in blocks.items()
        if cases[0].reference is None and cases[0].expected is None
    }
    verdicts = []
    for case in test.cases:
        reading = readings[case.text]
        if case.expected is not None:
            wrong = _against_expected(reading, case.expected)
        elif case.reference is not None:
            wrong = _against_reference(test, case, reading, readings[case.reference])
        else:
            wrong = _against_usual(test, case, reading, usual[case.block])
        verdicts.append(Verdict(case, reading, wrong))
    return verdicts


@dataclass(frozen=True)
class _Usual:
    intent: str
    sentiment: str | None
    entities: tuple[str, ...]


def _usual(cases: Sequence[tuple[Case, Reading]], entities: str) -> _Usual:
    """What most cases of a template are read as: so that no group is the norm for the others."""
    return _Usual(
        _most([reading.intent for _, reading in cases]),
        _most([reading.sentiment for _, reading in cases]),
        _most([_found(case, reading, entities) for case, reading in cases]),
    )


def _against_usual(test: AuditTest, case: Case, reading: Reading, usual: _Usual) -> dict[str, str]:
    wrong = {}
    if test.intent == "same" and reading.intent != usual.intent:
        wrong["intent"] = usual.intent
    if test.sentiment == "same" and reading.sentiment != usual.sentiment:
        wrong["sentiment"] = str(usual.sentiment)
    if test.entities != "ignored":
        if _found(case, reading, test.entities) != usual.entities:
            wrong["entities"] = _told(usual.entities)
    return wrong


def _against_reference(
    test: AuditTest, case: Case, reading: Reading, reference: Reading
) -> dict[str, str]:
    wrong = {}
    if test.intent == "same" and reading.intent != reference.intent:
        wrong["intent"] = reference.intent
    is_wrong = {
        "same": reading.sentiment != reference.sentiment,
        "not more negative": reading.valence < reference.valence - VALENCE_TOLERANCE,
        "not positive": reading.sentiment == "positive",
        "not negative": reading.sentiment == "negative",
        "ignored": False,
    }
    if is_wrong[test.sentiment]:
        wrong["sentiment"] = (
            str(reference.sentiment) if test.sentiment == "same" else test.sentiment
        )
    if test.entities != "ignored" and test.intent == "same":
        wanted = _found(case, reference, test.entities)
        if _found(case, reading, test.entities) != wanted:
            wrong["entities"] = _told(wanted)
    return wrong


def _against_expected(reading: Reading, expected: Expected) -> dict[str, str]:
    wrong = {}
    # `faq` stands for all of its answers, `faq/privacy` for one.
    intents = {reading.intent, reading.intent.split("/")[0]}
    if expected.intents and not intents & set(expected.intents):
        wrong["intent"] = " or ".join(expected.intents)
    if expected.sentiments and reading.sentiment is not None:
        if reading.sentiment not in expected.sentiments:
            wrong["sentiment"] = " or ".join(expected.sentiments)
    if expected.entities is not None:
        missing = set(expected.entities) - {entity.type for entity in reading.entities}
        if missing:
            wrong["entities"] = ", ".join(expected.entities)
    return wrong


def _found(case: Case, reading: Reading, how: str) -> tuple[str, ...]:
    """The entities in a form in which those of different cases can be compared."""
    if how != "values":
        return tuple(sorted(entity.type for entity in reading.entities))
    return tuple(
        f"{entity.type}: {_without_terms(case, entity.start, entity.end)}"
        for entity in reading.entities
    )


def _without_terms(case: Case, start: int, end: int) -> str:
    """A span of the sentence, with a gap where a whole term stands."""
    told, at = "", start
    for first, last in case.marks:
        if start <= first and last <= end:
            told += case.text[at:first] + _GAP
            at = last
    return told + case.text[at:end]


def _told(entities: Sequence[str]) -> str:
    return ", ".join(entities) or "none"


def _most(values: Sequence[_Same]) -> _Same:
    """The most frequent value; of several, the first in order, so that runs agree."""
    counts = Counter(values)
    most = max(counts.values())
    return min((value for value in counts if counts[value] == most), key=str)
