"""What messages say of reminders: when, of what, of which kind, and what is to change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actions.reminder_reading import change_of, kind_of, kind_to_set, texts_of, wants_all
from actions.reminder_times import (
    NEGATIVE,
    NO_SUCH_TIME,
    PAST,
    TOO_FAR,
    moved,
    time_from_number,
    times_in,
)
from tests.actions.hearing import NOW, ZONE, values_in

BERLIN = ZoneInfo(ZONE)
now = datetime.fromisoformat(NOW).astimezone(BERLIN)


def message(text: str, *texts: str) -> dict[str, Any]:
    """A parsed message; `texts` are the parts that are to be reminded of."""
    entities: list[dict[str, Any]] = []
    for part in texts:
        start = text.index(part)
        where = {"start": start, "end": start + len(part)}
        entities.append({"entity": "reminder_text", "value": part, **where})
    return {"text": text, "intent": {"name": "x"}, "entities": entities + values_in(text)}


def whens(said: dict[str, Any], kind: str | None = None) -> list[str]:
    """The moments, short, with the rules behind them."""
    found = times_in(said, now, kind or kind_to_set(said))
    assert found.trouble is None
    return [f"{w.due:%d %H:%M}{' ' + w.rrule if w.rrule else ''}" for w in found.whens]


@pytest.mark.parametrize(
    ("text", "texts", "expected"),
    [
        ("remind me to call mum at six", ["call mum"], ["20 18:00"]),
        ("remind me tomorrow to call mum", ["call mum"], ["21 09:00"]),
        ("remind me today to call mum", ["call mum"], []),
        ("remind me next week to call mum", ["call mum"], ["23 09:00"]),
        ("remind me this afternoon to call mum", ["call mum"], ["20 16:00"]),
        ("remind me on Friday afternoon about the parcel", ["the parcel"], ["27 12:00"]),
        ("set a timer for ten minutes", [], ["20 15:10"]),
        ("set timers for 5 and 10 minutes", [], ["20 15:05", "20 15:10"]),
        ("set two timers, one for five minutes and one for ten", [], ["20 15:10", "20 15:05"]),
        ("start a countdown of an hour and a half", [], ["20 16:30"]),
        ("wake me at 7", [], ["21 07:00"]),
        ("wake me at 7 this evening", [], ["20 19:00"]),
        ("wake me at 4", [], ["20 16:00"]),
        ("set an alarm for half past six", [], ["21 06:30"]),
        ("every weekday at 7 remind me to take my pills", ["take my pills"],
         ["23 07:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]),
        ("set an alarm for 7 every monday", [], ["23 07:00 FREQ=WEEKLY;BYDAY=MO"]),
        ("remind me every other Tuesday to put the bins out", ["put the bins out"],
         ["24 09:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"]),
        ("every two hours remind me to drink water", ["drink water"],
         ["20 17:00 FREQ=HOURLY;INTERVAL=2"]),
        ("remind me at nine to watch the ten o'clock news", ["watch the ten o'clock news"],
         ["20 21:00"]),
        ("remind me to watch the ten o'clock news", ["watch the ten o'clock news"], ["20 22:00"]),
        ("remind me at six to call mum and at eight to feed the cat", ["call mum", "feed the cat"],
         ["20 18:00", "20 20:00"]),
        ("remind me", [], []),
    ],
)  # fmt: skip
def test_when(text: str, texts: list[str], expected: list[str]) -> None:
    assert sorted(whens(message(text, *texts))) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("remind me yesterday to call mum", PAST),
        ("set a timer for minus five minutes", NEGATIVE),
        ("set a timer for zero minutes", NEGATIVE),
        ("wake me at 25:00", NO_SUCH_TIME),
        ("remind me on the 30th of February to call", NO_SUCH_TIME),
        ("remind me in twenty years", TOO_FAR),
        ("set a timer for 100000 hours", TOO_FAR),
    ],
)
def test_what_cannot_be(text: str, trouble: str) -> None:
    said = message(text)
    assert times_in(said, now, kind_to_set(said)).trouble == trouble


def test_more_often_than_once_a_minute_cannot_be() -> None:
    info = {"start": NOW, "time_given": True}
    entity = {"entity": "recurrence", "value": "FREQ=SECONDLY", "additional_info": info}
    assert times_in({"text": "every second", "entities": [entity]}, now).trouble == "too_often"


def test_hours_are_hours_when_the_clocks_change() -> None:
    night = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    found = times_in(message("set a timer for three hours"), night)
    assert [w.due.isoformat() for w in found.whens] == ["2026-10-25T03:30:00+01:00"]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("7", "reminder", "20 19:00"),
        ("11", "alarm", "20 23:00"),
        ("16", "reminder", "20 16:00"),
        ("3", "reminder", "21 03:00"),
        ("20", "timer", "20 15:20"),
        ("twelve", "alarm", "21 12:00"),
    ],
)
def test_a_bare_number(text: str, kind: str, expected: str) -> None:
    found = time_from_number(message(text), now, kind)
    assert [f"{w.due:%d %H:%M}" for w in found.whens] == [expected]


def test_a_number_that_is_no_hour() -> None:
    assert time_from_number(message("99"), now, "alarm").trouble == NO_SUCH_TIME
    assert time_from_number(message("maybe"), now, "alarm").whens == []


@pytest.mark.parametrize(
    ("due", "text", "expected"),
    [
        ("2026-11-20T16:00", "make it half past", "20 16:30"),
        ("2026-11-27T15:00", "move the dentist reminder to tomorrow", "21 15:00"),
        ("2026-11-27T15:00", "move it to four o'clock", "27 16:00"),
        ("2026-11-27T15:00", "move it to Monday at ten", "23 10:00"),
        ("2026-11-27T07:00", "change the alarm to 8:30", "27 08:30"),
        ("2026-11-21T07:00", "change my alarm to seven thirty", "21 07:30"),
        ("2026-11-20T20:00", "make it in ten minutes", "20 15:10"),
        ("2026-11-21T07:00", "make it 19:30", "21 19:30"),
    ],
)
def test_what_is_moved_keeps_what_is_not_said(due: str, text: str, expected: str) -> None:
    was = datetime.fromisoformat(due).replace(tzinfo=BERLIN)
    found = moved(was, message(text), now)
    assert [f"{w.due:%d %H:%M}" for w in found.whens] == [expected]


@pytest.mark.parametrize(
    ("text", "texts", "kind"),
    [
        ("set a timer for ten minutes", [], "timer"),
        ("ten minutes please", [], "timer"),
        ("wake me at seven", [], "alarm"),
        ("remind me to set the alarm", ["set the alarm"], "reminder"),
        ("a pasta timer for 8 minutes", ["pasta"], "timer"),
        ("give me a shout in fifteen minutes", [], "alarm"),
        ("in ten minutes I have to call mum", ["call mum"], "reminder"),
    ],
)
def test_the_kind(text: str, texts: list[str], kind: str) -> None:
    assert kind_to_set(message(text, *texts)) == kind


def test_the_kind_of_what_is_said_on_the_users_behalf() -> None:
    entities = [{"entity": "reminder_kind", "value": "timer"}]
    assert kind_of({"text": "/set_reminder", "entities": entities}) == "timer"


@pytest.mark.parametrize(
    ("text", "texts", "expected"),
    [
        ("remind me to call mum at six", ["call mum"], ["call mum"]),
        ("remind me to call mum at six", ["call mum at six"], ["call mum"]),
        ("remind me to call mum at six", [], ["call mum"]),
        ("at six remind me that the bread is in the oven", [], ["the bread is in the oven"]),
        ("remind me in ten minutes to turn the soup down", ["the soup"], ["turn the soup down"]),
        ("remind me to call mum and dad at six", ["call mum"], ["call mum and dad"]),
        ("remind me at six to turn the heating on", ["turn the heating on"],
         ["turn the heating on"]),
        ("remind me at nine to watch the ten o'clock news", ["watch the ten o'clock news"],
         ["watch the ten o'clock news"]),
        ("remind me to check the fire alarm", ["check the fire alarm"], ["check the fire alarm"]),
        ("a pasta timer for 8 minutes", ["pasta"], ["pasta"]),
        ("remind me at six", [], []),
        ("remind me of something", [], []),
    ],
)  # fmt: skip
def test_what_to_be_reminded_of(text: str, texts: list[str], expected: list[str]) -> None:
    assert texts_of(message(text, *texts)) == expected


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("snooze", "snooze"),
        ("remind me again in ten minutes", "snooze"),
        ("five more minutes", "more"),
        ("one more minute", "more"),
        ("add two minutes to the pasta timer", "more"),
        ("an hour later please", "more"),
        ("take five minutes off the timer", "less"),
        ("half an hour earlier", "less"),
        ("move it to four", "move"),
        ("a bit later", "move"),
    ],
)
def test_what_is_to_change(text: str, change: str) -> None:
    assert change_of(message(text)) == change


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("delete all alarms", True),
        ("cancel both timers", True),
        ("clear my reminders", True),
        ("cancel the reminder every monday", False),
        ("cancel the pasta timer", False),
    ],
)
def test_whether_all_are_meant(text: str, every: bool) -> None:
    assert wants_all(message(text)) is every
