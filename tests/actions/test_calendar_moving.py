"""Moving events, in talks with the real extractor and a real file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.calendar_talk import CalendarTalk, fill


@pytest.mark.parametrize(
    ("text", "entities", "there"),
    [
        ("move the dentist to Thursday at 10", [("event", "dentist")], "2026-11-26 10:00-11:00"),
        ("move the dentist to Thursday", [("event", "dentist")], "2026-11-26 14:00-15:00"),
        ("move the dentist to 4", [("event", "dentist")], None),
        ("move the dentist to 4 o'clock", [("event", "dentist")], "2026-11-23 16:00-17:00"),
        ("move the dentist to 10 am", [("event", "dentist")], "2026-11-23 10:00-11:00"),
        ("move my Monday dentist to Thursday", [("event", "dentist")], "2026-11-26 14:00-15:00"),
        ("move the dentist from Monday to Thursday", [("event", "dentist")],
         "2026-11-26 14:00-15:00"),
        ("move the dentist at 2 to 5", [("event", "dentist")], "2026-11-23 17:00-18:00"),
        ("push the dentist back an hour", [("event", "dentist")], "2026-11-23 15:00-16:00"),
        ("bring the dentist forward by half an hour", [("event", "dentist")],
         "2026-11-23 13:30-14:30"),
        ("move the dentist to Thursday from 2 to 4", [("event", "dentist")],
         "2026-11-26 14:00-16:00"),
        ("move the 2 o'clock to 5", [], "2026-11-23 17:00-18:00"),
        ("make the dentist all day on Thursday", [("event", "dentist")], "2026-11-26"),
    ],
)  # fmt: skip
async def test_moves(ann: CalendarTalk, text: str, entities: list[Any], there: str | None) -> None:
    await ann.put("dentist appointment", "2026-11-23 14:00")
    said = await ann.say(text, "move_event", *entities)
    if there is None:  # a bare number may be anything: asked
        assert said == ["utter_ask_event_new_time"]
        return
    assert said == ["utter_event_moved"]
    assert await ann.events() == [f"{there} dentist appointment"]
    assert await ann.say("undo", "undo") == ["utter_event_put_back"]
    assert await ann.events() == ["2026-11-23 14:00-15:00 dentist appointment"]


async def test_to_when_is_asked(ann: CalendarTalk) -> None:
    await ann.put("dentist appointment", "2026-11-23 14:00", "2026-11-23 14:30")
    said = await ann.say("reschedule the dentist", "move_event", ("event", "dentist"))
    assert said == ["utter_ask_event_new_time"]
    assert await ann.say("Thursday afternoon", "ask_calendar") == ["utter_event_moved"]
    assert await ann.events() == ["2026-11-26 14:00-14:30 dentist appointment"]


async def test_a_part_of_a_day_where_it_is_not_now_is_asked_about(ann: CalendarTalk) -> None:
    await ann.put("dentist appointment", "2026-11-23 14:00", "2026-11-23 14:30")
    said = await ann.say("move the dentist to Thursday morning", "move_event", ("event", "dentist"))
    assert said == ["utter_ask_event_time"]
    assert await ann.say("at 10", "set_reminder") == ["utter_event_moved"]
    assert await ann.events() == ["2026-11-26 10:00-10:30 dentist appointment"]


@pytest.mark.parametrize("answer", ["10", "at 10", "the same day at 10", "10 am"])
async def test_an_hour_is_of_the_day_that_it_has(ann: CalendarTalk, answer: str) -> None:
    await ann.put("dentist appointment", "2026-11-23 14:00")
    await ann.say("reschedule the dentist", "move_event", ("event", "dentist"))
    assert await ann.say(answer, "nlu_fallback") == ["utter_event_moved"]
    assert await ann.events() == ["2026-11-23 10:00-11:00 dentist appointment"]


async def test_it_is_what_was_talked_of(ann: CalendarTalk) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert await ann.say("move it to half past eleven", "move_event") == ["utter_event_moved"]
    assert await ann.events() == ["2026-11-23 11:30-12:30 dentist"]
    assert await ann.say("cancel it", "cancel_event") == ["utter_ask_cancel_event"]
    assert await ann.say("yes", "affirm") == ["utter_event_cancelled"]
    assert await ann.events() == []


async def test_moving_onto_something(ann: CalendarTalk) -> None:
    await fill(ann)
    said = await ann.say("move the dentist to 6 pm on Tuesday", "move_event", ("event", "dentist"))
    assert said == ["utter_ask_event_conflict"]
    assert await ann.say("no", "deny") == ["utter_event_stays"]
    assert "2026-11-23 14:00-15:00 dentist appointment" in await ann.events()


async def test_moving_a_little_does_not_clash_with_itself(ann: CalendarTalk) -> None:
    await fill(ann)
    said = await ann.say("push the dentist back half an hour", "move_event", ("event", "dentist"))
    assert said == ["utter_event_moved"]


async def test_one_of_a_series_moves(ann: CalendarTalk) -> None:
    await ann.put("yoga", "2026-11-24 18:00", rule="FREQ=WEEKLY;BYDAY=TU;COUNT=3")
    said = await ann.say("move yoga to Wednesday", "move_event", ("event", "yoga"))
    assert said == ["utter_event_moved"]
    assert await ann.events() == [
        "2026-11-25 18:00-19:00 yoga",
        "2026-12-01 18:00-19:00 yoga",
        "2026-12-08 18:00-19:00 yoga",
    ]
    await ann.say("undo", "undo")
    assert (await ann.events())[0] == "2026-11-24 18:00-19:00 yoga"


async def test_several_to_choose_from(ann: CalendarTalk) -> None:
    await ann.put("meeting with Bob", "2026-11-23 10:00")
    await ann.put("meeting with Karin", "2026-11-24 10:00")
    said = await ann.say("move the meeting to Thursday at 3", "move_event", ("event", "meeting"))
    assert said == ["utter_which_event"]
    assert await ann.say("the second one", "choose") == ["utter_event_moved"]
    assert await ann.events() == [
        "2026-11-23 10:00-11:00 meeting with Bob",
        "2026-11-26 15:00-16:00 meeting with Karin",
    ]


async def test_nothing_to_move(ann: CalendarTalk) -> None:
    said = await ann.say("move the opera to Thursday", "move_event", ("event", "opera"))
    assert said == ["utter_no_such_event"]
    assert await ann.say("move an appointment", "move_event") == ["utter_ask_events_found"]
    assert await ann.say("the opera", "out_of_scope") == ["utter_no_such_event"]
