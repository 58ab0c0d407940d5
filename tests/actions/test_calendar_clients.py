"""Both places where a calendar can be, an .ics file and a CalDAV server (a real Radicale)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from actions.calendar_objects import moved, new_event, occurrences, without
from actions.clients.caldav_calendar import CaldavCalendar
from actions.clients.calendar import CHANGED, Calendar, CalendarError
from actions.clients.ics_calendar import IcsCalendar
from tests.actions.calendar_contents import (
    BERLIN,
    FROM,
    TO,
    TOKYO,
    at,
    deadline,
    first,
    kept,
    put,
    there,
)
from tests.services.radicale import PASSWORD, USER, Radicale


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    server = Radicale(tmp_path_factory.mktemp("radicale"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["ics", "caldav"])
def calendar(request: pytest.FixtureRequest, tmp_path: Path) -> Calendar:
    """An empty calendar of either kind."""
    if request.param == "ics":
        return IcsCalendar(tmp_path / "kept" / "calendar.ics", deadline())
    server: Radicale = request.getfixturevalue("radicale")
    server.clear()
    return CaldavCalendar(server.url, USER, PASSWORD, deadline())


def test_what_is_added_is_there(calendar: Calendar) -> None:
    assert there(calendar) == []
    event = put(calendar, "Dinner, with Anna; “quickly”", at(27, 19), place="Luigi's")
    assert there(calendar) == [("Dinner, with Anna; “quickly”", at(27, 19), at(27, 20))]
    assert (event.place, event.all_day, event.occurrence, event.busy) == (
        "Luigi's",
        False,
        None,
        True,
    )


def test_an_event_moves(calendar: Calendar) -> None:
    event = put(calendar, "dentist", at(26, 9))
    before = kept(calendar, event.uid)
    calendar.write(event.uid, moved(before, event, at(27, 10), at(27, 11), all_day=False), before)
    assert there(calendar) == [("dentist", at(27, 10), at(27, 11))]


def test_an_event_goes_and_comes_back(calendar: Calendar) -> None:
    event = put(calendar, "dentist", at(26, 9))
    before = kept(calendar, event.uid)
    calendar.write(event.uid, without(before, event), before)
    assert there(calendar) == []
    assert calendar.object(event.uid) is None
    calendar.write(event.uid, before, None)
    assert there(calendar) == [("dentist", at(26, 9), at(26, 10))]


def test_an_event_that_another_program_changed_is_left_alone(calendar: Calendar) -> None:
    event = put(calendar, "dentist", at(26, 9))
    seen = kept(calendar, event.uid)
    other = moved(seen, event, at(28, 9), at(28, 10), all_day=False)
    calendar.write(event.uid, other, seen)
    for wanted in (without(seen, event), moved(seen, event, at(29, 9), at(29, 10), all_day=False)):
        with pytest.raises(CalendarError) as refused:
            calendar.write(event.uid, wanted, seen)
        assert refused.value.reason == CHANGED
    assert there(calendar) == [("dentist", at(28, 9), at(28, 10))]


def test_an_event_that_is_gone_is_not_put_back(calendar: Calendar) -> None:
    event = put(calendar, "dentist", at(26, 9))
    seen = kept(calendar, event.uid)
    calendar.write(event.uid, None, seen)
    with pytest.raises(CalendarError) as refused:
        calendar.write(event.uid, seen, seen)
    assert refused.value.reason == CHANGED
    assert there(calendar) == []


def test_an_event_that_is_there_is_not_made_twice(calendar: Calendar) -> None:
    event = put(calendar, "dentist", at(26, 9))
    with pytest.raises(CalendarError) as refused:
        calendar.write(event.uid, kept(calendar, event.uid), None)
    assert refused.value.reason == CHANGED


def test_a_day_is_a_day_in_every_time_zone(calendar: Calendar) -> None:
    uid, text = new_event("holiday", at(24, 0), at(26, 0), all_day=True)
    calendar.write(uid, text, None)
    for zone in (BERLIN, TOKYO):
        start = datetime(2026, 11, 24, tzinfo=zone)
        assert there(calendar, zone) == [("holiday", start, start + timedelta(days=2))]


def test_an_event_is_seen_in_the_time_zone_of_who_asks(calendar: Calendar) -> None:
    put(calendar, "call", at(27, 19))
    [(_, start, _)] = there(calendar, TOKYO)
    assert (start, start.hour, start.day) == (at(27, 19), 3, 28)


def test_a_series_keeps_its_hour_when_the_clocks_change(calendar: Calendar) -> None:
    put(calendar, "yoga", at(23, 18, month=3, year=2027), rule="FREQ=WEEKLY;BYDAY=TU")
    starts = [start for _, start, _ in there(calendar)]
    assert [(s.hour, s.utcoffset()) for s in starts[:2]] == [
        (18, timedelta(hours=1)),
        (18, timedelta(hours=2)),
    ]


def test_one_occurrence_goes_the_others_stay(calendar: Calendar) -> None:
    event = put(calendar, "yoga", at(24, 18), rule="FREQ=WEEKLY;BYDAY=TU;COUNT=3")
    before = kept(calendar, event.uid)
    calendar.write(event.uid, without(before, event), before)
    assert [start for _, start, _ in there(calendar)] == [at(1, 18, month=12), at(8, 18, month=12)]


def test_one_occurrence_moves_twice_and_goes(calendar: Calendar) -> None:
    put(calendar, "yoga", at(24, 18), rule="FREQ=WEEKLY;BYDAY=TU;COUNT=3")
    for start in (at(25, 17), at(26, 8)):
        event = first(calendar, "yoga")
        before = kept(calendar, event.uid)
        after = moved(before, event, start, start + timedelta(hours=2), all_day=False)
        calendar.write(event.uid, after, before)
        assert there(calendar)[0] == ("yoga", start, start + timedelta(hours=2))
        assert len(there(calendar)) == 3
    event = first(calendar, "yoga")
    before = kept(calendar, event.uid)
    calendar.write(event.uid, without(before, event), before)
    assert [start for _, start, _ in there(calendar)] == [at(1, 18, month=12), at(8, 18, month=12)]


def test_a_series_goes_as_a_whole(calendar: Calendar) -> None:
    event = put(calendar, "yoga", at(24, 18), rule="FREQ=DAILY")
    before = kept(calendar, event.uid)
    calendar.write(event.uid, without(before, event, series=True), before)
    assert there(calendar) == []


def test_a_series_of_days(calendar: Calendar) -> None:
    uid, text = new_event("rent", at(1, 0), at(2, 0), all_day=True, rule="FREQ=MONTHLY;COUNT=3")
    calendar.write(uid, text, None)
    event = occurrences(calendar.objects(FROM, TO), FROM, TO, BERLIN)[1]
    before = kept(calendar, uid)
    calendar.write(uid, without(before, event), before)
    assert [start.month for _, start, _ in there(calendar)] == [11, 1]


def test_something_in_the_night_of_the_change_of_clocks(calendar: Calendar) -> None:
    put(calendar, "night shift", at(27, 23, month=3, year=2027), hours=0)
    # 02:30 is not on any clock of that night.
    put(calendar, "nap", datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN))
    assert [title for title, _, _ in there(calendar)] == ["night shift", "nap"]
