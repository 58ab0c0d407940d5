"""The conversation goes on whatever an answer does, and ends when its person says so."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import rasa.core.channels.console as rasa_console
from aiohttp import web

from actions.settings import DATABASE_URL_VARIABLE
from actions.storage.database import Database
from actions.storage.reminders import Reminder, ReminderRepository
from scripts import shell


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database of its own, where what is due is looked for."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    monkeypatch.setenv(DATABASE_URL_VARIABLE, url)
    return Database(url, 5.0)


@pytest.fixture
async def server(unused_tcp_port: int, database: Database) -> AsyncIterator[str]:
    """A stand-in for Rasa's server, which answers each message in its own way."""

    async def answer(request: web.Request) -> web.Response:
        message = (await request.json())["message"]
        if message == "fail":
            raise web.HTTPInternalServerError
        if message == "dawdle":
            await asyncio.sleep(5)
        replies: list[shell.Reply] = []
        if message == "hello":
            replies = [{"text": "one"}, {"text": "two"}]
        elif message == "ask":
            replies = [{"text": "Shall I?", "buttons": YES_OR_NO}]
        elif message != "nothing":
            replies = [{"text": f"heard {message}"}]
        return web.json_response(replies)

    async def up(_: web.Request) -> web.Response:
        return web.Response(text="up")

    async def deliver(request: web.Request) -> web.Response:
        # As Rasa does it, with the action server's part in it.
        sender = request.match_info["sender"]
        now = datetime.now(timezone.utc)
        due = ReminderRepository(database, sender).claim_due(now)
        said = [[reminder.id, reminder.due_at.isoformat()] for reminder in due]
        messages = [{"text": f"Reminder: {reminder.what}."} for reminder in due]
        return web.json_response(
            {"tracker": {"slots": {"reminders_said": said}}, "messages": messages}
        )

    application = web.Application()
    application.router.add_post("/conversations/{sender}/trigger_intent", deliver)
    application.router.add_get("/", up)
    application.router.add_post("/webhooks/rest/webhook", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port, shutdown_timeout=0.1).start()
    yield f"http://127.0.0.1:{unused_tcp_port}"
    await runner.cleanup()


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the person say these lines."""

    def use(*lines: str) -> None:
        said = iter(lines)

        class Reader:
            async def read(self) -> str | None:
                return next(said, None)

        monkeypatch.setattr(shell, "LineReader", Reader)

    return use


async def test_goes_on_after_answers_that_fail_or_never_come(
    server: str, say: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    say("fail", "dawdle", "nothing", "", "hello", "/stop", "hello")
    assert await shell.converse("someone", server, request_timeout=1) == 4
    told = capsys.readouterr().out.splitlines()[1:]
    assert [line.split(".")[0] for line in told] == [
        "(The answer failed",
        "(No answer in time",
        "(No answer",
        "one",
        "two",
    ]


async def test_what_falls_due_is_shown_while_the_person_says_nothing(
    server: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    due = datetime.now(timezone.utc) + timedelta(seconds=1)
    new = Reminder("reminder", due, "UTC", "cmdline", due - timedelta(hours=1), "call mum")
    kept = ReminderRepository(database, "someone")
    kept.add([new], due)
    ReminderRepository(database, "another").add([replace(new, what="not this")], due)

    class Silent:
        async def read(self) -> str | None:
            deadline = time.monotonic() + 20
            while kept.waiting() and time.monotonic() < deadline:
                await asyncio.sleep(0.1)
            await asyncio.sleep(2.5)  # two more looks
            return None

    monkeypatch.setattr(shell, "LineReader", Silent)
    await shell.converse("someone", server)
    told = capsys.readouterr().out
    assert told.count("Reminder: call mum.") == 1
    assert "not this" not in told


async def test_end_of_input_on_a_terminal_ends_the_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ctrl_d(_: object) -> str:
        raise EOFError

    monkeypatch.setattr(rasa_console, "_get_user_input", ctrl_d)
    assert await shell._ask_on_terminal() is None


YES_OR_NO = [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]


def test_buttons_are_choices_below_the_reply(capsys: pytest.CaptureFixture[str]) -> None:
    screen = shell.Screen(shell.show_plainly)
    screen.show({"text": "Shall I?", "buttons": YES_OR_NO})
    assert capsys.readouterr().out.splitlines() == ["Shall I?", "  1: Yes   2: No"]
    long = [{"title": f"An alarm {n} days ahead" * 2, "payload": f"number {n}"} for n in (1, 2, 3)]
    screen.show({"text": "Which one?", "buttons": long})
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_choice_is_taken_by_its_number_and_anything_else_as_it_is() -> None:
    screen = shell.Screen(lambda _: None)
    assert screen.meant("1") == "1"
    screen.show({"text": "Shall I?", "buttons": YES_OR_NO})
    screen.show({"text": "I ask because it cannot be undone."})
    assert [screen.meant(typed) for typed in ("1", "2")] == ["/affirm", "/deny"]
    for typed in ("0", "3", "yes", "1 please", "²", "-1"):
        assert screen.meant(typed) == typed
    screen.forget()
    assert screen.meant("1") == "1"


async def test_the_number_of_a_choice_is_sent_as_what_it_says(
    server: str, say: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    say("ask", "2", "2", "/stop")
    await shell.converse("someone", server)
    told = capsys.readouterr().out.splitlines()[1:]
    assert told == ["Shall I?", "  1: Yes   2: No", "heard /deny", "heard 2"]


def test_rasa_still_calls_the_loop_that_is_replaced() -> None:
    # The loop is put in Rasa's place by name: another Rasa may not have that name.
    import inspect

    import rasa.core.run

    assert "console.record_messages(" in inspect.getsource(rasa.core.run.configure_app)
    assert callable(rasa_console._get_user_input)
    assert callable(rasa_console._print_bot_output)
