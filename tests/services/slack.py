"""Slack's Web API on this machine, as far as Parley uses it, and as strict as the real one.

Methods, errors and limits are those of https://docs.slack.dev/reference/methods and
https://docs.slack.dev/reference/block-kit: errors come with status 200 and `"ok": false`, but for
the rate limit; a block with anything in it that Block Kit does not know is refused.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.services.http import HttpServer, Request, Response
from tests.services.slack_blocks import are_valid_blocks, shown

TOKEN = "xoxb-1111-2222-a-token-for-tests"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT_USER, BOT_ID = "U0PARLEY", "B0PARLEY"
SCOPES = (
    *("app_mentions:read", "channels:history", "groups:history", "im:history", "mpim:history"),
    *("chat:write", "commands", "users:read"),
)
LONGEST_TEXT = 40_000
MOST_RESPONSES = 5
_TIME_STAMP = re.compile(r"\d{10}\.\d{6}")

Fields = dict[str, Any]


@dataclass
class Posted:
    """A message that Slack took."""

    channel: str
    text: str
    blocks: list[Fields]
    ts: str
    thread: str = ""
    seen_by: str = ""
    """Who alone sees it."""

    versions: list[tuple[str, list[Fields]]] = field(default_factory=list)
    """Text and blocks of before each change."""

    response_url: str = ""
    fields: Fields = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What is read on the screen."""
        return shown(self.blocks) if self.blocks else self.text

    def buttons(self) -> dict[str, tuple[str, str, str]]:
        """By their titles: block id, action id and value."""
        return {
            button["text"]["text"]: (block["block_id"], button["action_id"], button["value"])
            for block in self.blocks
            if block["type"] == "actions"
            for button in block["elements"]
        }


