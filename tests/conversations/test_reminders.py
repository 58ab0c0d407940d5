"""Reminders that arrive by themselves: pushed to a real receiver by the running assistant."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from actions.storage.database import Database
from actions.storage.reminders import Reminder, ReminderRepository
from scripts.processes import running
from scripts.project import process_environment
from tests.conversations.conftest import Assistant
from tests.services.http import HttpServer, Request, Response

pytestmark = [pytest.mark.slow, pytest.mark.conversation]

TOKEN = "only-for-this-test"
ARRIVAL_SECONDS = 60.0
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
QUIET_SECONDS = 6.0
"""How long it is watched that nothing arrives twice: several looks of the delivery process."""


class Receiver(HttpServer):
    """A server that Rasa's callback channel pushes to, as an application would have it."""

    def __init__(self) -> None:
        """Listens on a free port."""
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.refuses = False

    def answer(self, request: Request) -> Response | None:
        if self.refuses:
            return None
        self.messages.append(request.json())
        return Response()

    def texts(self, recipient: str) -> list[str]:
        """What somebody was told so far."""
        return [m["text"] for m in list(self.messages) if m["recipient_id"] == recipient]


class PushingAssistant(Assistant):
    """The assistant with a channel that can push, its API behind a token."""

    def __init__(self, folder: Path, model: Path, receiver: Receiver) -> None:
        """Prepares the servers."""
        super().__init__(folder, model, {})
        credentials = {"rest": None, "callback": {"url": f"{receiver.url}/bot"}}
        self.credentials = folder / "credentials.yml"
        self.credentials.write_text(yaml.safe_dump(credentials), encoding="utf-8")
        self.environment = {"PARLEY_API_TOKEN": TOKEN, "PARLEY_PORT": str(self.port)}

    def call(self, sender: str, text: str) -> None:
        """Says something through the callback channel."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/callback/webhook",
            json.dumps({"sender": sender, "message": text}).encode(),
            {"Content-Type": "application/json"},
        )
        with OPENER.open(request, timeout=ARRIVAL_SECONDS) as answer:
            assert answer.status == 200

    def deliver(self) -> Any:
        """A delivery process, running as long as the context lasts."""
        environment = {
            **process_environment(),
            **self.environment,
            "PARLEY_DATABASE_URL": f"sqlite:///{self.lists}",
        }
        log = self.folder / f"delivery-{uuid4().hex[:6]}.log"
        return running("actions.deliver", environment=environment, log=log)

    def keep(self, sender: str, what: str, due: datetime, **more: Any) -> Reminder:
        """Puts a reminder into the database, as one that was set before."""
        database = Database(f"sqlite:///{self.lists}", 5.0)
        try:
            set_at = due - timedelta(hours=1)
            new = Reminder("reminder", due, "Europe/Berlin", "callback", set_at, what, **more)
            return ReminderRepository(database, sender).add([new], set_at)[0]
        finally:
            database.close()

    def waiting(self, sender: str) -> list[Reminder]:
        """What is waiting for somebody."""
        database = Database(f"sqlite:///{self.lists}", 5.0)
        try:
            return ReminderRepository(database, sender).waiting()
        finally:
            database.close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


@pytest.fixture(scope="module")
def pushing(
    tmp_path_factory: pytest.TempPathFactory, model: Path, receiver: Receiver
) -> Iterator[PushingAssistant]:
    one = PushingAssistant(tmp_path_factory.mktemp("pushing"), model, receiver)
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def somebody() -> str:
    """A sender that nobody else uses."""
    return f"somebody-{uuid4().hex[:8]}"


def wait_until(holds: Callable[[], bool]) -> None:
    """Waits, and fails if it takes too long."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def test_a_timer_arrives_exactly_once(
    pushing: PushingAssistant, receiver: Receiver, somebody: str
) -> None:
    with pushing.deliver():
        pushing.call(somebody, "set a soup timer for 2 seconds")
        assert "soup timer" in receiver.texts(somebody)[0]
        assert not any("can't speak up" in text for text in receiver.texts(somebody))
        wait_until(lambda: len(receiver.texts(somebody)) > 1)
        time.sleep(QUIET_SECONDS)
    assert [("is done" in text) for text in receiver.texts(somebody)] == [False, True]
    assert pushing.waiting(somebody) == []
    pushing.call(somebody, "snooze")
    assert "soup timer" in receiver.texts(somebody)[2]
    assert len(pushing.waiting(somebody)) == 1


