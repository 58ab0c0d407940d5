"""Both places where a calendar can be: an .ics file, and a CalDAV server (a real Radicale)."""

from __future__ import annotations

import asyncio
import http.server
import logging
import multiprocessing
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from actions.calendar_objects import (
    Event,
    ObjectError,
    fingerprint,
    moved,
    new_event,
    occurrences,
    without,
)
from actions.clients.caldav_calendar import CaldavCalendar
from actions.clients.calendar import (
    AWAY,
    CHANGED,
    NOT_YOURS,
    UNCERTAIN,
    Calendar,
    CalendarError,
    ask_calendar,
    file_name,
    open_calendar,
)
from actions.clients.ics_calendar import IcsCalendar
from actions.settings.calendar import read_calendar_settings
from tests.services.radicale import PASSWORD, USER, Radicale

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
LATER = 60.0

FROM, TO = datetime(2026, 11, 1, tzinfo=BERLIN), datetime(2027, 4, 30, tzinfo=BERLIN)

OTHERS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Somebody//Else//EN\r
X-WR-CALNAME:Home\r
BEGIN:VTODO\r
UID:todo-1\r
SUMMARY:Water the plants\r
END:VTODO\r
BEGIN:VEVENT\r
UID:other-1\r
DTSTAMP:20261101T000000Z\r
SUMMARY:Choir\\, as ever and always and on and on and on and on and on and on a\r
 nd on\r
DTSTART:20261125T180000Z\r
DTEND:20261125T193000Z\r
X-COLOUR;X-SHADE=light:violet\r
PRIORITY:rather high\r
BEGIN:VALARM\r
UID:alarm-1\r
ACTION:DISPLAY\r
TRIGGER:-PT15M\r
DESCRIPTION:Sing\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""

CHOIR = re.sub(r"BEGIN:VTODO.*END:VTODO\r\n|PRIORITY.*?\r\n", "", OTHERS, flags=re.DOTALL)
"""As a server takes it: one thing in an object."""


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def deadline(seconds: float = LATER) -> float:
    return time.monotonic() + seconds


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


def there(calendar: Calendar, zone: ZoneInfo = BERLIN) -> list[tuple[str, datetime, datetime]]:
    found = occurrences(calendar.objects(FROM, TO), FROM, TO, zone)
    return [(event.title, event.start, event.end) for event in found]


def put(calendar: Calendar, title: str, start: datetime, hours: float = 1, **more: str) -> Event:
    uid, text = new_event(title, start, start + timedelta(hours=hours), **more)  # type: ignore[arg-type]
    calendar.write(uid, text, None)
    return first(calendar, title)


def first(calendar: Calendar, title: str) -> Event:
    found = occurrences(calendar.objects(FROM, TO), FROM, TO, BERLIN)
    return next(event for event in found if event.title == title)


def kept(calendar: Calendar, uid: str) -> str:
    text = calendar.object(uid)
    assert text is not None
    return text


# ------------------------------------------------------------------- both alike


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


# --------------------------------------------------------------------- the file


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


# ------------------------------------------------------------------- the server


def test_another_password(radicale: Radicale) -> None:
    with pytest.raises(CalendarError) as refused:
        there(CaldavCalendar(radicale.url, USER, "guessed", deadline()))
    assert "guessed" not in str(refused.value)


def test_a_calendar_that_is_not_on_the_server(radicale: Radicale) -> None:
    url = radicale.url.replace("/home/", "/elsewhere/")
    with pytest.raises(CalendarError):
        there(CaldavCalendar(url, USER, PASSWORD, deadline()))
    with pytest.raises(CalendarError):
        put(CaldavCalendar(url, USER, PASSWORD, deadline()), "dentist", at(26, 9))


def test_what_another_program_put_there(radicale: Radicale) -> None:
    radicale.clear()
    radicale.put("choir", CHOIR)
    calendar = CaldavCalendar(radicale.url, USER, PASSWORD, deadline())
    event = occurrences(calendar.objects(FROM, TO), FROM, TO, BERLIN)[0]
    before = kept(calendar, event.uid)
    calendar.write(event.uid, moved(before, event, at(26, 19), at(26, 20), all_day=False), before)
    assert "X-COLOUR;X-SHADE=light:violet" in radicale.everything()
    assert there(calendar)[0][1:] == (at(26, 19), at(26, 20))


def test_a_server_that_is_away_and_comes_back(radicale: Radicale) -> None:
    radicale.clear()
    put(CaldavCalendar(radicale.url, USER, PASSWORD, deadline()), "dentist", at(26, 9))
    radicale.stop()
    try:
        with pytest.raises(CalendarError) as away:
            there(CaldavCalendar(radicale.url, USER, PASSWORD, deadline()))
        assert away.value.reason == AWAY
    finally:
        radicale.start()
    assert len(there(CaldavCalendar(radicale.url, USER, PASSWORD, deadline()))) == 1


