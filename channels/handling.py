"""Handling what was written down: in order within a conversation, each message once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import LockError
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from actions.once import AGAIN
from channels import wording
from channels.leasing import LOOKS_EVERY, Worker
from channels.messages import Reply, Written
from channels.output import RecordedOutput, as_reply
from operations.trackers import TrackersAwayError

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""A message at which the server died so often is not tried again: it may be the reason."""

ACTION_LISTEN = "action_listen"


@dataclass(frozen=True)
class Question:
    """A message that the bot is to answer."""

    text: str
    metadata: Mapping[str, Any] | None = None

    before: Sequence[Reply] = ()
    """What the connector says first: what was understood of speech, for example."""


@dataclass(frozen=True)
class Answer:
    """What the connector says by itself: to a sticker, a button that is out of date, a photo."""

    replies: list[Reply] = field(default_factory=list)


Read = Callable[[Written], Awaitable["Question | Answer"]]
"""What a connector makes of a message that was written down."""

Place = Callable[[Written], Mapping[str, Any]]
"""Where the answer to a message goes, within its conversation."""

Meanwhile = Callable[[Written], Awaitable[None]]
"""What a connector does while the bot makes up its answer."""


class Handler(Worker):
    """Has the bot answer a channel's messages, several conversations at once."""

    def __init__(
        self,
        agent: Callable[[], Agent | None],
        read: Read,
        place: Place,
        meanwhile: Meanwhile,
        parts: Callable[[Reply], list[Reply]],
        answered: Callable[[str], None],
        worker: Worker.Arguments,
    ) -> None:
        """Prepares.

        Args:
            agent: Gives Rasa's agent, None while there is none; another model is another agent.
            read: What the connector makes of a message.
            place: Where the answer to a message goes.
            meanwhile: Runs while the bot makes up its answer; cancelled when that is there.
            parts: A reply as the messages that the platform takes.
            answered: Called with the conversation of a message that is done.
            worker: What all workers need.
        """
        super().__init__(worker)
        self._agent = agent
        self._read = read
        self._place = place
        self._meanwhile = meanwhile
        self._parts = parts
        self._answered = answered
        # One thread: what understands a message keeps all processor cores busy by itself, and
        # the event loop stays free to acknowledge other messages meanwhile.
        self._understanding = ThreadPoolExecutor(1, f"{worker.channel}-understanding")

    async def ready(self) -> bool:
        """Whether a model is loaded; without one, Rasa would drop the message."""
        agent = self._agent()
        return agent is not None and agent.is_ready()

    async def look(self) -> list[str]:
        """The conversations with messages that wait."""
        return await self.ask(self.store.conversations_waiting)

    async def stop(self, patience: float) -> None:
        """Lets the turns that were begun come to their end."""
        await super().stop(patience)
        self._understanding.shutdown(wait=False)

    async def work(self, conversation: str) -> None:
        """Answers the messages of a conversation, oldest first."""
        written = await self.ask(self.store.begin_next, conversation, self.holder)
        while written is not None:
            try:
                said = await self._handle(written)
            except (LockError, TrackersAwayError) as error:
                # The turn was not kept, and the message is not to blame: it waits, as long as it
                # takes. What was not even begun is no attempt; otherwise it is the first one.
                logger.warning("%s: message %d waits: %s", self.channel, written.id, error)
                begun = 0 if isinstance(error, LockError) else 1
                await self.ask(self.store.put_back, written, max(written.attempts, begun))
                return await self.pause(LOOKS_EVERY)
            except asyncio.CancelledError:
                # The process ends before the turn does. Another one need not wait for the claim.
                await self.ask(self.store.put_back, written, written.attempts + 1)
                raise
            replies = [part for reply in said for part in self._parts(reply)]
            going_on = not self.stopping and await self.ready()
            written = await self.ask(
                self.store.finish,
                written,
                replies,
                self._place(written),
                self.holder if going_on else None,
            )
            self._answered(conversation)

    async def _handle(self, written: Written) -> list[Reply]:
        if written.attempts:
            # The server was stopped over this message. It may have come to the end of the turn.
            said = await self._said_before(written)
            if said is not None:
                return said
        if written.attempts >= MOST_ATTEMPTS:
            logger.error("%s: message %d is given up.", self.channel, written.id)
            return [{"text": wording.FAILED}]
        try:
            read = await self._read(written)
            if isinstance(read, Answer):
                return read.replies
            async with self._accompanied(written):
                return [*read.before, *await self._ask_bot(written, read)]
        except (LockError, TrackersAwayError):
            # Another message of the conversation, from outside, took too long; or what a turn
            # needs is away: this one waits.
            raise
        except Exception:
            logger.exception("%s: message %d could not be handled.", self.channel, written.id)
            return [{"text": wording.FAILED}]

    @asynccontextmanager
    async def _accompanied(self, written: Written) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self._meanwhile(written))
        task.add_done_callback(self._note_failure)
        try:
            yield
        finally:
            # Nor does the answer wait for its end.
            task.cancel()

    def _note_failure(self, ended: asyncio.Future[None]) -> None:
        error = None if ended.cancelled() else ended.exception()
        if error is not None:
            # Its own words may hold an address, and so a token.
            logger.warning(
                "%s: what accompanies a turn failed: %s", self.channel, type(error).__name__
            )

    async def _ask_bot(self, written: Written, question: Question) -> list[Reply]:
        agent = self._agent()
        if agent is None or agent.processor is None:
            raise RuntimeError("The model was unloaded.")
        output = RecordedOutput(self.channel)
        message = UserMessage(
            question.text,
            output,
            written.conversation,
            input_channel=self.channel,
            message_id=self._name(written),
            # What had an effect then is not to have it again (actions/once.py).
            metadata={**(question.metadata or {}), **({AGAIN: True} if written.attempts else {})},
        )
        processor = agent.processor
        message.parse_data = await asyncio.get_running_loop().run_in_executor(
            self._understanding, lambda: asyncio.run(processor.parse_message(message))
        )
        await agent.handle_message(message)
        return output.replies

    async def _said_before(self, written: Written) -> list[Reply] | None:
        """What the bot answered before it was stopped; None where the turn is not in the tracker.

        Rasa saves a turn as a whole, at its end.
        """
        agent = self._agent()
        store = agent.tracker_store if agent else None
        tracker = await store.retrieve(written.conversation) if store else None
        return said_in_turn(tracker, self._name(written)) if tracker else None

    def _name(self, written: Written) -> str:
        return f"{self.channel}-{written.id}"


def said_in_turn(tracker: DialogueStateTracker, message_id: str) -> list[Reply] | None:
    """What the bot said in the turn of a message, None where there was no such message."""
    events: list[Event] = list(tracker.events)
    for start in range(len(events) - 1, -1, -1):
        event = events[start]
        if isinstance(event, UserUttered) and event.message_id == message_id:
            break
    else:
        return None
    replies: list[Reply] = []
    for event in events[start + 1 :]:
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN:
            break
        if isinstance(event, BotUttered):
            reply = as_reply(event.message())
            if reply:
                replies.append(reply)
    return replies
