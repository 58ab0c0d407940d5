"""Adding to the calendar, in talks with the real extractor and a real file."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.clients.calendar import file_name
from tests.actions.calendar_talk import CalendarTalk
from tests.actions.conftest import USER


async def test_all_at_once(ann: CalendarTalk) -> None:
    said = await ann.say(
        "put dinner with Anna on Friday at 7 in my calendar", "add_event",
        ("event", "dinner with Anna"),
    )  # fmt: skip
    assert said == ["utter_event_added"]
    assert ann.filled[-1]["when"] == "on Friday the 27th of November at seven in the evening"
    assert await ann.events() == ["2026-11-27 19:00-20:00 dinner with Anna"]


async def test_what_is_missing_is_asked_one_after_the_other(ann: CalendarTalk) -> None:
    assert await ann.say("add something to my calendar", "add_event") == ["utter_ask_event_title"]
    assert await ann.say("dentist", "nlu_fallback") == ["utter_ask_event_when"]
    assert await ann.say("on Monday", "nlu_fallback") == ["utter_ask_event_time"]
    assert ann.filled[-1]["day"] == "on Monday"
    assert await ann.say("half past nine", "ask_time") == ["utter_event_added"]
    assert await ann.events() == ["2026-11-23 09:30-10:30 dentist"]


@pytest.mark.parametrize(
    ("answer", "intent", "there"),
    [
        ("at 10", "set_reminder", "2026-11-23 10:00-11:00 dentist"),
        ("10", "inform_list", "2026-11-23 10:00-11:00 dentist"),
        ("from 2 to 4", "nlu_fallback", "2026-11-23 14:00-16:00 dentist"),
        ("2 to 4", "nlu_fallback", "2026-11-23 14:00-16:00 dentist"),
        ("all day please", "out_of_scope", "2026-11-23 dentist"),
        ("at nine for half an hour", "set_reminder", "2026-11-23 09:00-09:30 dentist"),
        ("no, on Tuesday at ten", "deny", "2026-11-24 10:00-11:00 dentist"),
    ],
)
async def test_answers_to_what_time(
    ann: CalendarTalk, answer: str, intent: str, there: str
) -> None:
    await ann.say("add dentist on Monday", "add_event", ("event", "dentist"))
    assert await ann.say(answer, intent) == ["utter_event_added"]
    assert await ann.events() == [there]


async def test_title_and_time_in_one_answer(ann: CalendarTalk) -> None:
    await ann.say("make an appointment", "add_event")
    said = await ann.say("lunch with Sam on Monday at noon", "out_of_scope")
    assert said == ["utter_event_added"]
    assert await ann.events() == ["2026-11-23 12:00-13:00 lunch with Sam"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what's on Friday?", "ask_calendar"),
        ("put milk on the shopping list", "add_items"),
        ("never mind", "cancel"),
        ("no", "deny"),
        ("hello", "greet"),
        ("what can you do", "ask_capabilities"),
        ("remind me to call my mother and my sister tomorrow at five", "set_reminder"),
    ],
)
async def test_the_form_gives_way(ann: CalendarTalk, text: str, intent: str) -> None:
    await ann.say("add dentist", "add_event", ("event", "dentist"))
    said = await ann.say(text, intent)
    assert "utter_event_added" not in said
    assert not [one for one in said if one.startswith("utter_ask_event")]
    assert await ann.events() == []


async def test_three_useless_answers_end_it(ann: CalendarTalk) -> None:
    await ann.say("add dentist", "add_event", ("event", "dentist"))
    for _ in range(2):
        assert await ann.say("hm", "nlu_fallback") == ["utter_ask_event_when"]
    assert await ann.say("hm", "nlu_fallback") == ["utter_given_up"]
    assert await ann.events() == []


async def test_a_day_that_does_not_exist(ann: CalendarTalk) -> None:
    said = await ann.say(
        "add dentist on the 30th of February at 3", "add_event", ("event", "dentist")
    )
    assert said == ["utter_event_time_impossible", "utter_ask_event_when"]
    said = await ann.say("at 25:00", "nlu_fallback")
    assert said == ["utter_event_time_impossible", "utter_ask_event_when"]
    assert await ann.say("on the 28th of February at 3", "nlu_fallback") == ["utter_event_added"]
    assert await ann.events() == ["2027-02-28 15:00-16:00 dentist"]


async def test_a_title_that_is_too_long(ann: CalendarTalk) -> None:
    said = await ann.say("add it", "add_event", ("event", "a" * 201))
    assert said == ["utter_event_title_too_long", "utter_ask_event_title"]


async def test_a_conflict_is_pointed_out_and_a_yes_taken(ann: CalendarTalk) -> None:
    await ann.put("standup", "2026-11-23 10:00")
    said = await ann.say("add dentist on Monday at 10:30", "add_event", ("event", "dentist"))
    assert said == ["utter_ask_event_conflict"]
    assert ann.filled[-1]["events"] == "standup on Monday at ten in the morning"
    assert await ann.events() == ["2026-11-23 10:00-11:00 standup"]
    assert await ann.say("yes", "affirm") == ["utter_event_added"]
    assert len(await ann.events()) == 2


async def test_a_conflict_and_a_no(ann: CalendarTalk) -> None:
    await ann.put("standup", "2026-11-23 10:00")
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert await ann.say("no", "deny") == ["utter_event_not_added"]
    assert await ann.events() == ["2026-11-23 10:00-11:00 standup"]


@pytest.mark.parametrize("intent", ["deny", "correct", "add_event", "nlu_fallback"])
async def test_a_conflict_and_another_time(ann: CalendarTalk, intent: str) -> None:
    await ann.put("standup", "2026-11-23 10:00")
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert await ann.say("no, at 11", intent) == ["utter_event_added"]
    assert "2026-11-23 11:00-12:00 dentist" in await ann.events()


async def test_adding_while_moving(ann: CalendarTalk) -> None:
    await ann.put("standup", "2026-11-23 10:00")
    await ann.say("reschedule the standup", "move_event", ("event", "standup"))
    said = await ann.say("schedule a long lunch with Bob on Monday at 10 am instead, please",
                         "add_event", ("event", "lunch with Bob"))  # fmt: skip
    assert said == ["utter_ask_event_conflict"]


async def test_one_after_the_other_is_no_conflict(ann: CalendarTalk) -> None:
    await ann.put("standup", "2026-11-23 10:00")
    await ann.put("my birthday", "2026-11-23", "2026-11-24", all_day=True)
    said = await ann.say("add dentist on Monday at 11", "add_event", ("event", "dentist"))
    assert said == ["utter_event_added"]


async def test_a_series_conflicts_with_what_comes_later(ann: CalendarTalk) -> None:
    await ann.put("theatre", "2026-12-08 18:30")
    said = await ann.say("yoga every Tuesday at 6", "add_event", ("event", "yoga"))
    assert said == ["utter_ask_event_conflict"]
    await ann.say("yes", "affirm")
    assert (await ann.events("2026-12-02")) == [
        "2026-11-24 18:00-19:00 yoga",
        "2026-12-01 18:00-19:00 yoga",
    ]


async def test_what_is_past_is_asked_about(ann: CalendarTalk) -> None:
    said = await ann.say("add lunch yesterday at noon", "add_event", ("event", "lunch"))
    assert said == ["utter_ask_event_past"]
    assert await ann.say("yes", "affirm") == ["utter_event_added"]
    assert await ann.events() == ["2026-11-19 12:00-13:00 lunch"]


async def test_adding_is_taken_back(ann: CalendarTalk) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert await ann.say("undo", "undo") == ["utter_event_taken_back"]
    assert await ann.events() == []
    assert await ann.say("undo", "undo") == ["utter_nothing_to_undo"]


@pytest.mark.parametrize(
    ("correction", "there"),
    [
        ("no, at 11", "2026-11-23 11:00-12:00 dentist"),
        ("no, on Tuesday", "2026-11-24 10:00-11:00 dentist"),
    ],
)
async def test_adding_is_put_right(ann: CalendarTalk, correction: str, there: str) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert await ann.say(correction, "correct") == ["utter_event_added"]
    assert await ann.events() == [there]


async def test_what_others_changed_since_is_not_taken_back(
    ann: CalendarTalk, calendars: Path
) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    path = calendars / file_name(USER)
    path.write_bytes(path.read_bytes().replace(b"SUMMARY:dentist", b"SUMMARY:doctor"))
    assert await ann.say("undo", "undo") == ["utter_event_changed"]
    assert await ann.events() == ["2026-11-23 10:00-11:00 doctor"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("put a day off on Tuesday in my calendar, all day", "day off"),
        ("could you schedule the boiler service tomorrow at ten", "boiler service"),
        ("add something to my calendar", None),
        ("make an appointment", None),
        ("add an event on Saturday", None),
        ("put it in the calendar", None),
    ],
)
async def test_a_title_that_was_not_recognised(
    ann: CalendarTalk, text: str, title: str | None
) -> None:
    said = await ann.say(text, "add_event")
    if title is None:
        assert said == ["utter_ask_event_title"]
    else:
        assert said == ["utter_event_added"]
        assert (await ann.events())[0].endswith(f" {title}")


async def test_a_place_is_kept(ann: CalendarTalk) -> None:
    await ann.say(
        "lunch with Tom at Luigi's tomorrow at one", "add_event",
        ("event", "lunch with Tom"), ("place", "Luigi's"),
    )  # fmt: skip
    assert ann.filled[-1]["when"].endswith(", Luigi's")
    await ann.say("when is lunch with Tom?", "ask_calendar", ("event", "lunch with Tom"))
    assert "Luigi's" in ann.filled[-1]["events"]
