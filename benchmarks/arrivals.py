"""Messages that arrive whether or not those before were answered: an open loop.

People who write to a server do not wait for each other. A closed loop, where so many users send,
wait and send again, slows down with the server it measures, and leaves out the very moments in
which the server was slow (coordinated omission). Here each message has a time at which it is due,
fixed before the run, and its latency is counted from then. Within one conversation the order is
kept: a message whose forerunner is not answered yet is sent when it is, and has waited meanwhile.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

MARK = "{mark}"
"""In a text: a number of this message's own."""

MARK_STEP = 7
"""What the assistant is asked to add to a mark, so that an echo is no answer."""


@dataclass(frozen=True)
class Turn:
    """One message of a talk."""

    text: str

    @property
    def is_marked(self) -> bool:
        """Whether its answer names what no other answer does."""
        return MARK in self.text


Talk = Sequence[Turn]
"""What one person says, from the first message to the last."""


@dataclass(frozen=True)
class Planned:
    """A conversation, and when its messages are due."""

    sender: str
    talk: int
    """Which talk it is."""
    due: tuple[float, ...]
    """Seconds from the beginning, one for each turn that falls into the run."""


@dataclass
class Outcome:
    """What became of one message."""

    sender: str
    talk: int
    turn: int
    mark: int
    due: float
    sent: float | None = None
    """Seconds from the beginning; None where its forerunner was never answered."""
    answered: float | None = None
    """None where it was not answered in time."""
    error: str = ""
    """The status, or the kind of exception."""
    replies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def latency(self) -> float | None:
        """Seconds from when it was due to when it was answered."""
        return None if self.answered is None else self.answered - self.due


def plan(
    users: int, seconds: float, pause: float, talks: Sequence[Talk], seed: int, name: str
) -> list[Planned]:
    """Returns the conversations of a run.

    Each user sends as a Poisson process does, on average every `pause` seconds, one talk after
    the other, each as a conversation of its own; so all messages together are a Poisson process
    of `users / pause` a second from the first second to the last.

    Args:
        users: How many people talk.
        seconds: How long messages fall due.
        pause: Mean seconds between two messages of one person.
        talks: What they say; each begins with another.
        seed: Of the times.
        name: What the conversations' names begin with.
    """
    draw = random.Random(seed)
    found = []
    for user in range(users):
        now, number = draw.expovariate(1.0 / pause), 0
        while now < seconds:
            talk = (user + number) % len(talks)
            due = []
            for _ in talks[talk]:
                if now >= seconds:
                    break
                due.append(now)
                now += draw.expovariate(1.0 / pause)
            found.append(Planned(f"{name}-{user}-{number}", talk, tuple(due)))
            number += 1
    return found


async def drive(
    url: str, planned: Sequence[Planned], talks: Sequence[Talk], patience: float, seed: int
) -> list[Outcome]:
    """Sends all messages to a REST channel when they are due.

    Args:
        url: Of the channel's webhook.
        planned: What `plan` returned.
        talks: What is said.
        patience: Seconds from when a message was due until nobody waits for its answer.
        seed: Of the marks.
    """
    draw = random.Random(seed)
    last = sum(len(one.due) for one in planned)
    marks = draw.sample(range(1000, 1000 + 20 * last), last)
    outcomes = [
        [Outcome(one.sender, one.talk, turn, marks.pop(), due) for turn, due in enumerate(one.due)]
        for one in planned
    ]
    # As many connections as there are conversations: none waits here for another.
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
        clock = asyncio.get_running_loop().time
        begin = clock()

        async def converse(of_one: list[Outcome]) -> None:
            for outcome in of_one:
                await asyncio.sleep(max(0.0, begin + outcome.due - clock()))
                text = talks[outcome.talk][outcome.turn].text.replace(MARK, str(outcome.mark))
                left = begin + outcome.due + patience - clock()
                if left <= 0:
                    # Those that follow it will be told the same when they are due.
                    outcome.error = "not sent"
                    continue
                outcome.sent = clock() - begin
                await _send(
                    session, url, {"sender": outcome.sender, "message": text}, left, outcome
                )
                if not outcome.error:
                    outcome.answered = clock() - begin

        await asyncio.gather(*(converse(one) for one in outcomes))
    return [outcome for of_one in outcomes for outcome in of_one]


async def _send(
    session: aiohttp.ClientSession,
    url: str,
    message: Mapping[str, str],
    seconds: float,
    outcome: Outcome,
) -> None:
    try:
        async with session.post(
            url, json=message, timeout=aiohttp.ClientTimeout(total=seconds)
        ) as response:
            if response.status != 200:
                outcome.error = str(response.status)
                return
            outcome.replies = await response.json()
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
        outcome.error = type(error).__name__
