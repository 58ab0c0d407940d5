"""Whose calendar it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.calendar_objects import new_event
from actions.clients.calendar import (
    NOT_YOURS,
    CalendarError,
    ask_calendar,
    file_name,
    open_calendar,
)
from actions.settings.calendar import read_calendar_settings
from tests.actions.calendar_contents import at, deadline, put, there


@pytest.mark.parametrize(
    "sender", ["../../etc/passwd", "ann/../bob", "..", "", "a" * 500, "ann\x00", "Ünïcode", "a b"]
)
def test_no_sender_leaves_the_folder(tmp_path: Path, sender: str) -> None:
    settings = read_calendar_settings({"PARLEY_CALENDAR": str(tmp_path / "calendars")})
    calendar = open_calendar(settings, sender, deadline())
    uid, text = new_event("dentist", at(26, 9), at(26, 10))
    calendar.write(uid, text, None)
    assert [p.parent for p in tmp_path.rglob("*.ics")] == [tmp_path / "calendars"]
    assert file_name(sender).isascii()


def test_no_two_senders_share_a_file() -> None:
    senders = ["ann", "Ann", "ann/", "ann-", "ann ", "a" * 50, "a" * 51, "", "-"]
    assert len({file_name(sender).casefold() for sender in senders}) == len(senders)


async def test_senders_keep_their_calendars_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "calendars"))
    await ask_calendar("ann", lambda calendar: put(calendar, "dentist", at(26, 9)))
    assert len(await ask_calendar("ann", there)) == 1
    assert await ask_calendar("bob", there) == []


@pytest.mark.parametrize("place", ["home.ics", "http://127.0.0.1:1/calendar/"])
def test_one_calendar_is_its_owners(tmp_path: Path, place: str) -> None:
    where = place if place.startswith("http") else str(tmp_path / place)
    owned = read_calendar_settings({"PARLEY_CALENDAR": where, "PARLEY_CALENDAR_OWNERS": "ann, eve"})
    assert open_calendar(owned, "eve", deadline())
    with pytest.raises(CalendarError) as refused:
        open_calendar(owned, "bob", deadline())
    assert refused.value.reason == NOT_YOURS
    assert open_calendar(read_calendar_settings({"PARLEY_CALENDAR": where}), "bob", deadline())


def test_the_password_is_not_shown() -> None:
    settings = read_calendar_settings({"PARLEY_CALENDAR_PASSWORD": "hidden-one"})
    assert settings.password == "hidden-one"
    assert "hidden-one" not in repr(settings)


@pytest.mark.parametrize("seconds", ["0", "nan", "soon", "61"])
async def test_a_setting_of_no_use_is_a_calendar_that_is_away(
    monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("PARLEY_CALENDAR_TIMEOUT", seconds)
    with pytest.raises(CalendarError, match="PARLEY_CALENDAR_TIMEOUT"):
        await ask_calendar("ann", there)
