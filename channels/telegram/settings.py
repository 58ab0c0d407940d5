"""What the Telegram channel is told, checked before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from channels.settings import ChannelSettingsError, Credentials

TOKEN_VARIABLE = "TELEGRAM_BOT_TOKEN"
SECRET_VARIABLE = "TELEGRAM_WEBHOOK_SECRET"
URL_VARIABLE = "TELEGRAM_WEBHOOK_URL"
MODE_VARIABLE = "TELEGRAM_MODE"
API_VARIABLE = "TELEGRAM_API_URL"

WEBHOOK, POLLING = "webhook", "polling"

TELEGRAM = "https://api.telegram.org"

WEBHOOK_PATH = "/webhooks/telegram/webhook"
"""Where Rasa puts the channel's route."""

WEBHOOK_PORTS = (443, 80, 88, 8443)
"""The ports that Telegram calls."""

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,100}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True)
class TelegramSettings:
    """How the channel is reached, and by whom."""

    token: str = field(repr=False)
    """What BotFather gave: who has it is the bot."""

    mode: str = WEBHOOK
    """`webhook`: Telegram calls us; `polling`: we ask Telegram."""

    secret: str = field(default="", repr=False)
    """What Telegram sends along with each call, so that others' calls are told from its own."""

    webhook_url: str = ""
    """What Telegram calls."""

    api_url: str = TELEGRAM
    """Where the Bot API is: Telegram's own, or a server of one's own."""

    group_conversations: str = "person"
    """`person`: in a group each one has a conversation of their own; `group`: all have one."""

    voice_notes: bool = True
    """Whether voice notes are listened to."""

    voice_answers: bool = False
    """Whether they are answered with voice notes, besides in writing."""

    messages_per_minute: int = 30
    """Of one conversation; what is above is left out, and the person is told so."""


def read_telegram_settings(
    entry: Mapping[str, Any] | None, environment: Mapping[str, str] | None = None
) -> TelegramSettings:
    """Reads and checks the settings.

    Args:
        entry: What credentials.yml says below the channel's name.
        environment: The variables; those of this process unless given.

    Raises:
        ChannelSettingsError: If something is missing or wrong. It names the variable.
    """
    credentials = Credentials("telegram", entry, environment)
    token = credentials.required("token", TOKEN_VARIABLE)
    if not _TOKEN.fullmatch(token):
        raise ChannelSettingsError(
            f"{TOKEN_VARIABLE} is no bot token: give the line that @BotFather shows, as in "
            "123456789:AAE…"
        )
    mode = credentials.text("mode", MODE_VARIABLE, WEBHOOK)
    if mode not in (WEBHOOK, POLLING):
        raise ChannelSettingsError(
            f"The mode of the channel 'telegram' is '{mode}': set {MODE_VARIABLE} (or 'mode' in "
            f"credentials.yml) to {WEBHOOK} or {POLLING}."
        )
    api_url = _api_url(credentials.text("api_url", API_VARIABLE, TELEGRAM))
    secret = webhook_url = ""
    if mode == WEBHOOK:
        given = credentials.text("webhook_url", URL_VARIABLE)
        if not given:
            raise ChannelSettingsError(
                "The channel 'telegram' does not start without 'webhook_url': set "
                f"{URL_VARIABLE} in the environment, or {MODE_VARIABLE}={POLLING} if Telegram "
                "cannot call this machine."
            )
        webhook_url = _webhook_url(given, api_url)
        secret = credentials.required("webhook_secret", SECRET_VARIABLE)
        if not _SECRET.fullmatch(secret):
            raise ChannelSettingsError(
                f"{SECRET_VARIABLE} is not what Telegram takes: give 1 to 256 of A-Z a-z 0-9 _ -, "
                "such as `openssl rand -hex 32` makes."
            )
    else:
        # Known, and of no use here: what is set for the other mode is no mistake.
        credentials.text("webhook_url", URL_VARIABLE)
        credentials.text("webhook_secret", SECRET_VARIABLE)
    group_conversations = credentials.choice("group_conversations", ("person", "group"))
    voice_notes = credentials.flag("voice_notes", True)
    voice_answers = credentials.flag("voice_answers", False)
    messages = int(credentials.number("messages_per_minute", 30, 1, 10_000))
    credentials.refuse_unknown()
    return TelegramSettings(
        *(token, mode, secret, webhook_url, api_url, group_conversations),
        voice_notes=voice_notes,
        voice_answers=voice_answers,
        messages_per_minute=messages,
    )


def _api_url(given: str) -> str:
    parts = _split(given)
    if parts is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise ChannelSettingsError(
            f"{API_VARIABLE} is '{given}', which is no address of a Bot API server: leave it out "
            "for Telegram's own, or give one such as http://localhost:8081."
        )
    return given.rstrip("/")


def _webhook_url(given: str, api_url: str) -> str:
    """The address with the channel's path, where it has none of its own."""
    parts = _split(given)
    # A Bot API server of one's own stands beside us: it may call any port, without TLS.
    own_server = api_url != TELEGRAM
    schemes = ("https", "http") if own_server else ("https",)
    if parts is None or parts.scheme not in schemes or parts.username or parts.fragment:
        raise ChannelSettingsError(
            f"{URL_VARIABLE} is '{given}', where Telegram cannot call: give the public address of "
            f"this server, which begins with https://, or set {MODE_VARIABLE}={POLLING}."
        )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if not own_server and port not in WEBHOOK_PORTS:
        raise ChannelSettingsError(
            f"{URL_VARIABLE} has the port {port}, which Telegram does not call: use one of "
            f"{', '.join(str(port) for port in WEBHOOK_PORTS)}."
        )
    if parts.path in ("", "/"):
        parts = parts._replace(path=WEBHOOK_PATH)
    return parts.geturl()


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        if not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    return parts