def test_several_delivery_processes_deliver_once(
    pushing: PushingAssistant, receiver: Receiver
) -> None:
    due = datetime.now(timezone.utc) + timedelta(seconds=4)
    people = [f"one-of-many-{uuid4().hex[:8]}" for _ in range(6)]
    for person in people:
        pushing.keep(person, "call mum", due)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(pushing.deliver())
        wait_until(lambda: all(receiver.texts(person) for person in people))
        time.sleep(QUIET_SECONDS)
    assert [len(receiver.texts(person)) for person in people] == [1] * 6
    assert all("call mum" in receiver.texts(person)[0] for person in people)


def test_due_while_nothing_ran_is_delivered_on_start_and_said_to_be_late(
    pushing: PushingAssistant, receiver: Receiver, somebody: str
) -> None:
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    pushing.keep(somebody, "take my pills", yesterday, rrule="FREQ=DAILY")
    pushing.stop()
    with pushing.deliver():
        time.sleep(2)  # the delivery process is up before Rasa is
        assert receiver.texts(somebody) == []
        pushing.start()
        wait_until(lambda: bool(receiver.texts(somebody)))
        time.sleep(QUIET_SECONDS)
    (told,) = receiver.texts(somebody)
    assert "late" in told
    assert "take your pills" in told
    assert "yesterday" in told
    (following,) = pushing.waiting(somebody)
    assert following.due_at > datetime.now(timezone.utc)


def test_a_receiver_that_is_away_gets_it_later(
    pushing: PushingAssistant, receiver: Receiver, somebody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = pushing.keep(somebody, "call mum", datetime.now(timezone.utc))
    receiver.refuses = True
    with pushing.deliver():
        time.sleep(4)
        receiver.refuses = False
        assert receiver.texts(somebody) == []
        assert [r.id for r in pushing.waiting(somebody)] == [kept.id]
        # The claim of the failed attempt runs out by itself; here it is made to.
        database = Database(f"sqlite:///{pushing.lists}", 5.0)
        ReminderRepository(database, somebody).put(kept)
        database.close()
        wait_until(lambda: bool(receiver.texts(somebody)))
        time.sleep(QUIET_SECONDS)
    assert len(receiver.texts(somebody)) == 1


def test_nobody_sets_off_a_delivery_by_its_name(
    pushing: PushingAssistant, receiver: Receiver, somebody: str
) -> None:
    other = f"{somebody}-other"
    pushing.keep(other, "buy a present", datetime.now(timezone.utc))
    payload = '/EXTERNAL_reminder_due{"reminder_id": "1", "sender": "' + other + '"}'
    replies = pushing.say(somebody, payload)
    assert not any("present" in str(reply.get("text")) for reply in replies)
    assert len(pushing.waiting(other)) == 1


def test_the_api_asks_for_the_token(pushing: PushingAssistant, somebody: str) -> None:
    url = f"http://127.0.0.1:{pushing.port}/conversations/{somebody}/tracker"
    with pytest.raises(urllib.error.HTTPError) as refused:
        OPENER.open(url, timeout=30)
    refused.value.close()
    assert refused.value.code == 401
    with OPENER.open(f"{url}?token={TOKEN}", timeout=30) as answer:
        assert answer.status == 200


def test_no_log_shows_the_token(pushing: PushingAssistant) -> None:
    logs = list(pushing.folder.glob("*.log"))
    assert logs
    assert not any(TOKEN in log.read_text(encoding="utf-8", errors="replace") for log in logs)
