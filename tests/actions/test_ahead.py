"""What is done with every message before it is answered."""

from typing import Any

import pytest

from actions.ahead import SOOTHED_BY_RULES, ActionTakeMessage
from tests.services.handoff import HandoffService


@pytest.fixture(autouse=True)
def nobody_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HandoffService().environment:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def somebody_set_up(monkeypatch: pytest.MonkeyPatch, nobody_set_up: None) -> None:
    for name, value in HandoffService().environment.items():
        monkeypatch.setenv(name, value)


ANGRY = {"sentiment": "negative", "mood_course": "angry", "handoff_offered": None}
CROSS = {"name": "negative", "confidence": 0.9, "ranking": []}


def cross(talk: Any, text: str, intent: str) -> Any:
    """Somebody says something crossly, who was cross with the message before."""
    talk.user("come on", "add_items", sentiment=CROSS).bot("action_add_items")
    return talk.user(text, intent, sentiment=CROSS)


async def test_an_angry_request_gets_an_apology_ahead_of_its_answer(talk: Any) -> None:
    slots = await cross(talk, "add the damn eggs", "add_items").run(ActionTakeMessage())
    assert slots == {**ANGRY, "apology_due": None}
    assert talk.said == ["utter_apologise"]


async def test_rasa_asks_twice_where_a_form_begins_and_one_apology_is_enough(talk: Any) -> None:
    cross(talk, "add the damn eggs", "add_items")
    await talk.goes_on(ActionTakeMessage())
    talk.events.append({"event": "bot", "text": "", "metadata": {"utter_action": talk.said[0]}})
    await talk.run(ActionTakeMessage())
    assert talk.said == []


async def test_where_a_person_is_set_up_it_is_mentioned(talk: Any, somebody_set_up: None) -> None:
    talk.waiting("add_items_form", "list_name")
    await cross(talk, "shopping!", "inform_list").run(ActionTakeMessage())
    assert talk.said == ["utter_apologise", "utter_mention_person"]


@pytest.mark.parametrize("intent", sorted(SOOTHED_BY_RULES))
async def test_what_rules_answer_is_left_to_them(talk: Any, intent: str) -> None:
    slots = await cross(talk, "good grief", intent).run(ActionTakeMessage())
    assert slots == {**ANGRY, "apology_due": True}
    assert talk.said == []


async def test_where_no_apology_is_due_nothing_is_said(talk: Any) -> None:
    await talk.user("add eggs", "add_items").run(ActionTakeMessage())
    assert talk.said == []


async def test_nothing_is_said_while_a_person_has_the_talk(talk: Any) -> None:
    talk.bot("action_hand_off").slot("handed_off", True)
    slots = await cross(talk, "add eggs!", "add_items").run(ActionTakeMessage())
    assert slots == {**ANGRY, "apology_due": True}
    assert talk.said == []


async def test_a_silence_that_has_lapsed_is_told_of(talk: Any) -> None:
    talk.bot("action_hand_off").slot("handed_off", True)
    talk.events.append({"event": "session_started"})
    talk.slot("handed_off", True).user("hello?", "greet")
    slots = await talk.run(ActionTakeMessage())
    assert slots["handed_off"] is None
    assert talk.said == ["utter_taken_back_after_a_while"]
    talk.slot("handed_off", None).bot("utter_greet").user("hello", "greet")
    assert "handed_off" not in await talk.run(ActionTakeMessage())
    assert talk.said == []
