"""A server that is told to stop finishes what it began, refuses what is new, and goes."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.channels.receiver import Receiver
from tests.deployment.conftest import Answered, Deployment, Replica, ask, wait_until
from tests.services.postgresql import PostgreSQL
from tests.services.redis import Redis

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def all_run(deployment: Deployment) -> Iterator[None]:
    """Each test finds both replicas ready, and leaves them so."""
    yield
    for replica in deployment.replicas:
        if replica.process is None or replica.process.poll() is not None:
            replica.close()
            replica.actions.process = None
            replica.start()


def stopping(replica: Replica) -> bool:
    return ask(f"{replica.url}/ready").status == 503


def test_a_turn_in_progress_ends_and_a_new_one_is_refused(deployment: Deployment) -> None:
    replica = deployment.replicas[0]
    with ThreadPoolExecutor(1) as pool:
        with deployment.held_up("wait"):
            turn = pool.submit(replica.rest, "ada", "wait")
            deployment.wait_until_held("wait")
            replica.terminate()
            wait_until(lambda: stopping(replica))
            assert ask(f"{replica.url}/health").status == 200
            refused = ask(
                f"{replica.url}/webhooks/rest/webhook", {"sender": "x", "message": "count"}
            )
            assert refused.status == 503
            assert refused.body["status"] == "stopping" and refused.headers["Retry-After"]
            assert not turn.done()
        assert turn.result() == ["I waited."]
    assert replica.wait() == 0
    # Nothing of what was refused was begun, and all of what was begun is kept.
    other = deployment.replicas[1]
    assert other.rest("x", "count") == ["That makes 1."]
    texts = [e.get("text") for e in other.api("/conversations/ada/tracker")["events"]]
    assert "I waited." in texts


def test_a_message_that_was_written_down_is_answered_before_the_server_goes(
    deployment: Deployment, receiver: Receiver
) -> None:
    first, second = deployment.replicas
    with deployment.held_up("wait"):
        first.post("grace-1", "grace", "wait")
        first.post("grace-2", "grace", "count")
        deployment.wait_until_held("wait")
        first.terminate()
        wait_until(lambda: stopping(first))
        body = {"id": "grace-3", "user": "grace", "text": "count"}
        assert ask(f"{first.url}/webhooks/line/message", body).status == 503
        assert second.post("grace-3", "grace", "count")
    assert first.wait() == 0
    receiver.wait_for(lambda r: len(r.texts("grace")) >= 3)
    assert receiver.texts("grace") == ["I waited.", "That makes 1.", "That makes 2."]


def test_an_action_server_that_stops_ends_its_actions(deployment: Deployment) -> None:
    replica = deployment.replicas[0]
    with ThreadPoolExecutor(1) as pool:
        with deployment.held_up("wait"):
            turn = pool.submit(replica.rest, "alan", "wait")
            deployment.wait_until_held("wait")
            replica.actions.terminate()
            wait_until(lambda: ask(f"{replica.actions.url}/ready").status == 503)
            assert ask(f"{replica.actions.url}/health").status == 200
            assert ask(f"{replica.actions.url}/webhook", {}).status == 503
        assert turn.result() == ["I waited."]
    assert replica.actions.wait() == 0
    replica.actions.start()
    assert replica.rest("alan", "count") == ["That makes 1."]


def test_what_is_held_up_too_long_is_left_to_another_server(
    deployment: Deployment, receiver: Receiver
) -> None:
    hasty = deployment.replica(PARLEY_STOP_SECONDS="0.5").start()
    try:
        with deployment.held_up("wait"):
            hasty.post("ida-1", "ida", "wait")
            deployment.wait_until_held("wait")
            hasty.terminate()
            assert hasty.wait() == 0
        receiver.wait_for(lambda r: r.texts("ida") == ["I waited."])
    finally:
        hasty.close()
        deployment.replicas.remove(hasty)


class Client:
    """What a proxy does: it asks another server where one refuses or does not listen."""

    def __init__(self, replicas: list[Replica]) -> None:
        self.replicas = replicas
        self.refused = 0
        self._next = 0

    def say(self, sender: str, text: str) -> list[str]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            replica = self.replicas[self._next % len(self.replicas)]
            self._next += 1
            try:
                answer: Answered = ask(
                    f"{replica.url}/webhooks/rest/webhook", {"sender": sender, "message": text}
                )
            except urllib.error.URLError:
                # Nobody listens: nothing was begun.
                self.refused += 1
                time.sleep(0.05)
                continue
            if answer.status == 503:
                self.refused += 1
                continue
            assert answer.status == 200, answer.body
            return [message["text"] for message in answer.body]
        raise AssertionError("No server took it.")


def test_replacing_one_server_after_the_other_drops_and_doubles_no_turn(
    deployment: Deployment, second_model: Path, first_model: Path, receiver: Receiver
) -> None:
    client = Client(deployment.replicas)
    over = False

    def talk() -> list[str]:
        told: list[str] = []
        while not over or len(told) < 20:
            told += client.say("mary", "count")
            time.sleep(0.02)
        return told

    with ThreadPoolExecutor(1) as pool:
        turns = pool.submit(talk)
        for replica in deployment.replicas:
            replica.terminate()
            assert replica.wait() == 0
            replica.model = second_model
            replica.begin()
            replica.wait_until_ready()
        over = True
        told = turns.result()
    assert told == [f"That makes {number}." for number in range(1, len(told) + 1)]
    assert client.refused > 0
    for replica in deployment.replicas:
        assert replica.rest("new", "hello") == ["Hello from the second model!"]
        replica.model = first_model


def test_a_server_is_not_ready_while_a_store_is_away(
    deployment: Deployment, redis: Redis, postgresql: PostgreSQL
) -> None:
    replica = deployment.replicas[0]
    parts = {"model": "ok", "conversations": "ok", "locks": "ok", "channels": "ok"}
    assert ask(f"{replica.url}/ready").body == {"status": "ready", "parts": parts}
    redis.stop()
    try:
        answer = ask(f"{replica.url}/ready")
        assert (answer.status, answer.body["parts"]) == (503, {**parts, "locks": "away"})
    finally:
        redis.start()
    postgresql.stop()
    try:
        answer = ask(f"{replica.url}/ready")
        away = {**parts, "conversations": "away", "channels": "away"}
        assert (answer.status, answer.body["parts"]) == (503, away)
        answer = ask(f"{replica.actions.url}/ready")
        assert (answer.status, answer.body["parts"]) == (503, {"storage": "away"})
        # It lives: whoever manages processes must not kill it for that.
        assert ask(f"{replica.url}/health").status == 200
    finally:
        postgresql.start()
    for url in (replica.url, replica.actions.url):
        assert ask(f"{url}/ready").status == 200
    assert replica.rest("ready", "count") == ["That makes 1."]
