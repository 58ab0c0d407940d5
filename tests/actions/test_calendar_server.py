"""A calendar on a CalDAV server: a real Radicale, and one that answers nonsense."""

from __future__ import annotations

import asyncio
import http.server
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from actions.calendar_objects import moved, new_event, occurrences
from actions.clients.caldav_calendar import CaldavCalendar
from actions.clients.calendar import AWAY, UNCERTAIN, CalendarError, ask_calendar
from tests.actions.calendar_contents import BERLIN, CHOIR, FROM, TO, at, deadline, kept, put, there
from tests.services.radicale import PASSWORD, USER, Radicale


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    server = Radicale(tmp_path_factory.mktemp("radicale"))
    server.start()
    yield server
    server.stop()


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
    monkeypatch.setenv("PARLEY_CALENDAR_TIMEOUT", "3")
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
