"""Adding, asking, moving and cancelling, in talks with the real extractor and a real file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from actions.calendar_times import read_when
from actions.clients.calendar import file_name
from actions.clock import now_for
from tests.actions.calendar_talk import CalendarTalk
from tests.actions.conftest import USER, Talk
from tests.actions.hearing import hear


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the calendars are."""
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "calendars"))
    return tmp_path / "calendars"


@pytest.fixture
def ann(talk: Any) -> CalendarTalk:
    """A talk on Friday, the 20th of November 2026, at three in the afternoon."""
    return CalendarTalk(talk)


# ------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("put dinner with Anna on Friday at 7 in my calendar", "dinner with Anna",
         "2026-11-27 19:00 - 2026-11-27 20:00"),
        ("breakfast on Monday at 7", "breakfast", "2026-11-23 07:00 - 2026-11-23 08:00"),
        ("lunch with Bob on Monday at 1", "lunch with Bob", "2026-11-23 13:00 - 2026-11-23 14:00"),
        ("lunch on Monday at 12", "lunch", "2026-11-23 12:00 - 2026-11-23 13:00"),
        ("dinner on Monday at 7 in the morning", "dinner", "2026-11-23 07:00 - 2026-11-23 08:00"),
        ("a meeting tomorrow from 2 to 4", "meeting", "2026-11-21 14:00 - 2026-11-21 16:00"),
        ("a meeting tomorrow at 6", "meeting", "2026-11-21 18:00 - 2026-11-21 19:00"),
        ("a meeting tomorrow at 6 am", "meeting", "2026-11-21 06:00 - 2026-11-21 07:00"),
        ("a meeting tomorrow at 06:30", "meeting", "2026-11-21 06:30 - 2026-11-21 07:30"),
        ("a meeting tomorrow at 19:00", "meeting", "2026-11-21 19:00 - 2026-11-21 20:00"),
        ("a meeting tomorrow at 19", "meeting", "2026-11-21 19:00 - 2026-11-21 20:00"),
        ("a meeting on Monday at 10", "meeting", "2026-11-23 10:00 - 2026-11-23 11:00"),
        ("a meeting at 7", "meeting", "2026-11-20 19:00 - 2026-11-20 20:00"),
        ("breakfast at 8", "breakfast", "2026-11-21 08:00 - 2026-11-21 09:00"),
        ("a call in 5 hours", "call", "2026-11-20 20:00 - 2026-11-20 21:00"),
        ("dinner on Friday with Anna at 7", "dinner with Anna",
         "2026-11-27 19:00 - 2026-11-27 20:00"),
        ("lunch tomorrow at noon for two hours", "lunch", "2026-11-21 12:00 - 2026-11-21 14:00"),
        ("a night out from 10 pm to 2 am tomorrow", "night out",
         "2026-11-21 22:00 - 2026-11-22 02:00"),
        ("day off tomorrow, all day", "day off", "2026-11-21 00:00 - 2026-11-22 00:00 all day"),
        ("holiday from Monday to Wednesday", "holiday",
         "2026-11-23 00:00 - 2026-11-26 00:00 all day"),
        ("dentist on Monday", "dentist", "2026-11-23 00:00 - 2026-11-24 00:00 open"),
        ("dentist on Monday afternoon", "dentist", "2026-11-23 12:00 - 2026-11-23 18:00 open"),
        ("dentist next week", "dentist", None),
        ("yoga every Tuesday at 6", "yoga",
         "2026-11-24 18:00 - 2026-11-24 19:00 FREQ=WEEKLY;BYDAY=TU"),
        ("yoga every Tuesday", "yoga",
         "2026-11-24 00:00 - 2026-11-25 00:00 FREQ=WEEKLY;BYDAY=TU open"),
        ("dentist", "dentist", None),
    ],
)  # fmt: skip
def test_when(talk: Any, text: str, title: str, expected: str | None) -> None:
    tracker = hear(talk, text, "add_event").tracker()
    when = read_when(tracker.latest_message, now_for(tracker), title)
    told = when and " ".join(
        filter(None, [f"{when.start:%Y-%m-%d %H:%M} - {when.end:%Y-%m-%d %H:%M}", when.rule,
                      "open" if when.open else "", "all day" if when.all_day else ""])
    )  # fmt: skip
    assert told == expected


# ----------------------------------------------------------------------- adding


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


async def test_adding_in_place_of_moving(ann: CalendarTalk) -> None:
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


async def test_what_others_changed_since_is_not_taken_back(ann: CalendarTalk, folder: Path) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    path = folder / file_name(USER)
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


# ----------------------------------------------------------------------- asking


async def fill(ann: CalendarTalk) -> None:
    await ann.put("standup", "2026-11-23 09:00", "2026-11-23 09:15")
    await ann.put("dentist appointment", "2026-11-23 14:00")
    await ann.put("yoga", "2026-11-24 18:00", rule="FREQ=WEEKLY;BYDAY=TU")
    await ann.put("Lena's birthday", "2026-11-25", "2026-11-26", all_day=True)


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


# ----------------------------------------------------------------------- moving


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


# -------------------------------------------------------------------- cancelling


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
    ann: CalendarTalk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    (folder / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv("PARLEY_CALENDAR", str(folder / "blocker" / "calendars"))
    assert await ann.say("undo", "undo") == ["utter_calendar_unavailable"]
    monkeypatch.setenv("PARLEY_CALENDAR", str(folder))
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


# ---------------------------------------------------------------- out of reach


async def test_a_calendar_that_is_away(
    ann: CalendarTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "blocker" / "calendars"))
    for text, intent in [
        ("add dentist on Monday at 10", "add_event"),
        ("what about the dentist on Monday?", "ask_calendar"),
        ("move the dentist to Thursday at 3", "move_event"),
        ("cancel the dentist", "cancel_event"),
    ]:
        said = await ann.say(text, intent, ("event", "dentist"))
        assert said == ["utter_calendar_unavailable"]
        assert ann.talk.tracker().active_loop_name is None


async def test_somebody_elses_calendar(
    ann: CalendarTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "home.ics"))
    monkeypatch.setenv("PARLEY_CALENDAR_OWNERS", "eve")
    said = await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert said == ["utter_calendar_not_yours"]
    assert not list(tmp_path.rglob("*.ics"))


async def test_nobody_sees_anothers_events(ann: CalendarTalk, new_talk: Any) -> None:
    await ann.put("dentist", "2026-11-23 14:00")
    talk: Talk = new_talk()
    bob = CalendarTalk(talk, "bob")
    assert await bob.events() == []
