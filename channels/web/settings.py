"""What the chat page is told in credentials.yml."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from channels.settings import ChannelSettingsError, Credentials

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CHANNEL = "web"

DEFAULT_SUGGESTIONS = (
    "What can you do?",
    "Remind me to stretch in an hour",
    "Add milk to the shopping list",
)

MOST_SUGGESTIONS = 3

# As a browser writes it: no path, no default port.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class WebSettings:
    """How the chat page is set up."""

    origins: tuple[str, ...] = ()
    """Where else the chat is at home: its public address, and the sites that embed it."""

    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-For is believed."""

    assistant: str = "Parley"
    """Who answers, as people read it."""

    suggestions: tuple[str, ...] = DEFAULT_SUGGESTIONS
    """What an empty conversation offers to say."""

    kept: timedelta = timedelta(days=30)
    """How long a session lives without a word, and how long what was said is kept."""

    messages_per_minute: int = 30
    """Of one session."""

    messages_per_minute_of_address: int = 120
    sessions_per_hour: int = 30
    """New ones, for one address."""

    sockets_per_address: int = 30
    sockets: int = 2000
    """Open at the same time in each server process."""

    voice: bool = True
    """Whether the page has a microphone, and answers aloud who speaks."""

    most_waiting: int = 10
    """Messages of a conversation that wait to be answered."""


def read_web_settings(entry: Mapping[str, Any] | None) -> WebSettings:
    """Reads the channel's entry in credentials.yml.

    Raises:
        ChannelSettingsError: If something in it is wrong; the message names the mend.
    """
    given = Credentials(CHANNEL, entry)

    def count(key: str, default: int, most: int) -> int:
        return int(given.number(key, default, 1, most))

    plain = WebSettings()
    settings = WebSettings(
        origins=tuple(_origin(text) for text in given.texts("origins")),
        trusted_proxies=tuple(_network(text) for text in given.texts("trusted_proxies")),
        assistant=given.text("assistant", default=plain.assistant)[:60],
        suggestions=_suggestions(given),
        kept=timedelta(days=given.number("days", plain.kept.days, 1, 3650)),
        messages_per_minute=count("messages_per_minute", plain.messages_per_minute, 10_000),
        messages_per_minute_of_address=count(
            "messages_per_minute_of_address", plain.messages_per_minute_of_address, 100_000
        ),
        sessions_per_hour=count("sessions_per_hour", plain.sessions_per_hour, 100_000),
        sockets_per_address=count("sockets_per_address", plain.sockets_per_address, 100_000),
        sockets=count("sockets", plain.sockets, 100_000),
        voice=given.flag("voice", plain.voice),
        most_waiting=count("most_waiting", plain.most_waiting, 1000),
    )
    given.refuse_unknown()
    return settings


def _suggestions(given: Credentials) -> tuple[str, ...]:
    texts = given.texts("suggestions")
    if len(texts) > MOST_SUGGESTIONS or any(not 0 < len(text.strip()) <= 80 for text in texts):
        raise ChannelSettingsError(
            f"'suggestions' of the channel '{CHANNEL}': give at most {MOST_SUGGESTIONS}, each of "
            "1 to 80 characters."
        )
    return texts or DEFAULT_SUGGESTIONS


def _origin(text: str) -> str:
    origin = text.strip().rstrip("/").lower()
    for scheme, port in (("http:", ":80"), ("https:", ":443")):
        if origin.startswith(scheme):
            origin = origin.removesuffix(port)
    if not _ORIGIN.fullmatch(origin):
        raise ChannelSettingsError(
            f"'origins' of the channel '{CHANNEL}' names '{text}': give a scheme and a host, and "
            "the port where it is not the usual one, as in https://www.example.org."
        )
    return origin


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ChannelSettingsError(
            f"'trusted_proxies' of the channel '{CHANNEL}' names '{text}': give an address or a "
            "network, as in 127.0.0.1 or 10.0.0.0/8."
        ) from None
