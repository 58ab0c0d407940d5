"""What every connector is: takes messages in safely, has them answered, sends the answers."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.storage.database import StorageError
from channels.handling import Answer, Handler, Question
from channels.leasing import Worker
from channels.messages import Incoming, Outgoing, Reply, Written
from channels.output import PushedOutput
from channels.quota import Quota, Taken
from channels.sending import Sender
from channels.settings import DATABASE_TIMEOUT, ChannelSettingsError, read_channel_settings
from channels.store import KEYS_KEPT, ChannelStore, open_store
from channels.wording import OUT_OF_DATE, TOO_MANY
from operations.settings import read_operations_settings

logger = logging.getLogger(__name__)

EXPIRES_EVERY = 3600.0
"""Seconds between two times that what is over is deleted."""


class Connector(InputChannel):
    """A channel whose messages are written down first.

    A connector says how a platform's requests are told from forged ones, what its messages mean,
    and how it is told the answers; it calls `accept` for what came in. Order, redeliveries, crashes
    and failed sendings are dealt with here.
    """

    keeps_history: bool = False
    """Whether what was said is kept after it was sent."""

    history: timedelta = KEYS_KEPT
    """How long what is done stays in the database."""

    health_path: str = "/"
    """Where the channel says that it is there, below its prefix."""

    def __init__(self, at_once: int = 8, messages_per_minute: int | None = None) -> None:
        """Prepares; the database is opened when the server starts.

        Args:
            at_once: Conversations that are answered at the same time, by each process.
            messages_per_minute: Of one conversation, that `take_in` takes; None for any number.
        """
        self._at_once = at_once
        self._quota = Quota(messages_per_minute) if messages_per_minute else None
        self._app: Sanic | None = None
        self._store: ChannelStore | None = None
        self._handler: Handler | None = None
        self._sender: Sender | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._accepting = asyncio.Lock()

    # ------------------------------------------------------ what a connector says

    @abstractmethod
    def routes(self, blueprint: Blueprint) -> None:
        """Adds the channel's routes."""

    @abstractmethod
    async def read(self, written: Written) -> Question | Answer:
        """Says what a message means.

        It is called in the order of the conversation, and again after a crash.
        """

    @abstractmethod
    async def send(self, message: Outgoing) -> None:
        """Has the platform take one message.

        Raises:
            SendError: If it did not.
        """

    def place(self, _written: Written) -> Mapping[str, Any]:
        """Where the answer to a message goes, within its conversation."""
        return {}

    def parts(self, reply: Reply) -> list[Reply]:
        """A reply as the messages that the platform takes, in order."""
        return [reply]

    async def meanwhile(self, written: Written) -> None:
        """Runs while the bot makes up its answer, and is cancelled when that is there.

        For a typing indicator. What it raises is logged by its kind and changes nothing.
        """

    def turn_ended(self, conversation: str) -> None:
        """Called when a message of a conversation is done, and its answers are written down."""

    async def begin(self) -> None:
        """Called when the server has started: register a webhook, open a client."""

    async def end(self) -> None:
        """Called before the server stops."""

    # -------------------------------------------------------------- what is done

    @property
    def app(self) -> Sanic:
        """The server.

        Raises:
            RuntimeError: Before it has started.
        """
        if self._app is None:
            raise RuntimeError(f"The channel '{self.name()}' has not started.")
        return self._app

    @property
    def store(self) -> ChannelStore:
        """What is kept.

        Raises:
            RuntimeError: Before the server has started.
        """
        if self._store is None:
            raise RuntimeError(f"The channel '{self.name()}' has not started.")
        return self._store

    @property
    def agent(self) -> Agent | None:
        """Rasa's agent, None while there is none; another model is another agent."""
        return getattr(self._app.ctx, "agent", None) if self._app is not None else None

    @property
    def channels(self) -> list[InputChannel]:
        """All channels of the server."""
        return getattr(self._app.ctx, "input_channels", None) or [] if self._app is not None else []

    async def read_press(
        self, written: Written, metadata: Mapping[str, Any] | None = None
    ) -> Question | Answer:
        """What a pressed button means whose id is the `offer` of the message's content."""
        pressed = await asyncio.to_thread(
            self.store.pressed, written.conversation, written.content["offer"]
        )
        return Question(pressed[0], metadata) if pressed else Answer([{"text": OUT_OF_DATE}])

    async def accept(self, message: Incoming) -> int | None:
        """Writes a message down. When this returns, it may be acknowledged.

        Returns:
            The message's number, None for a redelivery.

        Raises:
            StorageError: If it could not be written down: the platform shall deliver it again.
        """
        # One after the other: threads that wait for the database's lock get it in any order, and
        # two messages in quick succession would be told apart by luck.
        async with self._accepting:
            number = await asyncio.to_thread(self.store.write_down, message)
        if number is not None and self._handler is not None:
            self._handler.wake(message.conversation)
        return number

    async def take_in(self, message: Incoming) -> int | None:
        """Accepts a message, unless its conversation has had too many: that is told once.

        Returns:
            The message's number, None for a redelivery, and for one that is left out.

        Raises:
            StorageError: If it could not be written down: the platform shall deliver it again.
        """
        taken = Taken.YES if self._quota is None else self._quota.take(message.conversation)
        if taken is Taken.YES:
            return await self.accept(message)
        if taken is Taken.NO_AND_TELL:
            logger.warning("%s: too many messages at once in a conversation.", self.name())
            await self.push(message.conversation, {"text": TOO_MANY})
        return None

    async def push(self, conversation: str, reply: Reply) -> None:
        """Says something unasked. When this returns, it is written down.

        Raises:
            StorageError: If it could not be written down.
        """
        parts = self.parts(reply)
        await asyncio.to_thread(self.store.queue, conversation, parts)
        if self._sender is not None:
            self._sender.wake(conversation)

    def get_output_channel(self) -> OutputChannel:
        """Where Rasa says what nobody asked for: reminders, a person who took over."""
        return PushedOutput(self.name(), self.push)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's routes, and what starts and stops with the server."""
        logging.getLogger("sanic.error").addFilter(is_no_refusal)
        blueprint = Blueprint(f"parley_{self.name()}", f"parley_{self.name()}")
        # Before: once the server listens, messages are taken. They wait until the model is there.
        blueprint.listener("before_server_start")(self._start)
        blueprint.listener("before_server_stop")(self._stop)

        async def health(_request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        blueprint.add_route(health, self.health_path, methods=["GET"], name="health")
        self.routes(blueprint)
        return blueprint

    async def _start(self, app: Sanic, _loop: object) -> None:
        self._app = app
        settings = read_channel_settings()
        try:
            self._store = await asyncio.to_thread(
                open_store,
                settings.database_url,
                self.name(),
                DATABASE_TIMEOUT,
                self.keeps_history,
            )
        except StorageError as error:
            raise ChannelSettingsError(
                f"The channels' database cannot be opened: {error}"
            ) from None
        worker = Worker.Arguments(self._store, self.name(), self._at_once)
        self._sender = Sender(self.send, worker)
        self._handler = Handler(
            agent=lambda: self.agent,
            read=self.read,
            place=self.place,
            meanwhile=self.meanwhile,
            parts=self.parts,
            answered=self._answered,
            worker=worker,
        )
        await self.begin()
        self._sender.start()
        self._handler.start()
        self._tidying = asyncio.create_task(self._tidy())

    def _answered(self, conversation: str) -> None:
        if self._sender is not None:
            self._sender.wake(conversation)
        self.turn_ended(conversation)

    async def _stop(self, _app: Sanic, _loop: object) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
        patience = read_operations_settings().stop_seconds
        if self._handler is not None:
            await self._handler.stop(patience)
        if self._sender is not None:
            await self._sender.stop(patience)
        await self.end()

    async def _tidy(self) -> None:
        while True:
            with suppress(StorageError):
                await asyncio.to_thread(self.store.expire, self.history)
            await asyncio.sleep(EXPIRES_EVERY)


def is_no_refusal(record: logging.LogRecord) -> bool:
    """Whether Sanic is to log this.

    That a channel cannot start, Rasa says by itself in a line; Sanic would add a stack trace.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], ChannelSettingsError))
