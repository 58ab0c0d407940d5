"""Speech over HTTP: a recording in, what was heard and what is answered out, as text and sound."""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
import secrets
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.storage.database import StorageError
from channels import wording
from channels.connector import Connector
from channels.conversation import conversation_id
from channels.handling import Answer, Question
from channels.limits import RateLimit
from channels.messages import Incoming, Outgoing, Reply, Written
from channels.refusing import RefusedError
from channels.settings import ChannelSettingsError, Credentials
from channels.voice.answering import Answered, respond
from channels.voice.hearing import BusyHearingError, DeafError
from channels.voice.requests import (
    Asked,
    read_asked,
    read_body,
    read_place,
    read_sender,
    refused_audio,
)
from channels.voice.sharing import close_ears, ears_of, voice_of
from channels.voice.turns import Turns
from voice.asr import Recognition
from voice.audio import LONGEST, AudioError
from voice.formats import read_sound

logger = logging.getLogger(__name__)

CHANNEL = "voice"
TOKEN_VARIABLE = "PARLEY_VOICE_TOKEN"
LEAST_TOKEN = 16
"""Characters: what guards the door is not guessed."""

LOOKS_EVERY = 0.5
"""Seconds between two looks whether another process has ended a turn; one's own is told at once."""

HISTORY_HOURS = 1
"""How long answers are kept for a client that asks again."""

Handle = Callable[[Request], Coroutine[Any, Any, "HTTPResponse | None"]]


@dataclass(frozen=True)
class VoiceSettings:
    """How the channel is set up."""

    token: str = field(repr=False)
    """Who has it may speak, as whoever they say they are."""

    seconds: float = LONGEST
    megabytes: int = 20
    answer_seconds: float = 60.0
    """How long an answer is waited for."""

    utterances_per_minute: int = 30
    """Of one sender, understood or not."""


def read_voice_settings(entry: dict[str, Any] | None) -> VoiceSettings:
    """Reads the channel's entry in credentials.yml.

    Raises:
        ChannelSettingsError: If something in it is wrong; the message names the mend.
    """
    given = Credentials(CHANNEL, entry)
    token = given.required("token", TOKEN_VARIABLE)
    if len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable():
        raise ChannelSettingsError(
            f"{TOKEN_VARIABLE} is too easily guessed: give at least {LEAST_TOKEN} characters, such "
            "as `openssl rand -hex 32` makes."
        )
    settings = VoiceSettings(
        token,
        seconds=given.number("seconds", LONGEST, 1, LONGEST),
        megabytes=int(given.number("megabytes", 20, 1, 100)),
        answer_seconds=given.number("answer_seconds", 60, 1, 600),
        utterances_per_minute=int(given.number("utterances_per_minute", 30, 1, 10_000)),
    )
    given.refuse_unknown()
    return settings


