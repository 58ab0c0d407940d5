"""What got better and what worse, and when a model is not to be replaced."""

from __future__ import annotations

import pytest

from promotion.comparing import Comparison, Measure, Read, Reading, Wanted, compare
from promotion.showing import show


def entities(*found: tuple[int, int, str]) -> frozenset[tuple[int, int, str]]:
    return frozenset(found)


MILK = Wanted("add milk", "add_items", entities((4, 8, "item")), "neutral")
HELLO = Wanted("hello", "greet")
RIGHT = (Read("add_items", 0.9, MILK.entities, "neutral"), Read("greet", 0.8))


def measures(comparison: Comparison) -> dict[str, Measure]:
    return {measure.name: measure for measure in comparison.measures}


def test_nothing_is_said_of_what_stayed() -> None:
    same = compare([MILK, HELLO], ["a"], Reading(RIGHT), Reading(RIGHT))
    assert all(not measure.better and not measure.worse for measure in same.measures)
    assert same.objections == []
    assert [measure.total for measure in same.measures] == [2, 2, 1, 1]


def test_each_sentence_that_changed_is_told() -> None:
    worse = (Read("nlu_fallback", 0.4, entities(), "negative"), RIGHT[1])
    found = measures(compare([MILK, HELLO], [], Reading(RIGHT), Reading(worse)))
    (change,) = found["intents"].worse
    assert (change.what, change.wanted) == ("add milk", "add_items")
    assert (change.before, change.after) == ("add_items 0.90", "nlu_fallback 0.40")
    assert found["entities"].worse[0].before == "item 'milk'"
    assert found["sentiment"].worse[0].after == "negative"
    back = measures(compare([MILK, HELLO], [], Reading(worse), Reading(RIGHT)))
    assert (back["intents"].gained, len(back["intents"].better)) == (1, 1)


def test_a_confidence_that_moved_is_no_change() -> None:
    surer = (Read("add_items", 0.99, MILK.entities, "neutral"), RIGHT[1])
    assert not measures(compare([MILK, HELLO], [], Reading(RIGHT), Reading(surer)))[
        "intents"
    ].better


@pytest.mark.parametrize("kind", ["intents", "conversations"])
def test_fewer_intents_or_conversations_are_an_objection(kind: str) -> None:
    wrong = (Read("greet"), RIGHT[1]) if kind == "intents" else RIGHT
    broken = frozenset({"a"}) if kind == "conversations" else frozenset()
    found = compare([MILK, HELLO], ["a", "b"], Reading(RIGHT), Reading(wrong, broken))
    assert any(objection.startswith(f"{kind}: 1 fewer right") for objection in found.objections)


def test_entities_count_where_intents_did_not_gain() -> None:
    bare = Read("add_items", 0.9, entities(), "neutral")
    lost = compare([MILK, HELLO], [], Reading(RIGHT), Reading((bare, RIGHT[1])))
    assert [objection.split(":")[0] for objection in lost.objections] == ["entities"]
    gained = compare([MILK, HELLO], [], Reading((RIGHT[0], Read("x"))), Reading((bare, RIGHT[1])))
    assert gained.objections == []


def test_one_better_against_one_worse_is_chance() -> None:
    old, new = (RIGHT[0], Read("x")), (Read("x", 0, MILK.entities, "neutral"), RIGHT[1])
    intents = measures(compare([MILK, HELLO], [], Reading(old), Reading(new)))["intents"]
    assert (intents.gained, intents.chance) == (0, 1.0)
    one_sided = Measure("intents", 9, 3, 8, [intents.better[0]] * 5, [])
    assert one_sided.chance == pytest.approx(2 / 32)


def test_reads_what_rasa_parses() -> None:
    parsed = {
        "intent": {"name": "faq", "confidence": 0.7},
        "entities": [
            {"entity": "item", "start": 4, "end": 8},
            {"entity": "time", "start": 0, "end": 3},
            {"entity": "item"},
        ],
        "sentiment": {"name": "positive"},
        "response_selector": {
            "all_retrieval_intents": ["faq"],
            "default": {"response": {"intent_response_key": "faq/privacy"}},
        },
    }
    read = Read.of(parsed, frozenset({"item"}))
    assert read == Read("faq/privacy", 0.7, entities((4, 8, "item")), "positive")
    assert Read.of({"intent": {"name": None}}, frozenset()) == Read("")


def test_is_told_in_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told: list[str] = []
    long = Wanted("add " + "very " * 30 + "cold milk", "add_items")
    rows = [long] * 60
    new = Reading([Read("out_of_scope", 0.6)] * 60, frozenset({"a talk"}))
    show(compare(rows, ["a talk"], Reading([Read("add_items", 0.9)] * 60), new), told.append)
    assert all(len(line) < 80 for line in told)
    assert "intents: 60 of 60 right before, 0 now" in told
    assert "  - and 20 more that are worse" in told
    assert "  - a talk: otherwise" in told
    assert "(wanted: add_items)" in " ".join(" ".join(told).split())
