"""Asking what is in the calendar, in talks with the real extractor and a real file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.calendar_talk import CalendarTalk, fill


@pytest.mark.parametrize(
    ("text", "entities", "said", "filled"),
    [
        ("what's on Monday?", [], "utter_events_then",
         {"when": "on Monday",
          "events": "standup at nine in the morning and dentist appointment "
                    "at two in the afternoon"}),
        ("what's on Monday afternoon?", [], "utter_events_then",
         {"when": "on Monday afternoon", "events": "dentist appointment at two in the afternoon"}),
        ("what's on tomorrow?", [], "utter_nothing_then", {"when": "tomorrow"}),
        ("what's in my calendar", [], "utter_nothing_then", {"when": "today"}),
        ("am I free tomorrow morning?", [], "utter_free", {"when": "tomorrow morning"}),
        ("am I free on Monday afternoon?", [], "utter_not_free",
         {"events": "dentist appointment at two in the afternoon"}),
        ("am I free on Monday at 3?", [], "utter_free", {}),
        ("am I free on Wednesday?", [], "utter_free_but", {"events": "Lena's birthday (all day)"}),
        ("when is my dentist appointment?", [("event", "dentist appointment")], "utter_event_is",
         {"events": "dentist appointment on Monday at two in the afternoon"}),
        ("when is the dentist?", [("event", "dentist")], "utter_event_is",
         {"events": "dentist appointment on Monday at two in the afternoon"}),
        ("when is yoga?", [("event", "yoga")], "utter_event_is",
         {"events": "yoga on Tuesday at six in the evening"}),
        ("when is the opera?", [("event", "opera")], "utter_no_such_event", {"event": "opera"}),
        ("is yoga on Tuesday?", [("event", "yoga")], "utter_events_then", {"when": "on Tuesday"}),
        ("is yoga on Monday?", [("event", "yoga")], "utter_no_such_event_then", {}),
        ("what's next?", [], "utter_next_event",
         {"event": "standup on Monday at nine in the morning, until 9:15 in the morning"}),
        ("what's on the 30th of February?", [], "utter_event_time_impossible", {}),
    ],
)  # fmt: skip
async def test_questions(
    ann: CalendarTalk, text: str, entities: list[Any], said: str, filled: dict[str, str]
) -> None:
    await fill(ann)
    assert await ann.say(text, "ask_calendar", *entities) == [said]
    told = ann.filled[-1]
    for name, value in filled.items():
        assert told[name].replace("a quarter past nine", "9:15") == value


async def test_a_long_list_is_cut(ann: CalendarTalk) -> None:
    for hour in range(8, 20):
        await ann.put(f"meeting {hour}", f"2026-11-23 {hour:02}:00")
    await ann.say("what's on Monday?", "ask_calendar")
    assert ann.filled[-1]["events"].endswith("and 4 more")
