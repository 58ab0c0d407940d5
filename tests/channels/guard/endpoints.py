"""Every public address of a running assistant, and how what is asked of it is proved genuine."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import psutil
import requests
import yaml

from scripts.project import ROOT
from tests.channels.conftest import API_TOKEN, Bot
from tests.services.telegram import SECRET

OPENAPI = ROOT / "docs" / "openapi.yml"
VOICE_TOKEN = "token-of-whoever-may-speak"
INSPECTOR_TOKEN = "token-of-whoever-may-look"

CHANNELS = {
    "channels.guard.GuardInput": None,
    "channels.rest.RestInput": None,
    "channels.voice.VoiceInput": None,
    "channels.web.WebInput": None,
    "channels.telegram.TelegramInput": {"voice_notes": False},
    "channels.slack.SlackInput": None,
    "channels.inspector.InspectorInput": None,
}
"""Everything that the assistant can be reached by."""

SECRETS = {
    "PARLEY_VOICE_TOKEN": VOICE_TOKEN,
    "PARLEY_INSPECTOR_TOKEN": INSPECTOR_TOKEN,
    "PARLEY_VOICE_WORKERS": "1",
}

SECONDS = 20.0
"""How long an answer may take on a busy machine before it counts as one that never comes."""


@dataclass(frozen=True)
class Target:
    """Two servers that are asked."""

    assistant: str
    actions: str
    pids: tuple[int, ...]
    slack_secret: str

    def memory(self) -> int:
        """Bytes that the servers hold, with their children."""
        processes = [psutil.Process(pid) for pid in self.pids]
        children = [child for one in processes for child in one.children(recursive=True)]
        return sum(process.memory_info().rss for process in (*processes, *children))

    def base_of(self, path: str) -> str:
        """The server that a path belongs to."""
        return self.actions if path in action_paths() else self.assistant


def action_paths() -> frozenset[str]:
    """The paths of the action server."""
    paths = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))["paths"]
    return frozenset(
        path
        for path, operations in paths.items()
        if any("actions" in operation["tags"] for operation in operations.values())
    )


def prove(request: requests.PreparedRequest, target: Target) -> requests.PreparedRequest:
    """Signs a request as whoever may send it would."""
    parts = urlsplit(str(request.url))
    if parts.path.startswith("/webhooks/telegram"):
        request.headers["X-Telegram-Bot-Api-Secret-Token"] = SECRET
    elif parts.path.startswith("/webhooks/voice"):
        request.headers["Authorization"] = f"Bearer {VOICE_TOKEN}"
    elif parts.path.startswith("/webhooks/slack"):
        body = request.body or b""
        assert isinstance(body, (str, bytes))
        raw = body.encode() if isinstance(body, str) else body
        now = str(int(time.time()))
        signed = b"v0:" + now.encode() + b":" + raw
        digest = hmac.new(target.slack_secret.encode(), signed, hashlib.sha256).hexdigest()
        request.headers["X-Slack-Request-Timestamp"] = now
        request.headers["X-Slack-Signature"] = f"v0={digest}"
    elif not parts.path.startswith("/webhook"):
        query = "&".join(filter(None, [parts.query, urlencode({"token": API_TOKEN})]))
        request.url = urlunsplit(parts._replace(query=query))
    return request


def environment(services: Mapping[str, str]) -> dict[str, str]:
    """What the server with all its channels is started with."""
    return {**SECRETS, **services, "LOG_LEVEL": "WARNING"}


def log_of(bot: Bot, actions: Path) -> str:
    """What both servers have logged."""
    return bot.log + actions.read_text(encoding="utf-8", errors="replace")
