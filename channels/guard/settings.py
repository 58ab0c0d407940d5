"""How the guard is set up in credentials.yml."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.guard.api import CLOSED
from channels.settings import ChannelSettingsError, Credentials

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CHANNEL = "guard"

THIS_MACHINE = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True)
class GuardSettings:
    """What a server takes, from whom, and how much of it."""

    requests_per_minute: int = 600
    """Of one address."""

    refusals_per_minute: int = 30
    """Answers of 401 and 403 to one address: who guesses at secrets is not let go on."""

    megabytes: int = 1
    """The largest body of a request, where a channel does not say otherwise."""

    unlimited: tuple[Network, ...] = THIS_MACHINE
    """From where no limits hold."""

    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-For is believed."""

    open_api: frozenset[str] = frozenset()
    """What of Rasa's API is open that is closed unless named here."""


def read_guard_settings(entry: Mapping[str, Any] | None) -> GuardSettings:
    """Reads the channel's entry in credentials.yml.

    Raises:
        ChannelSettingsError: If something in it is wrong; the message names the mend.
    """
    given = Credentials(CHANNEL, entry)
    plain = GuardSettings()

    def count(key: str, default: int, most: int) -> int:
        return int(given.number(key, default, 1, most))

    unlimited = given.texts("unlimited")
    opened = frozenset(given.texts("open_api"))
    if unknown := sorted(opened - CLOSED.keys()):
        raise ChannelSettingsError(
            f"'open_api' of the channel '{CHANNEL}' names '{unknown[0]}': there are "
            f"{', '.join(CLOSED)}."
        )
    settings = GuardSettings(
        requests_per_minute=count("requests_per_minute", plain.requests_per_minute, 1_000_000),
        refusals_per_minute=count("refusals_per_minute", plain.refusals_per_minute, 1_000_000),
        megabytes=count("megabytes", plain.megabytes, 1000),
        unlimited=(
            tuple(_network(text, "unlimited") for text in unlimited if text != "nobody")
            if unlimited
            else THIS_MACHINE
        ),
        trusted_proxies=tuple(
            _network(text, "trusted_proxies") for text in given.texts("trusted_proxies")
        ),
        open_api=opened,
    )
    given.refuse_unknown()
    return settings


def _network(text: str, key: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ChannelSettingsError(
            f"'{key}' of the channel '{CHANNEL}' names '{text}': give an address or a network, as "
            "in 127.0.0.1 or 10.0.0.0/8."
        ) from None
