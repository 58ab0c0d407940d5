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
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

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
        address = peer
        forwarded = headers.get("x-forwarded-for", "")
        for before in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            if not self._is_proxy(address):
                break
            try:
                ipaddress.ip_address(before)
            except ValueError:
                break
            address = before
        return _network_of(address)

    def _is_proxy(self, address: str) -> bool:
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in self._proxies)


def _hostname(host: str) -> str | None:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") or None
    except ValueError:
        return None


def _network_of(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
