"""What a conversation survives: stores that go away, processes that are killed in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from actions.items import Item
from actions.storage.database import Database
from actions.storage.lists import ListRepository
from channels.wording import FAILED
from scripts.processes import wait_until_healthy
from tests.channels.receiver import Receiver
from tests.deployment.conftest import (
    API_TOKEN,
    START_SECONDS,
    Deployment,
    Replica,
    ask,
    wait_until,
)
from tests.services.postgresql import PostgreSQL
from tests.services.redis import Redis

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def all_run(deployment: Deployment, redis: Redis, postgresql: PostgreSQL) -> Iterator[None]:
    """Each test leaves the stores and both replicas as it found them."""
    yield
    redis.start()
    postgresql.start()
    for replica in deployment.replicas:
        if replica.process is None or replica.process.poll() is not None:
            replica.close()
            replica.actions.process = None
            replica.start()


def counts(number: int) -> list[str]:
    return [f"That makes {at}." for at in range(1, number + 1)]


def say(deployment: Deployment, user: str, numbers: range, text: str = "count") -> None:
    """Sends messages, again and again until they are taken, as platforms do."""
    for number in numbers:
        replica = deployment.replicas[number % 2]

        def taken(replica: Replica = replica, number: int = number) -> bool:
            try:
                replica.post(f"{user}-{number}", user, text)
            except (AssertionError, OSError):
                return False
            return True

        wait_until(taken)


def test_messages_wait_for_a_redis_that_is_away(
    deployment: Deployment, receiver: Receiver, redis: Redis
) -> None:
    say(deployment, "ada", range(0, 2))
    receiver.wait_for(lambda r: len(r.texts("ada")) == 2)
    redis.stop()
    say(deployment, "ada", range(2, 5))
    # Longer than a message is tried that may be at fault itself.
    wait_until(lambda: sum(r.log.count("waits: Redis is away") for r in deployment.replicas) >= 5)
    assert receiver.texts("ada") == counts(2)
    redis.start()
    receiver.wait_for(lambda r: len(r.texts("ada")) >= 5)
    assert receiver.texts("ada") == counts(5)


def test_messages_wait_for_a_redis_that_hangs(
    deployment: Deployment, receiver: Receiver, redis: Redis
) -> None:
    redis.hang()
    try:
        say(deployment, "grace", range(2))
        wait_until(
            lambda: any("waits: Redis is away: Timeout" in r.log for r in deployment.replicas)
        )
    finally:
        redis.go_on()
    receiver.wait_for(lambda r: len(r.texts("grace")) >= 2)
    assert receiver.texts("grace") == counts(2)


def test_a_database_that_is_restarted_during_load_costs_no_turn(
    deployment: Deployment, receiver: Receiver, postgresql: PostgreSQL
) -> None:
    people = [f"person-{number}" for number in range(4)]
    stopped = threading.Event()

    def talk(user: str) -> None:
        say(deployment, user, range(10))

    with ThreadPoolExecutor(len(people)) as pool:
        talks = [pool.submit(talk, user) for user in people]
        receiver.wait_for(lambda r: sum(len(r.texts(user)) for user in people) >= 4)
        for _ in range(2):
            postgresql.stop()
            stopped.wait(1)
            postgresql.start()
            stopped.wait(1)
        for each in talks:
            each.result()
    receiver.wait_for(lambda r: all(len(r.texts(user)) >= 10 for user in people), 120)
    for user in people:
        assert receiver.texts(user) == counts(10)
        assert FAILED not in receiver.texts(user)


def on_the_list(deployment: Deployment, user: str) -> list[Item]:
    database = Database(deployment.database_url, 5.0)
    try:
        return ListRepository(database, f"line~{user}").items("shopping")
    finally:
        database.close()


def test_an_effect_is_had_once_though_rasa_is_killed_before_it_saves_the_turn(
    deployment: Deployment, receiver: Receiver
) -> None:
    replica = deployment.replicas[0]
    with deployment.held_up("note"):
        replica.post("ida-1", "ida", "milk")
        # Milk is on the list, and Rasa waits for the action's answer.
        deployment.wait_until_held("note")
        replica.kill()
        assert on_the_list(deployment, "ida") == [Item("milk", "1", "bottle")]
    deployment.replicas[1].post("ida-2", "ida", "milk")
    receiver.wait_for(lambda r: len(r.texts("ida")) >= 2, 120)
    assert receiver.texts("ida") == ["Bottles of milk: 1", "Bottles of milk: 2"]
    assert on_the_list(deployment, "ida") == [Item("milk", "2", "bottle")]


def test_an_effect_is_had_once_though_the_turn_could_not_be_saved(
    deployment: Deployment, receiver: Receiver, postgresql: PostgreSQL
) -> None:
    with deployment.held_up("note"):
        deployment.replicas[0].post("mary-1", "mary", "milk")
        deployment.wait_until_held("note")
        name = deployment.database_url.rsplit("/", 1)[1]
        postgresql.run("ALTER TABLE events RENAME TO events_gone", name)
    wait_until(lambda: "waits: The conversations' database" in deployment.replicas[0].log)
    postgresql.run("ALTER TABLE events_gone RENAME TO events", name)
    receiver.wait_for(lambda r: len(r.texts("mary")) >= 1)
    deployment.replicas[1].post("mary-2", "mary", "count")
    receiver.wait_for(lambda r: len(r.texts("mary")) >= 2)
    assert receiver.texts("mary") == ["Bottles of milk: 1", "That makes 1."]
    assert on_the_list(deployment, "mary") == [Item("milk", "1", "bottle")]


def test_a_model_cut_short_is_not_put_into_a_server(
    deployment: Deployment, first_model: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(first_model.read_bytes()[:-2000])
    replica = deployment.replicas[0]
    before = replica.api("/status")["model_id"]
    body = {"model_file": str(broken)}
    assert ask(f"{replica.url}/model?token={API_TOKEN}", body, "PUT").status >= 400
    assert replica.api("/status")["model_id"] == before
    assert replica.rest("vera", "count") == ["That makes 1."]


def test_a_server_with_a_model_cut_short_is_not_ready_until_it_has_a_good_one(
    deployment: Deployment, receiver: Receiver, first_model: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(first_model.read_bytes()[:-2000])
    replica = deployment.replica()
    replica.model = broken
    replica.actions.start()
    replica.begin()
    try:
        assert replica.process is not None
        wait_until_healthy(replica.process, replica.port, "/health", START_SECONDS)
        answer = ask(f"{replica.url}/ready")
        assert (answer.status, answer.body["parts"]["model"]) == (503, "away")
        # It takes messages, and another answers them.
        replica.post("olga-1", "olga", "count")
        receiver.wait_for(lambda r: r.texts("olga") == ["That makes 1."])
        replica.api("/model", {"model_file": str(first_model)}, "PUT")
        assert ask(f"{replica.url}/ready").status == 200
        assert replica.rest("vera-2", "count") == ["That makes 1."]
    finally:
        replica.close()
        deployment.replicas.remove(replica)