class VoiceInput(Connector):
    """Takes what was said over HTTP, and answers it in the same request."""

    keeps_history = True
    history = timedelta(hours=HISTORY_HOURS)
    health_path = "/health"

    def __init__(self, settings: VoiceSettings) -> None:
        """Prepares; the database is opened when the server starts."""
        super().__init__()
        self._settings = settings
        self._turns: Turns
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._opening: asyncio.Task[None] | None = None
        self._utterances = RateLimit(settings.utterances_per_minute, 60.0)

    @classmethod
    def name(cls) -> str:
        """The channel's name: in addresses, and in conversations."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> VoiceInput:
        """Reads the channel's entry in credentials.yml.

        Raises:
            ChannelSettingsError: If something in it is wrong.
        """
        return cls(read_voice_settings(credentials))

    # ---------------------------------------------------------- starts and stops

    def routes(self, blueprint: Blueprint) -> None:
        """What is said, and what there is to be told."""
        utterance = self._guarded(self._utterance)
        blueprint.add_route(
            utterance, "/utterance", methods=["POST"], name="utterance", stream=True
        )
        blueprint.add_route(self._guarded(self._news), "/news", methods=["GET"], name="news")

    async def begin(self) -> None:
        """Opens the ears, when there is a model; nobody who speaks first has to wait for them."""
        self._turns = Turns(self.store.database, self.name())
        ears = ears_of(self.app)

        async def open_ears() -> None:
            while self.agent is None or not self.agent.is_ready():
                await asyncio.sleep(LOOKS_EVERY)
            with suppress(DeafError):
                await ears.open()

        self._opening = asyncio.create_task(open_ears())

    async def end(self) -> None:
        """Closes the ears."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        await close_ears(self.app)

    # ------------------------------------------------------------------ messages

    async def read(self, written: Written) -> Question | Answer:
        """What was heard. Nobody can say a slash."""
        return Question(written.content["text"], {"spoken": True})

    async def send(self, message: Outgoing) -> None:
        """Nothing to do: who asked waits for it, and what was said unasked is asked for."""

    def turn_ended(self, conversation: str) -> None:
        """Tells those who wait for it."""
        for event in self._waiting.get(conversation, ()):
            event.set()

    # ------------------------------------------------------------------ requests

    def _guarded(self, handle: Handle) -> Handle:
        """A handler for those who have the token; what it refuses is told in JSON."""
        expected = f"Bearer {self._settings.token}".encode()

        async def handler(request: Request) -> HTTPResponse | None:
            given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, expected):
                told = "Send the token as 'Authorization: Bearer …'."
                return json({"error": told}, 401, {"WWW-Authenticate": "Bearer"})
            try:
                return await handle(request)
            except RefusedError as error:
                headers = {"Retry-After": str(math.ceil(error.after))} if error.after else {}
                return json({"error": error.text}, error.status, headers)
            except BusyHearingError as error:
                return json({"error": str(error)}, 429, {"Retry-After": "2"})
            except DeafError as error:
                return json({"error": str(error)}, 503)
            except StorageError as error:
                logger.error("voice: the channels' database: %s", error)
                return json({"error": wording.NOT_NOW}, 503)

        return handler

    async def _utterance(self, request: Request) -> HTTPResponse | None:
        asked = read_asked(request)
        conversation = conversation_id(self.name(), asked.sender)
        answered = await self._again(conversation, asked)
        if answered is None:
            wait = self._utterances.take(conversation)
            if wait:
                raise RefusedError(429, wording.TOO_MANY, wait)
            content = await read_body(request, self._settings.megabytes * 2**20)
            try:
                samples = await asyncio.to_thread(read_sound, content, self._settings.seconds)
            except AudioError as error:
                raise refused_audio(error) from None
            heard = await ears_of(self.app).hear(samples, conversation)
            answered = await self._answer(conversation, asked, heard)
        return await respond(request, asked, answered, voice_of(self.app))

    async def _again(self, conversation: str, asked: Asked) -> Answered | None:
        """What is answered to an utterance that came before."""
        if not asked.key:
            return None
        found = await asyncio.to_thread(self._turns.find, conversation, asked.key)
        if found is None:
            return None
        number, content = found
        heard = Recognition(str(content["text"]), float(str(content["confidence"])), True)
        return Answered(heard, await self._replies(conversation, number))

    async def _answer(self, conversation: str, asked: Asked, heard: Recognition) -> Answered:
        if not heard.accepted:
            text = wording.NOT_CAUGHT if heard.text else wording.NOTHING_SAID
            return Answered(heard, [{"text": text}])
        key = asked.key or secrets.token_hex(16)
        content = {"key": key, "text": heard.text, "confidence": heard.confidence}
        message = Incoming(conversation, (f"{conversation}/{key}",), content)
        number = await self.accept(message)
        if number is None:
            # The same utterance was sent twice at once.
            again = await self._again(conversation, asked)
            if again is None:
                raise RefusedError(
                    410, "That utterance was answered, so long ago that the answer is gone."
                )
            return again
        return Answered(heard, await self._replies(conversation, number))

    async def _replies(self, conversation: str, number: int) -> list[Reply]:
        """What the bot answers, as soon as the turn is over.

        Raises:
            RefusedError: If it takes too long.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + self._settings.answer_seconds
        event = asyncio.Event()
        self._waiting[conversation].add(event)
        try:
            while True:
                event.clear()
                replies = await asyncio.to_thread(self._turns.answers, number)
                if replies is not None:
                    return replies
                if clock() >= until:
                    raise RefusedError(
                        504, "The answer takes longer than usual. Ask again with the same key."
                    )
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(event.wait(), LOOKS_EVERY)
        finally:
            self._waiting[conversation].discard(event)
            if not self._waiting[conversation]:
                del self._waiting[conversation]

    async def _news(self, request: Request) -> HTTPResponse:
        conversation = conversation_id(self.name(), read_sender(request))
        after = read_place(request)
        said, place = await asyncio.to_thread(self._turns.unasked, conversation, after or 0)
        return json({"replies": [] if after is None else said, "place": place})
