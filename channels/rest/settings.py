"""How the REST channel is set up in credentials.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.settings import ChannelSettingsError, Credentials

CHANNEL = "rest"
TOKEN_VARIABLE = "PARLEY_REST_TOKEN"
LEAST_TOKEN = 16


@dataclass(frozen=True)
class RestSettings:
    """What the channel takes."""

    token: str = field(default="", repr=False)
    """Who has it may speak, as whoever they say they are; without one, anybody may."""

    messages_per_minute: int = 600
    """Of one sender."""

    most_waiting: int = 20
    """Messages of a sender that are worked at or wait."""


def read_rest_settings(
    entry: Mapping[str, Any] | None, environment: Mapping[str, str] | None = None
) -> RestSettings:
    """Reads the channel's entry in credentials.yml.

    Raises:
        ChannelSettingsError: If something in it is wrong; the message names the mend.
    """
    given = Credentials(CHANNEL, entry, environment)
    token = given.text("token", TOKEN_VARIABLE)
    if token and (len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable()):
        raise ChannelSettingsError(
            f"{TOKEN_VARIABLE} is too easily guessed: give at least {LEAST_TOKEN} characters, such "
            "as `openssl rand -hex 32` makes."
        )
    plain = RestSettings()
    settings = RestSettings(
        token,
        messages_per_minute=int(
            given.number("messages_per_minute", plain.messages_per_minute, 1, 1_000_000)
        ),
        most_waiting=int(given.number("most_waiting", plain.most_waiting, 1, 10_000)),
    )
    given.refuse_unknown()
    return settings