class _Strange(http.server.BaseHTTPRequestHandler):
    """Answers every request alike: a status, a body, after a while."""

    status, body, wait, asked = 200, b"", 0.0, 0

    def answer(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.wait)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_PUT = do_REPORT = do_PROPFIND = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def strange() -> Iterator[tuple[type[_Strange], str]]:
    """A server that behaves as it is told to."""
    handler = type("Handler", (_Strange,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}/calendar/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"oh dear"), (503, b""), (200, b"<html>a proxy's page"), (207, b"\x00\xff rubbish"),
     (207, b"<multistatus xmlns='DAV:'><response/></multistatus>"), (302, b""), (401, b"")],
)  # fmt: skip
def test_a_server_that_answers_nonsense(
    strange: tuple[type[_Strange], str], status: int, body: bytes
) -> None:
    handler, url = strange
    handler.status, handler.body = status, body
    calendar = CaldavCalendar(url, USER, PASSWORD, deadline())
    with pytest.raises(CalendarError):
        calendar.objects(FROM, TO)
    if status != 200:  # to have been put is all that "200" can mean
        with pytest.raises(CalendarError):
            put(calendar, "dentist", at(26, 9))


async def test_a_server_that_does_not_answer(
    strange: tuple[type[_Strange], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = strange
    handler.wait = 30.0
    monkeypatch.setenv("PARLEY_CALENDAR", url)
    monkeypatch.setenv("PARLEY_CALENDAR_TIMEOUT", "0.5")
    with pytest.raises(CalendarError) as silent:
        await ask_calendar("ann", lambda calendar: calendar.objects(FROM, TO))
    assert silent.value.reason == AWAY
    uid, text = new_event("dentist", at(26, 9), at(26, 10))
    with pytest.raises(CalendarError) as unknown:
        await ask_calendar("ann", lambda calendar: calendar.write(uid, text, None))
    assert unknown.value.reason == UNCERTAIN


def test_nothing_is_begun_after_the_deadline(strange: tuple[type[_Strange], str]) -> None:
    handler, url = strange
    uid, text = new_event("dentist", at(26, 9), at(26, 10))
    with pytest.raises(CalendarError):
        CaldavCalendar(url, "", "", deadline(-1)).write(uid, text, None)
    assert handler.asked == 0


async def test_others_are_served_while_a_server_keeps_silent(
    strange: tuple[type[_Strange], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = strange
    handler.wait = 30.0
    monkeypatch.setenv("PARLEY_CALENDAR", url)
    monkeypatch.setenv("PARLEY_CALENDAR_TIMEOUT", "1")
    waiting = asyncio.create_task(ask_calendar("ann", lambda c: c.objects(FROM, TO)))
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert not waiting.done()
    with pytest.raises(CalendarError):
        await waiting


def test_nothing_of_the_calendar_is_logged(
    radicale: Radicale, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    radicale.clear()
    put(CaldavCalendar(radicale.url, USER, PASSWORD, deadline()), "Secret surgery", at(26, 9))
    radicale.put("x", CHOIR.replace("Choir", "Hidden"))
    for password in (PASSWORD, "wrong-one"):
        try:
            there(CaldavCalendar(radicale.url, USER, password, deadline()))
        except CalendarError as error:
            logging.getLogger("test").error("%s", error)
    for secret in (PASSWORD, "wrong-one", "Secret", "Hidden"):
        assert secret not in caplog.text


# ------------------------------------------------------------------ whose it is


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


# ------------------------------------------------------------------ the objects


def test_a_fingerprint_is_of_what_an_event_is() -> None:
    _, text = new_event("dentist", at(26, 9), at(26, 10))
    stamped = re.sub(r"DTSTAMP:.*", "DTSTAMP:20200101T000000Z", text)
    assert fingerprint(stamped) == fingerprint(text)
    assert fingerprint(text.replace("dentist", "doctor")) != fingerprint(text)


def test_an_event_that_is_not_in_its_object() -> None:
    _, text = new_event("dentist", at(26, 9), at(26, 10))
    other = Event("other", "dentist", at(26, 9), at(26, 10))
    with pytest.raises(ObjectError):
        moved(text, other, at(27, 9), at(27, 10), all_day=False)


def test_an_event_in_a_slot_is_the_event() -> None:
    event = Event("uid", "dentist", at(26, 9), at(26, 10), occurrence=at(26, 9).isoformat())
    assert Event.from_json(event.to_json(), BERLIN) == event
