"""A workspace whose people talk with the bot: posts what Slack would, signed as Slack signs."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.channels.conftest import Bot
from tests.services.slack import BOT_USER, SECRET, Posted, SlackService

MENTION = f"<@{BOT_USER}>"


@dataclass(frozen=True)
class Answer:
    """What the bot answered a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class People:
    """People in channels, and what is sent to the bot about them."""

    def __init__(self, webhooks: str, database: Path, slack: SlackService) -> None:
        """Takes where the bot is, where it keeps messages, and the Slack that it knows."""
        self.slack = slack
        self._address = urlsplit(webhooks)
        self._database = database
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------- what people do

    def say(self, channel: str, user: str, text: str, **more: Any) -> str:
        """Writes a message; Slack tells of it as `message`.

        Returns:
            Its time stamp.
        """
        ts = str(more.pop("ts", "") or self.slack.time_stamp())
        answer = self.event(message(channel, user, text, ts, **more))
        assert answer.status == 200, answer
        return ts

    def event(
        self, event: Mapping[str, Any], event_id: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Tells of an event."""
        return self.post("events", self.envelope(event, event_id), headers=headers)

    def envelope(self, event: Mapping[str, Any], event_id: str = "") -> bytes:
        """What Slack posts of an event."""
        return json.dumps(
            {
                "token": "a-token-that-nobody-reads",
                "team_id": "T0TEST",
                "api_app_id": "A0TEST",
                "event": event,
                "type": "event_callback",
                "event_id": event_id or f"Ev{next(self._numbers):08d}",
                "event_time": int(time.time()),
                "authorizations": [{"team_id": "T0TEST", "user_id": BOT_USER, "is_bot": True}],
            }
        ).encode()

    def command(self, channel: str, user: str, text: str, trigger: str = "") -> Answer:
        """Gives the slash command."""
        number = next(self._numbers)
        form = {
            "token": "a-token-that-nobody-reads",
            "team_id": "T0TEST",
            "channel_id": channel,
            "user_id": user,
            "command": "/parley",
            "text": text,
            "response_url": self.slack.response_url(f"command-{channel}-{user}-{number}"),
            "trigger_id": trigger or f"{number}.{number}.command",
        }
        return self.post("commands", urlencode(form).encode())

    def press(self, posted: Posted, title: str, user: str, **more: Any) -> Answer:
        """Presses a button of a message."""
        return self.post("interactive", self.pressed(posted, title, user, **more))

    def pressed(self, posted: Posted, title: str, user: str, **more: Any) -> bytes:
        """What Slack posts of a press."""
        block_id, action_id, value = posted.buttons()[title]
        number = next(self._numbers)
        channel = posted.channel
        url = self.slack.response_url(f"press-{channel}-{user}-{posted.ts}")
        container = {"type": "message", "message_ts": posted.ts, "channel_id": channel}
        payload: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": user, "team_id": "T0TEST"},
            "team": {"id": "T0TEST"},
            "channel": {"id": channel},
            "container": {**container, "is_ephemeral": bool(posted.seen_by)},
            "trigger_id": f"{number}.{number}.press",
            "response_url": url,
            "actions": [
                {
                    "type": "button",
                    "block_id": block_id,
                    "action_id": action_id,
                    "value": value,
                    "action_ts": f"{time.time():.6f}",
                }
            ],
        }
        if not posted.seen_by:
            # Slack tells what the message held, and more than was sent.
            blocks = [{"block_id": f"x{place}", **one} for place, one in enumerate(posted.blocks)]
            payload["message"] = {"ts": posted.ts, "text": posted.text, "blocks": blocks}
        if posted.thread:
            payload["container"]["thread_ts"] = posted.thread
            payload.get("message", {})["thread_ts"] = posted.thread
        return urlencode({"payload": json.dumps({**payload, **more})}).encode()

    # -------------------------------------------------------------------- requests

    def post(
        self,
        path: str,
        body: bytes,
        *,
        at: float | None = None,
        secret: str = SECRET,
        headers: Mapping[str, str | None] | None = None,
        in_chunks: bool = False,
    ) -> Answer:
        """Posts to the bot.

        Args:
            path: Below the channel's address.
            body: What is posted, and signed.
            at: When, seconds since 1970; now unless given.
            secret: What it is signed with.
            headers: In addition, or instead; None leaves one out.
            in_chunks: Does not say beforehand how large the body is.
        """
        moment = str(int(time.time() if at is None else at))
        given: dict[str, str | None] = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": signature(secret, moment, body),
            **(headers or {}),
        }
        sent = {name: value for name, value in given.items() if value is not None}
        connection = http.client.HTTPConnection(self._address.netloc, timeout=60)
        try:
            posted = iter([body]) if in_chunks else body
            connection.request("POST", f"{self._address.path}/slack/{path}", posted, sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def unsent(self) -> int:
        """How many answers wait to be sent."""
        with sqlite3.connect(self._database) as database:
            waiting = "SELECT count(*) FROM outgoing WHERE state = 'waiting'"
            return int(database.execute(waiting).fetchone()[0])

    def kept(self) -> dict[str, int]:
        """How many rows the bot has written down."""
        with sqlite3.connect(self._database) as database:
            return {
                table: int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
                for table in ("incoming", "outgoing", "seen_keys", "slack_threads")
            }


class Workspace(People):
    """People, and the bot's server that they talk with."""

    def __init__(self, bot: Bot, slack: SlackService) -> None:
        """Takes the bot's server, and the Slack that it knows."""
        super().__init__(f"{bot.url}/webhooks", bot.database, slack)
        self.bot = bot


def message(channel: str, user: str, text: str, ts: str, **more: Any) -> dict[str, Any]:
    """A `message` event."""
    kinds = {"D": "im", "C": "channel", "G": "group"}
    return {
        "type": "message",
        "channel": channel,
        "channel_type": kinds[channel[0]],
        "user": user,
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "team": "T0TEST",
        **more,
    }


def signature(secret: str, moment: str, body: bytes) -> str:
    """How Slack signs: https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    signed = b"v0:" + moment.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
