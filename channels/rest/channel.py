"""Rasa's REST channel, for programs: what is asked is checked, and how often counted.

Rasa's own takes any text of any length from whomever, answers a body that is no object with status
500, a failure with an empty list, and hangs where `stream=true` meets an error. And it believes
the sender: who calls themselves `telegram~1~1` reads on in another's conversation.
"""

from __future__ import annotations

import asyncio
import hmac
import json as plain_json
import logging
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.channels.rest import QueueOutputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from channels import wording
from channels.limits import RateLimit
from channels.payloads import LONGEST_TEXT
from channels.refusing import RefusedError
from channels.rest.settings import CHANNEL, RestSettings, read_rest_settings

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
"""Bytes. The longest text takes 24 KB, with everything in it escaped."""

LONGEST_SENDER = 255

_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_EXTERNAL = re.compile(r"\s*/+\s*EXTERNAL_")
"""Intents that processes set off, and no person says."""

OnMessage = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Said:
    """What a program sent."""

    sender: str
    text: str
    metadata: dict[str, Any] | None


class RestInput(InputChannel):
    """Takes messages as JSON and answers them in the same request."""

    def __init__(self, settings: RestSettings) -> None:
        """Prepares."""
        self._settings = settings
        self._messages = RateLimit(settings.messages_per_minute, 60.0)
        self._at_work: dict[str, int] = {}

    @classmethod
    def name(cls) -> str:
        """The channel's name, a part of its address: Rasa's own."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestInput:
        """Reads the channel's entry in credentials.yml.

        Raises:
            ChannelSettingsError: If something in it is wrong.
        """
        return cls(read_rest_settings(credentials))

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """The channel's routes: those of Rasa's own."""
        blueprint = Blueprint("parley_rest", "parley_rest")

        async def health(_request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        async def receive(request: Request) -> HTTPResponse | None:
            said: Said | None = None
            try:
                said = self._read(request)
                self._admit(said.sender)
                try:
                    return await self._answer(request, said, on_new_message)
                finally:
                    self._dismiss(said.sender)
            except RefusedError as refused:
                headers = {"Retry-After": str(math.ceil(refused.after))} if refused.after else {}
                return json({"error": refused.text}, refused.status, headers)

        blueprint.add_route(health, "/", methods=["GET"], name="health")
        blueprint.add_route(receive, "/webhook", methods=["POST"], name="webhook")
        return blueprint

    # ------------------------------------------------------------- what is asked

    def _read(self, request: Request) -> Said:
        if self._settings.token:
            given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, f"Bearer {self._settings.token}".encode()):
                raise RefusedError(401, "Send the token as 'Authorization: Bearer …'.")
        if len(request.body) > LARGEST_BODY:
            raise RefusedError(413, f"A message may have {LARGEST_BODY // 1024} KB.")
        try:
            body = plain_json.loads(request.body)
        except (ValueError, RecursionError):
            raise RefusedError(400, "The body is no JSON.") from None
        if not isinstance(body, dict):
            raise RefusedError(400, "The body is no object with 'sender' and 'message'.")
        return Said(_sender(body), _message(body), _metadata(body))

    def _admit(self, sender: str) -> None:
        """Counts a message.

        Raises:
            RefusedError: If there are too many.
        """
        wait = self._messages.take(sender)
        if wait:
            raise RefusedError(429, wording.TOO_MANY, wait)
        if self._at_work.get(sender, 0) >= self._settings.most_waiting:
            raise RefusedError(429, wording.TOO_MANY, 1.0)
        self._at_work[sender] = self._at_work.get(sender, 0) + 1

    def _dismiss(self, sender: str) -> None:
        self._at_work[sender] -= 1
        if not self._at_work[sender]:
            del self._at_work[sender]

    # ---------------------------------------------------------- what is answered

    async def _answer(
        self, request: Request, said: Said, on_new_message: OnMessage
    ) -> HTTPResponse | None:
        if request.args.get("stream", "").lower() in ("true", "1", "yes"):
            return await self._stream(request, said, on_new_message)
        collected = CollectingOutputChannel()
        try:
            await on_new_message(self._user_message(said, collected))
        except Exception:
            # What was said stays out of the log; what went wrong does not.
            logger.exception("rest: a message could not be answered.")
            raise RefusedError(503, wording.NOT_NOW) from None
        return json(collected.messages)

    async def _stream(
        self, request: Request, said: Said, on_new_message: OnMessage
    ) -> HTTPResponse | None:
        """Line by line, as the bot says it; the last line tells of an error, if there was one."""
        queue: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue()

        async def work() -> None:
            try:
                await on_new_message(self._user_message(said, QueueOutputChannel(queue)))
            except Exception:
                logger.exception("rest: a message could not be answered.")
                await queue.put({"error": wording.NOT_NOW})
            finally:
                await queue.put(None)

        response = await request.respond(content_type="text/event-stream")
        task = asyncio.create_task(work())
        try:
            while (told := await queue.get()) is not None:
                await response.send(plain_json.dumps(told) + "\n")
            await response.eof()
        finally:
            # Who hung up has said it all the same: the turn comes to its end.
            await asyncio.shield(task)
        return None

    def _user_message(self, said: Said, output: CollectingOutputChannel) -> UserMessage:
        return UserMessage(
            said.text, output, said.sender, input_channel=self.name(), metadata=said.metadata
        )


def _sender(body: Mapping[str, Any]) -> str:
    sender = body.get("sender", "default")
    if not isinstance(sender, str) or not 0 < len(sender) <= LONGEST_SENDER:
        raise RefusedError(400, f"'sender' is a text of 1 to {LONGEST_SENDER} characters.")
    if _UNWRITABLE.search(sender):
        raise RefusedError(400, "There is a control character in 'sender'.")
    if "~" in sender:
        # So begin the conversations of channels that prove who is there.
        raise RefusedError(403, "There is a '~' in 'sender', as other channels' senders have it.")
    return sender


def _message(body: Mapping[str, Any]) -> str:
    message = body.get("message")
    if not isinstance(message, str) or not message.strip():
        raise RefusedError(400, "'message' is a text that is not empty.")
    if len(message) > LONGEST_TEXT:
        raise RefusedError(413, wording.TOO_LONG)
    if _NO_TEXT.search(message):
        raise RefusedError(400, "There is a control character in 'message'.")
    if _EXTERNAL.match(message):
        raise RefusedError(403, "No person says that.")
    return message


def _metadata(body: Mapping[str, Any]) -> dict[str, Any] | None:
    metadata = body.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise RefusedError(400, "'metadata' is an object.")
    return metadata
