"""A calendar in an .ics file: what others wrote there, and others who write."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from actions.calendar_objects import moved, new_event
from actions.clients.calendar import CalendarError
from actions.clients.ics_calendar import IcsCalendar
from tests.actions.calendar_contents import (
    FROM,
    LATER,
    OTHERS,
    TO,
    at,
    deadline,
    first,
    kept,
    put,
    there,
)


def test_what_others_wrote_stays_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_bytes(OTHERS.encode())
    calendar = IcsCalendar(path, deadline())
    event = put(calendar, "dentist", at(26, 9))
    with_both = path.read_bytes().decode()
    head, _, end = OTHERS.rpartition("END:VCALENDAR")
    assert with_both.startswith(head)
    assert with_both.endswith(f"END:VCALENDAR{end}")
    assert "TZID:Europe/Berlin" in with_both
    before = kept(calendar, event.uid)
    calendar.write(event.uid, None, before)
    assert path.read_bytes().decode().startswith(head)
    assert [title for title, _, _ in there(calendar)] == [
        "Choir, as ever and always and on and on and on and on and on and on and on"
    ]


def test_what_others_noted_of_an_event_moves_with_it(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_bytes(OTHERS.encode())
    calendar = IcsCalendar(path, deadline())
    event = first(calendar, there(calendar)[0][0])
    before = kept(calendar, event.uid)
    calendar.write(event.uid, moved(before, event, at(26, 19), at(26, 20), all_day=False), before)
    after = path.read_text(encoding="utf-8")
    for kept_line in (
        "X-COLOUR;X-SHADE=light:violet",
        "TRIGGER:-PT15M",
        "UID:todo-1",
        "X-WR-CALNAME",
    ):
        assert kept_line in after
    assert there(calendar)[0][1] == at(26, 19)


def test_a_second_time_zone_is_not_put_in_twice(tmp_path: Path) -> None:
    calendar = IcsCalendar(tmp_path / "calendar.ics", deadline())
    put(calendar, "one", at(26, 9))
    put(calendar, "two", at(27, 9))
    text = (tmp_path / "calendar.ics").read_text(encoding="utf-8")
    assert text.count("BEGIN:VTIMEZONE") == 1


@pytest.mark.parametrize(
    "text",
    ["rubbish", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n", OTHERS[:400], OTHERS + OTHERS,
     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT\n", "\udcff"],
)  # fmt: skip
def test_a_file_that_is_no_calendar_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calendar.ics"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    calendar = IcsCalendar(path, deadline())
    with pytest.raises(CalendarError):
        calendar.objects(FROM, TO)
    with pytest.raises(CalendarError):
        put(calendar, "dentist", at(26, 9))
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_an_event_that_cannot_be_read_hides_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "calendar.ics"
    broken = "BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Secret\r\nDTSTART:never\r\nEND:VEVENT\r\n"
    path.write_bytes(OTHERS.replace("END:VCALENDAR", f"{broken}END:VCALENDAR").encode())
    calendar = IcsCalendar(path, deadline())
    assert len(there(calendar)) == 1
    put(calendar, "dentist", at(26, 9))
    assert len(there(calendar)) == 2
    assert broken in path.read_bytes().decode()
    assert "Secret" not in caplog.text


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    calendar = IcsCalendar(tmp_path / "blocker" / "calendar.ics", deadline())
    with pytest.raises(CalendarError):
        put(calendar, "dentist", at(26, 9))


def _fill(path: Path, name: str) -> None:
    for number in range(10):
        calendar = IcsCalendar(path, deadline())
        uid, text = new_event(f"{name} {number}", at(26, 9), at(26, 10))
        calendar.write(uid, text, None)


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    spawning = multiprocessing.get_context("spawn")
    writers = [spawning.Process(target=_fill, args=(path, name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=LATER)
        assert writer.exitcode == 0
    titles = [title for title, _, _ in there(IcsCalendar(path, deadline()))]
    assert sorted(titles) == sorted(f"{name} {n}" for name in ("a", "b") for n in range(10))
    assert [p.name for p in tmp_path.iterdir() if p.suffix not in (".ics", ".lock")] == []


def test_a_lock_is_not_waited_for_without_end(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    put(IcsCalendar(path, deadline()), "dentist", at(26, 9))
    with IcsCalendar(path, deadline())._locked(), pytest.raises(CalendarError):
        put(IcsCalendar(path, deadline(0.1)), "lunch", at(26, 12))
