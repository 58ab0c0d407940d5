"""How times are put into words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from actions.speaking_times import speak_duration, speak_moment, speak_recurrence, speak_until

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=BERLIN)
"""A Friday."""


def at(text: str) -> datetime:
    """A moment in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-20T18:00", "at six this evening"),
        ("2026-11-20T15:05", "at 3:05 this afternoon"),
        ("2026-11-20T08:30", "at half past eight this morning"),
        ("2026-11-20T12:00", "at noon today"),
        ("2026-11-20T23:45", "at a quarter to twelve tonight"),
        ("2026-11-21T00:00", "at midnight tonight"),
        ("2026-11-21T00:15", "tomorrow at a quarter past midnight"),
        ("2026-11-21T07:15", "tomorrow at a quarter past seven in the morning"),
        ("2026-11-21T12:00", "tomorrow at noon"),
        ("2026-11-21T11:45", "tomorrow at a quarter to twelve in the morning"),
        ("2026-11-24T19:23", "on Tuesday at 7:23 in the evening"),
        ("2026-11-26T00:00", "on Thursday at 0:00"),
        ("2026-11-27T16:00", "on Friday the 27th of November at four in the afternoon"),
        ("2027-01-01T00:30", "on Friday the 1st of January 2027 at half past midnight"),
        ("2026-11-19T21:00", "yesterday at nine in the evening"),
        ("2026-11-16T03:00", "last Monday at three at night"),
    ],
)
def test_a_moment(moment: str, said: str) -> None:
    assert speak_moment(at(moment), NOW) == said


@pytest.mark.parametrize(
    ("moment", "grain", "said"),
    [
        ("2026-11-20T00:00", "day", "today"),
        ("2026-11-22T00:00", "day", "on Sunday"),
        ("2026-12-04T00:00", "day", "on Friday the 4th of December"),
        ("2026-11-16T00:00", "week", "this week"),
        ("2026-11-23T00:00", "week", "next week"),
        ("2026-12-07T00:00", "week", "in the week of the 7th of December"),
        ("2026-12-01T00:00", "month", "next month"),
        ("2027-03-01T00:00", "month", "in March 2027"),
        ("2027-01-01T00:00", "year", "next year"),
        ("2030-01-01T00:00", "year", "in 2030"),
    ],
)
def test_what_is_said_follows_the_grain(moment: str, grain: str, said: str) -> None:
    assert speak_moment(at(moment), NOW, grain) == said


def test_a_moment_is_said_in_the_zone_of_who_is_spoken_to() -> None:
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert speak_moment(moment, NOW) == "tomorrow at half past midnight"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a second"),
        (1, "a second"),
        (45, "45 seconds"),
        (60, "a minute"),
        (90, "a minute and 30 seconds"),
        (600, "ten minutes"),
        (1800, "half an hour"),
        (2700, "45 minutes"),
        (3600, "an hour"),
        (3604, "an hour"),
        (4200, "an hour and ten minutes"),
        (5400, "an hour and a half"),
        (9000, "two and a half hours"),
        (86400, "a day"),
        (129600, "a day and a half"),
        (97500, "a day, three hours and five minutes"),
        (604800, "a week"),
        (1209600, "two weeks"),
        (864000, "a week and three days"),
        (-600, "ten minutes"),
    ],
)
def test_a_duration(seconds: int, said: str) -> None:
    assert speak_duration(timedelta(seconds=seconds)) == said


def test_how_far_ahead() -> None:
    assert speak_until(NOW + timedelta(minutes=10), NOW) == "in ten minutes"
    assert speak_until(NOW - timedelta(minutes=10), NOW) == "now"


@pytest.mark.parametrize(
    ("rule", "start", "said"),
    [
        ("FREQ=DAILY", "2026-11-21T07:00", "every day at seven in the morning"),
        ("FREQ=DAILY;INTERVAL=2", "2026-11-21T07:00", "every other day at seven in the morning"),
        ("FREQ=DAILY;BYHOUR=8,20", "2026-11-21T08:00",
         "every day at eight in the morning and eight in the evening"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23T07:00",
         "every weekday at seven in the morning"),
        ("FREQ=WEEKLY;BYDAY=TU", "2026-11-24T18:30",
         "every Tuesday at half past six in the evening"),
        ("FREQ=WEEKLY", "2026-11-24T12:00", "every Tuesday at noon"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24T12:00", "every other Tuesday at noon"),
        ("FREQ=WEEKLY;BYDAY=SU,SA", "2026-11-21T09:00",
         "every Saturday and Sunday at nine in the morning"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO", "2026-11-23T09:00",
         "every three weeks on Monday at nine in the morning"),
        ("FREQ=MONTHLY;BYMONTHDAY=3", "2026-12-03T09:00",
         "every month on the 3rd at nine in the morning"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30T09:00",
         "every month on the last day at nine in the morning"),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-12-07T09:00",
         "every month on the 1st Monday at nine in the morning"),
        ("FREQ=YEARLY", "2026-12-24T18:00",
         "every year on the 24th of December at six in the evening"),
        ("FREQ=HOURLY;INTERVAL=2", "2026-11-20T17:00", "every other hour"),
        ("FREQ=MINUTELY;INTERVAL=20", "2026-11-20T15:20", "every 20 minutes"),
        ("FREQ=DAILY;COUNT=5", "2026-11-21T07:00", "every day at seven in the morning, five times"),
        ("FREQ=DAILY;UNTIL=20261204T230000Z", "2026-11-21T07:00",
         "every day at seven in the morning, until the 4th of December"),
    ],
)  # fmt: skip
def test_a_recurrence(rule: str, start: str, said: str) -> None:
    assert speak_recurrence(rule, at(start)) == said
