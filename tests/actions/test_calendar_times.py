"""When an event is to be, read off what somebody says of it."""

from __future__ import annotations

from typing import Any

import pytest

from actions.calendar_times import read_when
from actions.clock import now_for
from tests.actions.hearing import hear


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
