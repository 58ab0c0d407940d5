"""An effect is had once, however often its message is handled.

Between an action's effect (milk is on the list) and the moment in which Rasa saves the turn, Rasa
may be killed, or its database may be away. The message is then handled again: the channel says so
in the message's metadata. What an action with an effect has answered is kept, and an action that
is called again for the same message gives that answer, and does nothing.

An action that has begun comes to its end, whether Rasa waits for it or not: otherwise its effect
might be had and its answer never known.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from actions.effects import LAST_EFFECT
from actions.handoff import HANDED_OFF
from actions.storage.answers import Answer, AnswerRepository
from actions.storage.database import StorageError, ask_database

logger = logging.getLogger(__name__)

AGAIN = "handled_again"
"""The key in a message's metadata that says that it may have been handled before."""

EFFECTS = frozenset({LAST_EFFECT, HANDED_OFF})
"""The slots by which an answer says that it has an effect."""

Run = Callable[[Mapping[str, Any]], Awaitable[Answer | None]]


@dataclass(frozen=True)
class Call:
    """One call of an action, the same when its message is handled again."""

    conversation: str
    message: str
    """The message's id, as the channel gave it."""

    name: str
    """The action's name, and the how many-th time it is called in the turn."""

    again: bool
    """Whether the message may have been handled before."""


class Once:
    """Runs actions; those with an effect once for each message."""

    def __init__(self, run: Run) -> None:
        """Prepares.

        Args:
            run: Runs an action, from Rasa's call.
        """
        self._run = run
        self._running: dict[tuple[str, str, str], asyncio.Task[Answer | None]] = {}

    async def run(self, action_call: Mapping[str, Any]) -> Answer | None:
        """Runs an action, or gives the answer that it gave to the same message before.

        Raises:
            Exception: What the action raises; and `StorageError` if it cannot be known whether
                the message had its effect before.
        """
        call = call_of(action_call)
        if call is None:
            return await self._run(action_call)
        key = (call.conversation, call.message, call.name)
        task = self._running.get(key) if call.again else None
        if task is None:
            task = asyncio.create_task(self._run_and_keep(call, action_call))
            self._running[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        # Who asked may go: the action goes on.
        return await asyncio.shield(task)

    def _forget(self, key: tuple[str, str, str], done: asyncio.Task[Answer | None]) -> None:
        if self._running.get(key) is done:
            del self._running[key]
        if not done.cancelled():
            # Asked for, so that asyncio does not complain where nobody waits any more.
            done.exception()

    async def _run_and_keep(self, call: Call, action_call: Mapping[str, Any]) -> Answer | None:
        if call.again:
            kept = await ask_database(
                lambda db: AnswerRepository(db, call.conversation).find(call.message, call.name)
            )
            if kept is not None:
                logger.info("%s has had its effect: its answer is given again.", call.name)
                return kept
        answer = await self._run(action_call)
        if answer is not None and has_effect(answer):
            given = answer
            try:
                await ask_database(
                    lambda db: AnswerRepository(db, call.conversation).keep(
                        call.message, call.name, given
                    )
                )
            except StorageError as error:
                # The effect is had, and what it is must be said.
                logger.error("The answer of %s could not be kept: %s", call.name, error)
        return answer


def has_effect(answer: Answer) -> bool:
    """Whether an answer says that something was done, or undone."""
    return any(
        event.get("event") == "slot" and event.get("name") in EFFECTS
        for event in answer.get("events") or []
    )


def call_of(action_call: Mapping[str, Any]) -> Call | None:
    """Which call it is; None where no person's message began the turn."""
    tracker = action_call.get("tracker") or {}
    action = action_call.get("next_action")
    calls = 1
    for event in reversed(tracker.get("events") or []):
        kind = event.get("event")
        if kind == "action" and event.get("name") == action:
            calls += 1
        elif kind == "user" and event.get("message_id"):
            again = bool((event.get("metadata") or {}).get(AGAIN))
            name = f"{action}/{calls}"
            return Call(str(tracker.get("sender_id")), str(event["message_id"]), name, again)
    return None
