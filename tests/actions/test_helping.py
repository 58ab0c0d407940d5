"""Help that fits: an open question, a skill that is named, everything."""

from typing import Any

import pytest

from actions.helping import TOPICS, ActionHelp, topic_of


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("help with timers", "utter_help_reminders"),
        ("what can you do with my shopping list?", "utter_help_lists"),
        ("how do the lights work", "utter_help_home"),
        ("how do I ask about the weather", "utter_help_weather"),
        ("help", None),
        ("what can you do", None),
    ],
)
def test_the_skill_that_is_named(text: str, topic: str | None) -> None:
    assert topic_of(text) == topic


async def test_help_with_a_skill_even_while_a_question_is_open(talk: Any) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    await talk.user("help with the calendar", "ask_capabilities").run(ActionHelp())
    assert talk.said == ["utter_help_calendar"]


async def test_help_with_the_open_question(talk: Any) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    await talk.user("help", "ask_capabilities").run(ActionHelp())
    assert talk.said == ["utter_help_in_form"]


async def test_help_with_everything(talk: Any) -> None:
    await talk.user("help", "ask_capabilities").run(ActionHelp())
    assert talk.said == ["utter_capabilities"]


def test_every_skill_has_its_help(domain: dict[str, Any]) -> None:
    assert set(TOPICS) <= set(domain["responses"])
