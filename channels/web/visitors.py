"""Who is there: which address, at which name of this server, and sent by whose page.

The name is checked as well as the origin. A page of somebody else's can have its own name point
to this machine after it was loaded (DNS rebinding); to the browser it then is of one origin with
this server. Its name gives it away: it is none that this server goes by.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from channels.web.settings import Network


class Visitors:
    """Tells the visitors that are let in from those that are not."""

    def __init__(self, origins: Sequence[str], trusted_proxies: Sequence[Network]) -> None:
        """Prepares.

        Args:
            origins: The server's public addresses, and the sites that embed it.
            trusted_proxies: Whose X-Forwarded-For is believed.
        """
        self._origins = frozenset(origins)
        self._proxies = tuple(trusted_proxies)
        machine = socket.gethostname().lower()
        self._names = frozenset(
            {"localhost", machine, f"{machine}.local"}
            | {urlsplit(origin).hostname or "" for origin in origins}
        )

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names this server: an address, this machine, or what is set."""
        name = _hostname(host)
        if name is None:
            return False
        if name in self._names or name.endswith(".localhost"):
            return True
        return _address(name) is not None

    def may_connect(self, origin: str | None, host: str) -> bool:
        """Whether a page of this origin may open a socket."""
        if origin is None:
            return False
        given = origin.lower()
        if given in self._origins:
            return True
        return given in (f"http://{host.lower()}", f"https://{host.lower()}") and self.is_ours(host)

    def address(self, peer: str, headers: Mapping[str, str]) -> str:
        """The address that a request comes from, as limits count it.

        What X-Forwarded-For says is believed as far as a trusted proxy wrote it. IPv6 networks of
        64 bits count as one address: each customer has one.
        """
        address = _address(peer)
        if address is None:
            return peer
        forwarded = headers.get("x-forwarded-for", "").split(",")
        for before in (_address(part.strip()) for part in reversed(forwarded)):
            if before is None or not any(address in network for network in self._proxies):
                break
            address = before
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, 64), strict=False))
        return str(address)


def _hostname(host: str) -> str | None:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # What a server for both protocols calls an IPv4 address.
    return getattr(address, "ipv4_mapped", None) or address
