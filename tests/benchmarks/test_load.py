"""People who do not wait: what is sent when, and what is made of the answers."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks import load, talks
from benchmarks.arrivals import MARK, MARK_STEP, Outcome, Planned, Turn, drive, plan
from benchmarks.load import judge, with_ratios
from benchmarks.served import Costs
from tests.services.http import HttpServer, Request, Response

TALKS = [[Turn("hello"), Turn(f"what is {MARK} plus {MARK_STEP}")]]


class Webhook(HttpServer):
    """A REST channel that can be held up, and that answers wrongly where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []
        self.arrived = threading.Semaphore(0)
        self.go = threading.Event()
        self.go.set()
        self.refuse: Counter[str] = Counter()

    def answer(self, request: Request) -> Response | None:
        message = request.json()
        sender, text = message["sender"], message["message"]
        self.asked.append((sender, text))
        self.arrived.release()
        self.go.wait(30)
        if self.refuse[sender]:
            self.refuse[sender] -= 1
            return Response(500) if "refused" in sender else None
        said = "Hello!" if text == "hello" else f"That makes {int(text.split()[2]) + MARK_STEP:,}."
        replies = [{"text": said}] * {"doubled": 2, "lost": 0}.get(sender, 1)
        return Response.of([{"text": "2,007"}] if sender == "mixed" and "plus" in text else replies)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        yield server
        server.go.set()


def drive_all(webhook: Webhook, senders: list[str], patience: float = 20.0) -> list[Outcome]:
    planned = [Planned(sender, 0, (0.0, 0.0)) for sender in senders]
    return asyncio.run(drive(webhook.url, planned, TALKS, patience, seed=1))


def test_arrivals_are_poisson_whatever_the_number_of_users() -> None:
    for users in (1, 20):
        planned = plan(users, 2000.0, 5.0, talks.PARLEY, seed=3, name="x")
        due = sorted(time for one in planned for time in one.due)
        assert len(due) == pytest.approx(users * 400, rel=0.15)
        assert all(0 <= time < 2000 for time in due)
        gaps = [later - earlier for earlier, later in zip(due, due[1:], strict=False)]
        mean = sum(gaps) / len(gaps)
        # Of an exponential distribution, the standard deviation is the mean.
        spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
        assert spread == pytest.approx(mean, rel=0.15)
    assert len({one.sender for one in planned}) == len(planned)
    assert {one.talk for one in planned} == set(range(len(talks.PARLEY)))


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    def planned(seed: int) -> list[Planned]:
        return plan(3, 60.0, 5.0, talks.PARLEY, seed, "x")

    assert planned(1) == planned(1)
    assert planned(1) != planned(2)


def test_nobody_waits_for_another(webhook: Webhook) -> None:
    senders = [f"user-{number}" for number in range(8)]
    with held_up(webhook):
        found: list[list[Outcome]] = []
        driving = threading.Thread(target=lambda: found.append(drive_all(webhook, senders)))
        driving.start()
        # The server has answered nobody, and all have sent.
        for _ in senders:
            assert webhook.arrived.acquire(timeout=20)
        # Within a conversation, the second message waits for the first.
        assert {text for _, text in webhook.asked} == {"hello"}
    driving.join(30)
    figures = judge(found[0], TALKS, {(0, 0): 1, (0, 1): 1})
    assert figures["messages"] == figures["answered"] == 16
    assert not any(figures[kind] for kind in ("errors", "unanswered", "lost", "doubled"))
    assert figures["mixed_up"] == 0


def test_time_is_counted_from_when_a_message_was_due(webhook: Webhook) -> None:
    planned = [Planned("late", 0, (0.0, 0.0))]
    first, second = asyncio.run(drive(webhook.url, planned, TALKS, 20.0, seed=1))
    assert first.answered is not None and second.sent is not None and second.answered is not None
    assert second.due == 0.0
    assert second.sent >= first.answered
    assert second.latency == second.answered


def test_each_kind_of_wrong_answer_is_told_apart(webhook: Webhook) -> None:
    webhook.refuse.update({"refused": 1, "hung-up": 1})
    outcomes = drive_all(webhook, ["doubled", "lost", "mixed", "refused", "hung-up", "well"])
    figures = judge(outcomes, TALKS, {(0, 0): 1, (0, 1): 1})
    assert figures["messages"] == 12
    assert figures["errors"] == 2
    assert figures["lost"] == 2
    assert figures["doubled"] == 2
    # Who says nothing does not name the mark, either.
    assert figures["mixed_up"] == 2
    assert judge(outcomes, TALKS, {(0, 0): None, (0, 1): None})["lost"] == 0


def test_who_is_never_answered_does_not_hold_up_the_run(webhook: Webhook) -> None:
    with held_up(webhook):
        outcomes = drive_all(webhook, ["never"], patience=0.2)
    figures = judge(outcomes, TALKS, {})
    assert (figures["answered"], figures["unanswered"], figures["errors"]) == (0, 2, 0)
    assert figures["latency_ms_p99"] is None
    assert [one.sent is None for one in outcomes] == [False, True]


def test_costs_are_of_the_level_and_its_turns() -> None:
    before = Costs({"assistant": 10.0, "actions": 4.0}, {"assistant": 900.0, "actions": 90.0})
    after = Costs({"assistant": 11.0, "actions": 4.5}, {"assistant": 950.0, "actions": 95.0})
    figures = load.cost_figures(before, after, turns=10)
    assert figures["cpu_ms"] == pytest.approx(150.0)
    assert figures["assistant_cpu_ms"] == pytest.approx(100.0)
    assert figures["actions_rss_mb"] == 95.0
    base = {"system": "rasa init", "cpu_ms": 50.0, "assistant_rss_mb": 475.0}
    told = with_ratios([base, {"system": "parley", **figures}])
    assert told[1]["cpu_ratio"] == pytest.approx(3.0)
    assert told[1]["rss_ratio"] == pytest.approx(2.0)
    assert with_ratios(told[1:]) == told[1:]


@contextmanager
def held_up(webhook: Webhook) -> Iterator[None]:
    """Nobody is answered within the context."""
    webhook.go.clear()
    try:
        yield
    finally:
        webhook.go.set()
