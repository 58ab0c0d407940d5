"""When what recurs is due next, also where clocks are changed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from actions.recurring import UnusableRuleError, next_occurrence

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def following(rule: str, first: str, now: str, previous: str | None = None) -> str | None:
    found = next_occurrence(rule, at(first), at(previous or first), at(now), BERLIN)
    return found.isoformat() if found else None


def test_seven_stays_seven_when_summer_time_ends() -> None:
    # From the 24th to the 26th of October 2026 lie 25 hours more than usual.
    first = "2026-10-24T07:00"
    assert following("FREQ=DAILY", first, first) == "2026-10-25T07:00:00+01:00"
    assert following("FREQ=DAILY", first, "2026-10-25T07:00") == "2026-10-26T07:00:00+01:00"


def test_seven_stays_seven_when_summer_time_begins() -> None:
    first = "2026-03-28T07:00"
    assert following("FREQ=DAILY", first, first) == "2026-03-29T07:00:00+02:00"


def test_a_time_that_is_skipped_comes_an_hour_later_and_only_that_day() -> None:
    first = "2026-03-28T02:30"
    gap = following("FREQ=DAILY", first, first)
    assert gap == "2026-03-29T03:30:00+02:00"
    assert following("FREQ=DAILY", first, gap[:16], gap[:16]) == "2026-03-30T02:30:00+02:00"


def test_a_time_that_is_there_twice_comes_once() -> None:
    first = "2026-10-24T02:30"
    once = next_occurrence("FREQ=DAILY", at(first), at(first), at(first), BERLIN)
    assert once is not None
    assert once.isoformat() == "2026-10-25T02:30:00+02:00"
    then = next_occurrence("FREQ=DAILY", at(first), once, once, BERLIN)
    assert then is not None
    assert then.isoformat() == "2026-10-26T02:30:00+01:00"


def test_hours_keep_their_distance_over_the_change() -> None:
    first = "2026-10-25T00:30"
    found = [datetime.fromisoformat("2026-10-25T00:30:00+02:00")]
    for _ in range(3):
        following_one = next_occurrence("FREQ=HOURLY", at(first), found[-1], found[-1], BERLIN)
        assert following_one is not None
        found.append(following_one)
    seconds = [moment.timestamp() for moment in found]
    assert [b - a for a, b in zip(seconds, seconds[1:], strict=False)] == [3600.0] * 3


@pytest.mark.parametrize(
    ("rule", "first", "now", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-20T07:00", "2026-11-20T07:00", "2026-11-23"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24T07:00", "2026-11-25T00:00", "2026-12-08"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-10-31T07:00", "2026-11-01T00:00", "2026-12-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-10-31T07:00", "2026-11-01T00:00", "2026-11-30"),
        ("FREQ=YEARLY", "2024-02-29T07:00", "2026-11-01T00:00", "2028-02-29"),
        ("FREQ=DAILY", "2026-01-01T07:00", "2026-11-20T15:00", "2026-11-21"),
    ],
)
def test_missed_times_are_passed_over(rule: str, first: str, now: str, expected: str) -> None:
    assert str(following(rule, first, now)).startswith(expected)


def test_what_is_counted_or_limited_ends() -> None:
    assert following("FREQ=DAILY;COUNT=2", "2026-11-20T07:00", "2026-11-21T07:00") is None
    limited = "FREQ=DAILY;UNTIL=20261121T230000Z"
    assert following(limited, "2026-11-20T07:00", "2026-11-20T08:00") is not None
    assert following(limited, "2026-11-20T07:00", "2026-11-21T08:00") is None


def test_years_of_minutes_are_not_gone_through() -> None:
    found = following(
        "FREQ=MINUTELY;INTERVAL=10", "1990-01-01T00:00", "2026-11-20T15:01", "2026-11-20T14:55"
    )
    assert found == "2026-11-20T15:05:00+01:00"


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=SOMETIMES", "nonsense", "FREQ=DAILY;BYDAY=XX", ""]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(UnusableRuleError):
        following(rule, "2026-11-20T07:00", "2026-11-20T07:00")
