"""Cancelling events, in talks with the real extractor and a real file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.actions.calendar_talk import CalendarTalk, fill


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cancel the dentist on Monday", "dentist"),
        ("cancel my dentist appointment", "dentist appointment"),
        ("cancel the dentist", "dentist"),  # "appointment" is no word that tells events apart
    ],
)
async def test_what_is_certain_is_cancelled_at_once(
    ann: CalendarTalk, text: str, name: str
) -> None:
    await ann.put("dentist appointment", "2026-11-23 14:00")
    assert await ann.say(text, "cancel_event", ("event", name)) == ["utter_event_cancelled"]
    assert await ann.events() == []
    assert await ann.say("undo", "undo") == ["utter_event_put_back"]
    assert await ann.events() == ["2026-11-23 14:00-15:00 dentist appointment"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("cancel the meeting", "meeting"), ("cancel the meting with Bob", "meting with Bob"),
     ("delete the appointment on Monday at 2", "")],
)  # fmt: skip
async def test_what_is_not_certain_is_asked(ann: CalendarTalk, text: str, name: str) -> None:
    await ann.put("meeting with Bob", "2026-11-23 14:00")
    entities = [("event", name)] if name else []
    assert await ann.say(text, "cancel_event", *entities) == ["utter_ask_cancel_event"]
    assert len(await ann.events()) == 1
    assert await ann.say("no", "deny") == ["utter_event_stays"]
    assert len(await ann.events()) == 1
    await ann.say(text, "cancel_event", *entities)
    assert await ann.say("yes", "affirm") == ["utter_event_cancelled"]
    assert await ann.events() == []


@pytest.mark.parametrize(
    ("text", "entities"),
    [("delete my next appointment", []), ("delete my next appointment", [("event", "appointment")]),
     ("cancel the appointment tomorrow", [("event", "appointment")])],
)  # fmt: skip
async def test_an_appointment_is_any(ann: CalendarTalk, text: str, entities: list[Any]) -> None:
    await ann.put("dentist", "2026-11-21 14:00")
    await ann.put("haircut", "2026-11-23 14:00")
    assert await ann.say(text, "cancel_event", *entities) == ["utter_ask_cancel_event"]
    assert "dentist" in ann.filled[-1]["event"]
    await ann.say("yes", "affirm")
    assert await ann.events() == ["2026-11-23 14:00-15:00 haircut"]


async def test_what_could_not_be_taken_back_can_be_later(
    ann: CalendarTalk, calendars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    (calendars / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv("PARLEY_CALENDAR", str(calendars / "blocker" / "calendars"))
    assert await ann.say("undo", "undo") == ["utter_calendar_unavailable"]
    monkeypatch.setenv("PARLEY_CALENDAR", str(calendars))
    assert await ann.say("undo", "undo") == ["utter_event_taken_back"]
    assert await ann.events() == []


async def test_more_words_than_the_title_has_are_asked_about(ann: CalendarTalk) -> None:
    await ann.put("meeting", "2026-11-23 14:00")
    said = await ann.say("cancel the meeting with Bob on Monday", "cancel_event",
                         ("event", "meeting with Bob"))  # fmt: skip
    assert said == ["utter_ask_cancel_event"]


async def test_one_of_several_with_the_same_name(ann: CalendarTalk) -> None:
    await ann.put("meeting", "2026-11-23 10:00")
    await ann.put("meeting", "2026-11-24 10:00")
    said = await ann.say("cancel the meeting", "cancel_event", ("event", "meeting"))
    assert said == ["utter_which_event"]
    assert await ann.say("the last one", "choose") == ["utter_event_cancelled"]
    assert await ann.events() == ["2026-11-23 10:00-11:00 meeting"]


async def test_another_person_is_another_meeting(ann: CalendarTalk) -> None:
    await ann.put("meeting with Karin", "2026-11-23 14:00")
    said = await ann.say("cancel the meeting with Bob", "cancel_event",
                         ("event", "meeting with Bob"))  # fmt: skip
    assert said == ["utter_no_such_event"]


@pytest.mark.parametrize("text", ["cancel everything on Monday", "clear my calendar for Monday"])
async def test_everything_of_a_day_after_a_yes(ann: CalendarTalk, text: str) -> None:
    await fill(ann)
    said = await ann.say(text, "cancel_event")
    assert said == ["utter_ask_cancel_events"]
    assert await ann.say("yes", "affirm") == ["utter_event_cancelled"]
    assert (await ann.events("2026-11-25")) == ["2026-11-24 18:00-19:00 yoga"]
    await ann.say("undo", "undo")
    assert len(await ann.events("2026-11-25")) == 3


async def test_one_yoga_and_all_yoga(ann: CalendarTalk) -> None:
    await ann.put("yoga", "2026-11-24 18:00", rule="FREQ=WEEKLY;BYDAY=TU;COUNT=3")
    assert await ann.say("cancel yoga", "cancel_event", ("event", "yoga")) == [
        "utter_ask_cancel_event"
    ]
    await ann.say("yes", "affirm")
    assert [e[:10] for e in await ann.events()] == ["2026-12-01", "2026-12-08"]
    said = await ann.say("cancel all my yoga classes", "cancel_event", ("event", "yoga classes"))
    assert said == ["utter_ask_cancel_series"]
    await ann.say("yes", "affirm")
    assert await ann.events() == []
    await ann.say("undo", "undo")
    assert [e[:10] for e in await ann.events()] == ["2026-12-01", "2026-12-08"]


async def test_which_one_is_asked(ann: CalendarTalk) -> None:
    await ann.put("dentist appointment", "2026-11-23 14:00")
    assert await ann.say("cancel an appointment", "cancel_event") == ["utter_ask_events_found"]
    assert await ann.say("the dentist one", "nlu_fallback") in (
        ["utter_event_cancelled"], ["utter_ask_cancel_event"],
    )  # fmt: skip
