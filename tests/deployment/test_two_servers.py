"""Two servers, each with an action server of its own, hold one conversation."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from actions.items import Item
from actions.storage.database import Database
from actions.storage.lists import ListRepository
from actions.storage.reminders import REMINDER, Reminder, ReminderRepository
from scripts.processes import running
from tests.deployment.conftest import API_TOKEN, Deployment, wait_until

pytestmark = pytest.mark.services

MESSAGES = 12


def counts(number: int) -> list[str]:
    return [f"That makes {at}." for at in range(1, number + 1)]


def test_a_conversation_alternates_between_two_servers(deployment: Deployment) -> None:
    for number in range(MESSAGES):
        replica = deployment.replicas[number % 2]
        assert replica.rest("ada", "count") == [f"That makes {number + 1}."]
    slots = [
        replica.api("/conversations/ada/tracker")["slots"]["counted"]
        for replica in deployment.replicas
    ]
    assert slots == [MESSAGES, MESSAGES]


def test_messages_that_arrive_at_both_at_once_are_one_after_the_other(
    deployment: Deployment,
) -> None:
    def say(number: int) -> list[str]:
        return deployment.replicas[number % 2].rest("grace", "count")

    with ThreadPoolExecutor(MESSAGES) as pool:
        answers = list(pool.map(say, range(MESSAGES)))
    # Nobody was told the same number twice: no turn has read what another was about to write.
    assert sorted(answer for [answer] in answers) == sorted(counts(MESSAGES))
    tracker = deployment.replicas[0].api("/conversations/grace/tracker")
    assert tracker["slots"]["counted"] == MESSAGES
    kinds = [event["event"] for event in tracker["events"] if event["event"] in ("user", "bot")]
    assert kinds == ["user", "bot"] * MESSAGES


def test_what_is_written_down_by_both_is_answered_in_order_and_once(
    deployment: Deployment,
) -> None:
    for number in range(MESSAGES):
        assert deployment.replicas[number % 2].post(f"alan-{number}", "alan", "count")
        # The platform tells the other server, too.
        assert not deployment.replicas[1 - number % 2].post(f"alan-{number}", "alan", "count")
    deployment.receiver.wait_for(lambda r: len(r.texts("alan")) >= MESSAGES)
    assert deployment.receiver.texts("alan") == counts(MESSAGES)


def test_an_effect_through_either_server_is_one_list(deployment: Deployment) -> None:
    for number in range(4):
        deployment.replicas[number % 2].post(f"ida-{number}", "ida", "milk")
    deployment.receiver.wait_for(lambda r: len(r.texts("ida")) == 4)
    assert deployment.receiver.texts("ida") == [f"Bottles of milk: {n}" for n in range(1, 5)]
    database = Database(deployment.database_url, 5.0)
    assert ListRepository(database, "line~ida").items("shopping") == [Item("milk", "4", "bottle")]
    database.close()


def test_reminders_fire_once_though_two_workers_look(
    deployment: Deployment, tmp_path: Path
) -> None:
    database = Database(deployment.database_url, 5.0)
    now = datetime.now(timezone.utc)
    people = [f"person-{number}" for number in range(6)]
    for person in people:
        ReminderRepository(database, f"line~{person}").add(
            [
                Reminder(REMINDER, now + timedelta(seconds=2), "UTC", "line", now, what)
                for what in ("eat", "sleep")
            ],
            now,
        )
    with ExitStack() as workers:
        for number, replica in enumerate(deployment.replicas):
            workers.enter_context(
                running(
                    "actions.deliver",
                    environment={
                        **deployment.environment,
                        "PARLEY_API_URL": replica.url,
                        "PARLEY_API_TOKEN": API_TOKEN,
                    },
                    log=tmp_path / f"delivery-{number}.log",
                )
            )
        deployment.receiver.wait_for(
            lambda r: all(len(r.texts(person)) >= 2 for person in people), 90
        )
        wait_until(
            lambda: (
                not any(
                    ReminderRepository(database, f"line~{person}").waiting() for person in people
                )
            )
        )
        # A message after it is answered after all that was said until then.
        for person in people:
            deployment.replicas[0].post(f"after-{person}", person, "count")
        deployment.receiver.wait_for(
            lambda r: all("That makes 1." in r.texts(person) for person in people)
        )
    database.close()
    for person in people:
        texts = deployment.receiver.texts(person)
        assert sorted(texts[:2]) == ["Remember to eat.", "Remember to sleep."]
        assert texts[2:] == ["That makes 1."]


def test_a_new_model_put_into_one_after_the_other_drops_no_turn(
    deployment: Deployment, second_model: Path, first_model: Path
) -> None:
    def change(replica: int, model: Path) -> None:
        deployment.replicas[replica].api("/model", {"model_file": str(model)}, "PUT")

    def talk(sender: str) -> list[str]:
        answers = []
        for number in range(30):
            answers += deployment.replicas[number % 2].rest(sender, "count")
            deployment.replicas[number % 2].post(f"{sender}-{number}", f"to-{sender}", "count")
        return answers

    with ThreadPoolExecutor(3) as pool:
        talks = [pool.submit(talk, sender) for sender in ("mary", "rosalind")]
        for number in (0, 1):
            change(number, second_model)
        answers = [each.result() for each in talks]
    assert answers == [counts(30), counts(30)]
    for sender in ("mary", "rosalind"):
        heard = partial(deployment.receiver.texts, f"to-{sender}")
        wait_until(lambda heard=heard: len(heard()) >= 30)  # type: ignore[misc]
        assert heard() == counts(30)
    for replica in deployment.replicas:
        assert replica.rest("new", "hello") == ["Hello from the second model!"]
    for number in (0, 1):
        change(number, first_model)


def test_the_servers_share_what_nobody_else_has(deployment: Deployment) -> None:
    # What was tested above were two processes, and not one that answers at two ports.
    pids = {r.process.pid for r in deployment.replicas if r.process is not None}
    assert len(pids) == 2 and os.getpid() not in pids
