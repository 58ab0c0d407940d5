"""The Slack channel: its routes, what messages mean, how answers are sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, text
from slack_sdk.signature import SignatureVerifier

from actions.storage.database import StorageError
from channels.connector import Connector
from channels.handling import Answer, Question
from channels.messages import Outgoing, Reply, Written
from channels.sending import SendAgainError, SendError, SendRefusedError
from channels.settings import ChannelSettingsError
from channels.slack import events, requests
from channels.slack.blocks import parts_of
from channels.slack.client import SlackClient
from channels.slack.conversations import NAME, is_direct
from channels.slack.events import Identity
from channels.slack.handoffs import Handoffs
from channels.slack.people import People
from channels.slack.posting import send
from channels.slack.reading import Reader
from channels.slack.requests import RefusedRequestError
from channels.slack.settings import IN_CHANNEL, SlackSettings, read_slack_settings
from channels.slack.threads import Threads

logger = logging.getLogger(__name__)

IDENTIFIES_EVERY = 5.0
"""Seconds between two attempts to learn who the bot is, while Slack is away."""

Take = Callable[[Request, bytes], Coroutine[Any, Any, HTTPResponse]]


class SlackInput(Connector):
    """Talks to people in Slack, over the Events API."""

    def __init__(self, settings: SlackSettings) -> None:
        """Prepares; Slack is asked when the server starts."""
        super().__init__(messages_per_minute=settings.messages_per_minute)
        self._settings = settings
        self._verifier = SignatureVerifier(settings.signing_secret)
        self._identity: Identity | None = None
        self._identifying: asyncio.Task[None] | None = None
        self._client: SlackClient
        self._reader: Reader
        self._threads: Threads

    @classmethod
    def name(cls) -> str:
        """What the channel is called, and its address: `/webhooks/slack`."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SlackInput:
        """Makes the channel from its entry in credentials.yml.

        Raises:
            ChannelSettingsError: If a secret is missing, or something is wrong.
        """
        return cls(read_slack_settings(credentials))

    async def begin(self) -> None:
        """Learns who the bot is.

        Raises:
            ChannelSettingsError: If Slack does not know the token.
        """
        self._threads = Threads(self.store.database)
        self._client = SlackClient(self._settings.token, self._settings.api)
        handoffs = Handoffs(
            self._client,
            channel=self._settings.handoff_channel,
            bot=lambda: self._identity.bot if self._identity else "",
            agent=lambda: self.agent,
            channels=lambda: self.channels,
        )
        people = People(self._client)
        self._reader = Reader(self._client, people, handoffs, self.store.pressed)
        try:
            await self._identify()
        except SendAgainError as error:
            # Slack is away. Other channels need not wait for it.
            logger.warning("slack: Slack cannot be reached yet: %s", error)
            self._identifying = asyncio.create_task(self._identify_later())
        except SendRefusedError as error:
            await self._client.close()
            raise ChannelSettingsError(
                f"The channel 'slack' does not start: {error} to the token in SLACK_BOT_TOKEN. "
                "`make slack` checks it."
            ) from None

    async def end(self) -> None:
        """Closes the connections."""
        if self._identifying is not None:
            self._identifying.cancel()
        await self._client.close()

    # ------------------------------------------------------------------ requests

    def routes(self, blueprint: Blueprint) -> None:
        """Adds what Slack posts to."""
        for kind, take in (
            ("events", self._take_event),
            ("interactive", self._take_press),
            ("commands", self._take_command),
        ):
            blueprint.add_route(
                self._answering(take), f"/{kind}", methods=["POST"], name=kind, stream=True
            )

    def _answering(self, take: Take) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
        async def answer(request: Request) -> HTTPResponse:
            try:
                body = await requests.signed_body(request, self._verifier)
                return await take(request, body)
            except RefusedRequestError as refused:
                # What is malformed stays so. But a wrong signature may be a wrong secret, that is
                # mended before Slack tries for the last time.
                headers = {} if refused.status == 403 else {"X-Slack-No-Retry": "1"}
                return json({"error": refused.reason}, refused.status, headers)
            except StorageError as error:
                logger.error("slack: a message could not be written down: %s", error)
                return json({"error": "try again"}, 503)

        return answer

    async def _take_event(self, request: Request, body: bytes) -> HTTPResponse:
        envelope = requests.json_of(body)
        if envelope.get("type") == "url_verification":
            challenge = envelope.get("challenge")
            if not isinstance(challenge, str):
                raise RefusedRequestError(400, "'challenge' is missing or no text")
            return text(challenge)
        if envelope.get("type") != "event_callback":
            return _acknowledged(request)
        event, event_id = envelope.get("event"), envelope.get("event_id")
        if not isinstance(event, dict) or not isinstance(event_id, str):
            raise RefusedRequestError(400, "'event' or 'event_id' is missing")
        if self._identity is None:
            return json({"error": "not ready"}, 503)
        message = events.message_in(event, self._identity)
        if message is not None and await self._is_addressed(message, self._identity):
            me = self._identity.user
            await self.take_in(events.incoming_message(message, event_id, me, self._settings))
            await self._join_thread(message)
        return _acknowledged(request)

    async def _take_press(self, request: Request, body: bytes) -> HTTPResponse:
        payload = requests.json_of(requests.form_of(body).get("payload", ""))
        if payload.get("type") == "block_actions":
            incoming = events.incoming_press(payload, self._settings)
            if incoming is not None:
                await self.take_in(incoming)
        return _acknowledged(request)

    async def _take_command(self, request: Request, body: bytes) -> HTTPResponse:
        form = requests.form_of(body)
        if form.get("ssl_check") == "1":
            return _acknowledged(request)
        await self.take_in(events.incoming_command(form, self._settings))
        if self._settings.command_replies == IN_CHANNEL:
            # Shows to all what was asked.
            return json({"response_type": IN_CHANNEL})
        return _acknowledged(request)

    async def _is_addressed(self, message: events.Message, identity: Identity) -> bool:
        takes_part = bool(message.thread) and (
            is_direct(message.channel)
            or message.parent == identity.user
            or await asyncio.to_thread(self._threads.takes_part, message.channel, message.thread)
        )
        return events.is_addressed(message, identity, takes_part)

    async def _join_thread(self, message: events.Message) -> None:
        thread = events.answered_in(message, self._settings)
        if thread and not is_direct(message.channel):
            await asyncio.to_thread(self._threads.join, message.channel, thread)

    # ------------------------------------------------------------------ messages

    async def read(self, written: Written) -> Question | Answer:
        """Says what a message, a command or a press means."""
        return await self._reader.read(written)

    def place(self, written: Written) -> Mapping[str, Any]:
        """Where the answer goes: channel, thread, and who alone sees it."""
        content = written.content
        place = {key: content[key] for key in ("channel", "user", "thread")}
        kind = content["kind"]
        if kind != events.MESSAGE:
            hidden = kind == events.NOT_YOURS or bool(content.get("is_ephemeral"))
            if kind == events.COMMAND:
                hidden = self._settings.command_replies != IN_CHANNEL
            place |= {"kind": kind, "response_url": content["response_url"], "hidden": hidden}
        return place

    def parts(self, reply: Reply) -> list[Reply]:
        """Splits what Slack would not take in one message."""
        return parts_of(reply)

    async def send(self, message: Outgoing) -> None:
        """Has Slack take one message."""
        await send(self._client, message)

    async def _identify(self) -> None:
        found = await self._client.who_am_i()
        self._identity = Identity(str(found.get("user_id")), str(found.get("bot_id") or ""))

    async def _identify_later(self) -> None:
        while True:
            await asyncio.sleep(IDENTIFIES_EVERY)
            try:
                await self._identify()
                return
            except SendAgainError:
                continue
            except SendError as error:
                logger.error("slack: events are turned away: %s", error)
                return


def _acknowledged(request: Request) -> HTTPResponse:
    retried = "x-slack-retry-num" in request.headers
    return empty(200, {"X-Slack-No-Retry": "1"} if retried else {})
