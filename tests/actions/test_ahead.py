"""What is said ahead of an answer."""

from typing import Any

import pytest

from actions.ahead import SOOTHED_BY_RULES, ActionSpeakAhead
from tests.services.handoff import HandoffService


@pytest.fixture(autouse=True)
def nobody_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HandoffService().environment:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def somebody_set_up(monkeypatch: pytest.MonkeyPatch, nobody_set_up: None) -> None:
    for name, value in HandoffService().environment.items():
        monkeypatch.setenv(name, value)


async def test_an_angry_request_gets_an_apology_ahead_of_its_answer(talk: Any) -> None:
    talk.user("add the damn eggs", "add_items").slot("apology_due", True)
    assert await talk.run(ActionSpeakAhead()) == {"apology_due": None}
    assert talk.said == ["utter_apologise"]


async def test_where_a_person_is_set_up_it_is_mentioned(talk: Any, somebody_set_up: None) -> None:
    talk.waiting("add_items_form", "list_name").user("shopping!", "inform_list")
    await talk.slot("apology_due", True).run(ActionSpeakAhead())
    assert talk.said == ["utter_apologise", "utter_mention_person"]


@pytest.mark.parametrize("intent", sorted(SOOTHED_BY_RULES))
async def test_what_rules_answer_is_left_to_them(talk: Any, intent: str) -> None:
    talk.user("good grief", intent).slot("apology_due", True)
    assert await talk.run(ActionSpeakAhead()) == {}
    assert talk.said == []


async def test_where_no_apology_is_due_nothing_is_said(talk: Any) -> None:
    await talk.user("add eggs", "add_items").slot("apology_due", None).run(ActionSpeakAhead())
    assert talk.said == []


async def test_nothing_is_said_while_a_person_has_the_talk(talk: Any) -> None:
    talk.slot("handed_off", True).user("add eggs!", "add_items").slot("apology_due", True)
    assert await talk.run(ActionSpeakAhead()) == {}
    assert talk.said == []


async def test_a_silence_that_has_lapsed_is_told_of(talk: Any) -> None:
    talk.slot("handed_off", True).user("hello?", "greet").slot("handed_off", None)
    await talk.run(ActionSpeakAhead())
    assert talk.said == ["utter_taken_back_after_a_while"]
    await talk.bot("utter_greet").user("hello", "greet").run(ActionSpeakAhead())
    assert talk.said == []
