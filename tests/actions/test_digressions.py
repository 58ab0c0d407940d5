"""A question of another skill in the middle of any form is left to the rules that answer it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from actions.calendar_forms import (
    ValidateAddEventForm,
    ValidateCancelEventForm,
    ValidateMoveEventForm,
)
from actions.home_forms import ValidateHomeForm
from actions.list_forms import ValidateAddItemsForm, ValidateClearListForm, ValidateRemoveItemsForm
from actions.reminder_forms import (
    ValidateCancelReminderForm,
    ValidateChangeReminderForm,
    ValidateSetReminderForm,
)
from actions.weather_forms import ValidateWeatherForm
from scripts.project import ROOT
from tests.actions.conftest import Talk
from tests.actions.hearing import hear

FORMS = (
    ValidateAddItemsForm,
    ValidateRemoveItemsForm,
    ValidateClearListForm,
    ValidateHomeForm,
    ValidateWeatherForm,
    ValidateSetReminderForm,
    ValidateChangeReminderForm,
    ValidateCancelReminderForm,
    ValidateAddEventForm,
    ValidateMoveEventForm,
    ValidateCancelEventForm,
)

QUESTIONS: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("what time is it?", "ask_time", []),
    ("what time is it in Tokyo", "ask_time", [("place", "Tokyo")]),
    ("what day is it in three weeks", "ask_date", []),
    ("what is 15 percent of 80?", "calculate", []),
    ("five miles in kilometres", "convert_units", []),
    ("will it rain tomorrow", "ask_weather", []),
    ("the weather on Friday evening please", "ask_weather", []),
    ("do I need an umbrella?", "ask_weather", []),
    ("tell me a joke", "tell_joke", []),
    ("how are you", "ask_how_are_you", []),
    ("are you human?", "chitchat", []),
    ("where are my data kept?", "faq", []),
    ("how do I descale the coffee machine?", "ask_knowledge", []),
    ("help with timers", "ask_capabilities", []),
    ("thanks", "thank", []),
    ("say that again", "repeat", []),
]


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(ROOT / "home.example.yml"))
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "calendars"))


def test_no_form_is_left_out(domain: dict[str, Any]) -> None:
    assert {form().form_name() for form in FORMS} == set(domain["forms"])


@pytest.mark.parametrize("form", FORMS, ids=[form().form_name() for form in FORMS])
@pytest.mark.parametrize(("text", "intent", "entities"), QUESTIONS, ids=[q[0] for q in QUESTIONS])
async def test_a_question_is_no_answer(
    talk: Talk, form: type[Any], text: str, intent: str, entities: list[tuple[str, str]]
) -> None:
    if intent == "ask_weather" and form is ValidateWeatherForm:
        pytest.skip("What starts a form is an answer to it.")
    name = form().form_name()
    # Each of its questions; one at a time, with nothing gathered yet.
    for slot in talk.domain["forms"][name]["required_slots"]:
        asked = Talk(talk.domain).user("so", form.trigger).asks(name, slot)
        filled = await hear(asked, text, intent, *entities).run(form())
        assert filled == {}, slot
        assert asked.said == []


@pytest.mark.parametrize("text", ["do the laundry", "have lunch with Will", "Will's birthday"])
async def test_what_only_begins_like_a_question_is_an_answer(talk: Talk, text: str) -> None:
    talk.user("remind me tomorrow", "set_reminder").asks("set_reminder_form", "reminder_what")
    assert (await hear(talk, text, "out_of_scope").run(ValidateSetReminderForm()))[
        "reminder_what"
    ] == [text]


@pytest.mark.parametrize(
    ("text", "intent"),
    [("Friday at seven", "ask_weather"), ("in two hours", "convert_units"), ("at 8", "calculate")],
)
async def test_a_bare_time_is_an_answer_whatever_it_is_taken_for(
    talk: Talk, text: str, intent: str
) -> None:
    talk.user("add dentist", "add_event").asks(
        "add_event_form", "event_when", event_title="dentist"
    )
    filled = await hear(talk, text, intent).run(ValidateAddEventForm())
    assert filled["event_when"] or filled["event_known_time"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("add rope to the climbing list", "add_items"),
        ("remove rope from the climbing list", "remove_items"),
        ("show me the climbing list", "show_list"),
    ],
)
async def test_another_list_in_another_request_is_not_to_be_cleared(
    talk: Talk, text: str, intent: str
) -> None:
    talk.user("clear the camping list", "clear_list")
    talk.asks("clear_list_form", "confirm_clear", list_name="camping")
    talk.user(text, intent, ("item", "rope"), ("list_name", "climbing"))
    assert await talk.run(ValidateClearListForm()) == {}