@dataclass(frozen=True)
class Refusal:
    """What a request is answered with instead of being worked on."""

    status: int = 200
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class SlackService(HttpServer):
    """The server; `messages` is what it took, `calls` what it was asked."""

    def __init__(self) -> None:
        """Listens on a free port."""
        super().__init__()
        self.messages: list[Posted] = []
        self.calls: list[tuple[str, Fields]] = []
        self.times: list[float] = []
        """When each call came, `time.monotonic`."""
        self.scopes = list(SCOPES)
        self.token = TOKEN
        self.people: dict[str, Fields] = {}
        self.closed_channels: set[str] = set()
        """Those that the bot is not in."""
        self.used_urls: dict[str, int] = defaultdict(int)
        self._refusals: dict[str, list[Refusal]] = defaultdict(list)
        self._changed = threading.Condition(threading.RLock())
        self._number = 0

    @property
    def api(self) -> str:
        """Where the Web API is."""
        return f"{self.url}/api/"

    def response_url(self, name: str) -> str:
        """An address for answers to a command or a press."""
        return f"{self.url}/respond/{name}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that make Parley use it."""
        return {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": self.api,
        }

    def refuse_next(self, method: str, refusal: Refusal, times: int = 1) -> None:
        """Answers the next calls of a method otherwise; `respond` is that of response_urls."""
        with self._changed:
            self._refusals[method] += [refusal] * times

    def in_channel(self, channel: str, seen_by: str = "") -> list[Posted]:
        """What was posted to a channel, in order."""
        with self._changed:
            return [
                one for one in self.messages if (one.channel, one.seen_by) == (channel, seen_by)
            ]

    def shown(self, channel: str, seen_by: str = "") -> list[str]:
        """What is read in a channel."""
        return [message.shown for message in self.in_channel(channel, seen_by)]

    def wait_for(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Waits until something holds of what was posted.

        Raises:
            AssertionError: If it does not within the time.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while not holds():
                left = deadline - time.monotonic()
                assert left > 0, f"It did not happen. What did: {self.calls[-5:]}"
                self._changed.wait(left)

    def time_stamp(self) -> str:
        """The next message's id."""
        with self._changed:
            self._number += 1
            return f"{1_700_000_000 + self._number}.{self._number:06d}"

    # ------------------------------------------------------------------- its answers

    def answer(self, request: Request) -> Response:
        path = urlsplit(request.path).path
        answer = self._take(path, request.headers, _fields(request))
        status, headers = 200, {"x-oauth-scopes": ",".join(self.scopes)}
        if isinstance(answer, Refusal):
            status = answer.status
            headers |= answer.headers
            plain = "/respond/" in path or status >= 500
            said = answer.error if plain else json.dumps({"ok": False, "error": answer.error})
        elif isinstance(answer, str):
            said = answer
        else:
            said = json.dumps({"ok": True, **answer})
        kind = "application/json" if said.startswith("{") else "text/html"
        return Response(status, said.encode(), {"Content-Type": kind, **headers})

    def _take(self, path: str, headers: Message, fields: Fields | None) -> Refusal | Fields | str:
        with self._changed:
            method = "respond" if path.startswith("/respond/") else path.removeprefix("/api/")
            self.calls.append((method, fields or {}))
            self.times.append(time.monotonic())
            try:
                if self._refusals[method]:
                    return self._refusals[method].pop(0)
                if method == "respond":
                    return self._respond(path, fields)
                return self._call(method, headers, fields)
            finally:
                self._changed.notify_all()

    def _call(self, method: str, headers: Message, fields: Fields | None) -> Refusal | Fields:
        methods: dict[str, Callable[[Fields], Refusal | Fields]] = {
            "auth.test": self._auth_test,
            "users.info": self._users_info,
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "conversations.replies": self._replies,
        }
        if method not in methods:
            return Refusal(error="unknown_method")
        authorization = headers.get("Authorization")
        if not authorization:
            return Refusal(error="not_authed")
        if authorization != f"Bearer {self.token}":
            return Refusal(error="invalid_auth")
        if fields is None:
            return Refusal(error="invalid_json")
        if any(value is None for value in fields.values()):
            return Refusal(error="invalid_arguments")
        return methods[method](fields)

    def _auth_test(self, _fields: Fields) -> Fields:
        return {"user_id": BOT_USER, "bot_id": BOT_ID, "user": "parley", "team": "Tests"}

    def _users_info(self, fields: Fields) -> Refusal | Fields:
        if "users:read" not in self.scopes:
            return Refusal(error="missing_scope")
        user = self.people.get(fields.get("user", ""))
        return {"user": user} if user else Refusal(error="user_not_found")

    def _post(self, fields: Fields) -> Refusal | Fields:
        channel = str(fields.get("channel", ""))
        if channel.startswith("U"):
            channel = f"D{channel[1:]}"
        if error := self._fault_of_channel(channel) or _fault_of(fields):
            return Refusal(error=error)
        posted = self._add(channel, fields, str(fields.get("thread_ts", "")))
        return {"channel": channel, "ts": posted.ts, "message": {"text": posted.text}}

    def _post_ephemeral(self, fields: Fields) -> Refusal | Fields:
        channel, user = str(fields.get("channel", "")), str(fields.get("user", ""))
        if not user.startswith("U"):
            return Refusal(error="invalid_arguments")
        if error := self._fault_of_channel(channel) or _fault_of(fields):
            return Refusal(error=error)
        posted = self._add(channel, fields, str(fields.get("thread_ts", "")), user)
        return {"message_ts": posted.ts}

    def _update(self, fields: Fields) -> Refusal | Fields:
        channel, ts = fields.get("channel"), fields.get("ts")
        if error := self._fault_of_channel(str(channel)) or _fault_of(fields):
            return Refusal(error=error)
        found = [one for one in self.messages if (one.channel, one.ts) == (channel, ts)]
        if not found or found[0].seen_by:
            return Refusal(error="message_not_found")
        _change(found[0], fields)
        return {"channel": channel, "ts": ts, "text": found[0].text}

    def _replies(self, fields: Fields) -> Refusal | Fields:
        channel, ts = str(fields.get("channel", "")), fields.get("ts")
        if error := self._fault_of_channel(channel):
            return Refusal(error=error)
        found = [
            one for one in self.messages if one.channel == channel and ts in (one.ts, one.thread)
        ]
        if not found or found[0].ts != ts:
            return Refusal(error="thread_not_found")
        first = {"ts": ts, "text": found[0].text, "user": BOT_USER, "bot_id": BOT_ID}
        if fields.get("include_all_metadata") in ("1", "true") and "metadata" in found[0].fields:
            first["metadata"] = found[0].fields["metadata"]
        return {"messages": [first]}

    def _respond(self, path: str, fields: Fields | None) -> Refusal | str:
        name = path.removeprefix("/respond/")
        if fields is None or _fault_of(fields):
            return Refusal(400, "invalid_payload" if fields is None else str(_fault_of(fields)))
        if self.used_urls[name] >= MOST_RESPONSES:
            return Refusal(404, "used_url")
        self.used_urls[name] += 1
        kind, channel, user, number = name.split("-")
        if fields.get("replace_original"):
            found = [one for one in self.messages if one.ts == number]
            _change(found[0], fields)
            return "ok"
        if fields.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
            return Refusal(400, "invalid_payload")
        seen_by = "" if fields.get("response_type") == "in_channel" else user
        self._add(channel, fields, "", seen_by).response_url = f"{kind}-{channel}-{user}"
        return "ok"

    def _fault_of_channel(self, channel: str) -> str:
        if not re.fullmatch(r"[CDG][A-Z0-9]+", channel):
            return "channel_not_found"
        return "not_in_channel" if channel in self.closed_channels else ""

    def _add(self, channel: str, fields: Fields, thread: str, seen_by: str = "") -> Posted:
        text, blocks = str(fields.get("text", "")), list(fields.get("blocks", []))
        posted = Posted(channel, text, blocks, self.time_stamp(), thread, seen_by, fields=fields)
        self.messages.append(posted)
        return posted


def _change(message: Posted, fields: Fields) -> None:
    message.versions.append((message.text, message.blocks))
    message.text = str(fields.get("text", ""))
    message.blocks = list(fields.get("blocks", []))


def _fault_of(fields: Fields) -> str:
    """What Slack would find wrong with a message."""
    text, blocks = fields.get("text", ""), fields.get("blocks", [])
    if not isinstance(text, str) or not isinstance(blocks, list):
        return "invalid_arguments"
    if not text and not blocks:
        return "no_text"
    if len(text) > LONGEST_TEXT:
        return "msg_too_long"
    if not _TIME_STAMP.fullmatch(fields.get("thread_ts", "1700000000.000000")):
        return "invalid_thread_ts"
    if "&" in re.sub(r"&(amp|lt|gt);", "", text) or "<" in re.sub(r"<@U\w+>", "", text):
        # The real one takes it, for a mention perhaps: nothing that Parley says holds one.
        return "unescaped_text"
    return "" if are_valid_blocks(blocks) else "invalid_blocks"


def _fields(request: Request) -> Fields | None:
    """What a request holds, None if it cannot be read."""
    if request.method == "GET":
        return dict(parse_qsl(urlsplit(request.path).query))
    try:
        is_json = "json" in request.headers.get_content_type()
        fields = request.json() if is_json else dict(parse_qsl(request.body.decode()))
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None
