"""Readings held against what they should be."""

from collections.abc import Iterable

import pytest

from scripts.audit.cases import AuditTest, Case, Expected
from scripts.audit.figures import figures_of
from scripts.audit.judging import judge_all
from scripts.audit.reading import Entity, Reading, reading_of


def reading(
    text: str,
    intent: str = "call",
    sentiment: str | None = "neutral",
    valence: float = 0.0,
    entities: Iterable[tuple[str, str]] = (),
) -> Reading:
    found = tuple(
        Entity(kind, text.index(value), text.index(value) + len(value)) for kind, value in entities
    )
    return Reading(text, intent, 0.9, sentiment, valence, found)


def audit(
    *cases: Case, intent: str = "same", sentiment: str = "same", entities: str = "values"
) -> AuditTest:
    return AuditTest("a", "", "invariance", cases, "units", intent, sentiment, entities)


def filled(name: str, group: str = "g") -> Case:
    return Case(f"call {name} now", group, "call {name} now", name, ((5, 5 + len(name)),))


def wrong(test: AuditTest, *readings: Reading) -> list[dict[str, str]]:
    judged = judge_all(test, {one.text: one for one in readings})
    return [dict(verdict.wrong) for verdict in judged]


def test_no_group_is_the_norm_but_what_most_are_read_as() -> None:
    test = audit(*map(filled, ["Jack", "Priya", "Kofi"]))
    assert wrong(
        test,
        reading("call Jack now", intent="odd", sentiment="negative"),
        reading("call Priya now"),
        reading("call Kofi now"),
    ) == [{"intent": "call", "sentiment": "neutral"}, {}, {}]


def test_entities_are_compared_with_the_terms_taken_out() -> None:
    test = audit(*map(filled, ["Jack", "Priya", "Xiaoling", "Kofi"]))
    assert wrong(
        test,
        reading("call Jack now", entities=[("who", "Jack")]),
        reading("call Priya now", entities=[("who", "Priya")]),
        reading("call Xiaoling now", entities=[("who", "Xiao")]),
        reading("call Kofi now", entities=[("who", "call Kofi")]),
    ) == [{}, {}, {"entities": "who: {}"}, {"entities": "who: {}"}]


@pytest.mark.parametrize(("how", "fails"), [("values", True), ("types", False), ("ignored", False)])
def test_how_strictly_entities_are_compared(how: str, fails: bool) -> None:
    test = audit(*map(filled, ["Jack", "Priya", "Kofi"]), entities=how)
    found = wrong(
        test,
        reading("call Jack now", entities=[("who", "Jack")]),
        reading("call Priya now", entities=[("who", "Priya")]),
        reading("call Kofi now", entities=[("who", "Kofi now")]),
    )
    assert bool(found[2]) is fails


@pytest.mark.parametrize(
    ("rule", "sentiment", "valence", "fails"),
    [
        ("same", "negative", -0.5, True),
        ("same", "neutral", -0.3, False),
        ("not more negative", "neutral", -0.09, False),
        ("not more negative", "neutral", -0.11, True),
        ("not more negative", "positive", 0.9, False),
        ("not positive", "positive", 0.4, True),
        ("not positive", "negative", -0.9, False),
        ("not negative", "negative", -0.4, True),
        ("not negative", "neutral", -0.4, False),
        ("ignored", "negative", -1.0, False),
    ],
)
def test_what_a_change_may_do_to_the_mood(
    rule: str, sentiment: str, valence: float, fails: bool
) -> None:
    case = Case("please call", "polite", "call", "call", reference="call")
    changed = reading("please call", "call", sentiment, valence)
    found = wrong(audit(case, sentiment=rule), reading("call"), changed)
    assert (list(found[0]) == ["sentiment"]) is fails


def test_an_intent_that_may_change_does_not_fail() -> None:
    case = Case("CALL", "loud", "call", "call", reference="call")
    changed = reading("CALL", "shout", entities=[("who", "CALL")])
    assert wrong(audit(case), reading("call"), changed) == [{"intent": "call", "entities": "none"}]
    assert wrong(audit(case, intent="ignored"), reading("call"), changed) == [{}]


def test_a_set_expects_its_reading() -> None:
    expected = Expected(("faq",), ("neutral", "positive"), ("who",))
    case = Case("call Kofi", "g", "1", "call Kofi", expected=expected)
    right = reading("call Kofi", "faq/privacy", "positive", entities=[("who", "Kofi")])
    assert wrong(audit(case), right) == [{}]
    assert wrong(audit(case), reading("call Kofi", "bye", "negative")) == [
        {"intent": "faq", "sentiment": "neutral or positive", "entities": "who"}
    ]


def test_a_bot_without_sentiment_has_none_that_could_be_wrong() -> None:
    expected = Expected((), ("neutral",))
    assert wrong(
        audit(Case("hi", "g", "1", "hi", expected=expected)), reading("hi", sentiment=None)
    ) == [{}]


def test_figures_tell_rates_by_group_and_aspect() -> None:
    names = {"north": ["Astrid", "Olaf", "Lars", "Greta"], "south": ["Pilar", "Diego"]}
    cases = [filled(name, group) for group, members in names.items() for name in members]
    readings = {case.text: reading(case.text) for case in cases}
    readings["call Diego now"] = reading("call Diego now", "odd", "negative")
    [figures] = figures_of([audit(*cases)], readings, limit=0.2)
    assert (figures.total.failures, figures.total.cases) == (1, 6)
    assert not figures.is_above_limit
    assert [(one.name, one.failures, one.cases) for one in figures.groups] == [
        ("south", 1, 2),
        ("north", 0, 4),
    ]
    assert figures.total.aspects == {"intent": 1, "sentiment": 1, "entities": 0}
    assert figures.comparison is not None and figures.comparison.most == "south"
    [failure] = figures.failures
    assert failure.wrong[0] == ("intent", "call", "odd 90 %")
    assert figures_of([audit(*cases)], readings, limit=0.1)[0].is_above_limit


def test_a_reading_is_what_rasa_returned() -> None:
    parsed = {
        "intent": {"name": "faq", "confidence": 0.7},
        "entities": [
            {"entity": "time", "start": 8, "end": 11},
            {"entity": "who", "role": "to", "start": 5, "end": 7},
        ],
        "sentiment": {
            "name": "positive",
            "ranking": [
                {"name": "positive", "confidence": 0.6},
                {"name": "negative", "confidence": 0.1},
            ],
        },
        "response_selector": {
            "all_retrieval_intents": ["faq"],
            "default": {"response": {"intent_response_key": "faq/privacy"}},
        },
    }
    found = reading_of("call Al now", parsed)
    assert (found.intent, found.sentiment) == ("faq/privacy", "positive")
    assert found.valence == pytest.approx(0.5)
    assert [entity.type for entity in found.entities] == ["who/to", "time"]
    bare = reading_of("hm", {"intent": {"name": None}})
    assert (bare.sentiment, bare.valence, bare.entities) == (None, 0.0, ())
