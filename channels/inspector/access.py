"""Who may look: a token, exchanged once for a session that is kept in a cookie."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

COOKIE = "parley_inspector"

SESSION_SECONDS = 12 * 3600.0
"""How long somebody stays signed in."""

CODE_SECONDS = 15 * 60.0
"""How long after the start the one-time code is taken."""

FIRST_DELAY, LONGEST_DELAY = 0.5, 60.0
"""Seconds until the next attempt, after the first failure and at most; doubled by each failure."""

FORGIVEN_AFTER = 900.0
"""Seconds after which an address's failures are forgotten."""

ADDRESSES_KEPT = 10_000
"""Of so many addresses the failures are remembered; the oldest go first."""

Clock = Callable[[], float]


class Access:
    """Checks tokens and sessions.

    A session is a signed time of expiry, so that every process of a server knows it. The key is
    made of the token: another token ends all sessions.
    """

    def __init__(self, token: str, code: str = "", clock: Clock = time.time) -> None:
        """Keeps the token.

        Args:
            token: Whoever knows it may sign in.
            code: Signs in one time, soon after the start; none where it is empty.
            clock: Seconds since the epoch.
        """
        self._token = token
        self._code = code
        self._clock = clock
        self._code_until = clock() + CODE_SECONDS
        self._key = hashlib.sha256(b"parley inspector session\0" + token.encode()).digest()
        self._ended: dict[str, float] = {}

    def admits(self, word: str) -> bool:
        """Whether this is the token, or the code for the first time."""
        given = word.encode()
        is_token = hmac.compare_digest(given, self._token.encode())
        is_code = bool(self._code) and hmac.compare_digest(given, self._code.encode())
        if is_code and self._clock() < self._code_until:
            self._code = ""
            return True
        return is_token

    def open_session(self) -> str:
        """A new session, to be kept in the cookie."""
        until = int(self._clock() + SESSION_SECONDS)
        content = f"{until}.{secrets.token_urlsafe(12)}"
        return f"{content}.{self._signature(content)}"

    def knows(self, session: str | None) -> bool:
        """Whether a session was opened here and is not over."""
        content, _, signature = (session or "").rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            return False
        return int(content.partition(".")[0]) > self._clock() and content not in self._ended

    def end_session(self, session: str | None) -> None:
        """Signs out: the session is not taken any more, even if somebody has kept it."""
        if not self.knows(session):
            return
        now = self._clock()
        self._ended = {content: until for content, until in self._ended.items() if until > now}
        content = str(session).rpartition(".")[0]
        self._ended[content] = float(content.partition(".")[0])

    def _signature(self, content: str) -> str:
        return hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()


class Attempts:
    """Slows an address down that gives wrong tokens: each failure doubles the wait."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Starts with no failures."""
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds that the address has to wait before its next attempt."""
        count, at = self._failures.get(_network(address), (0, 0.0))
        if not count:
            return 0.0
        delay = min(FIRST_DELAY * 2.0 ** min(count - 1, 20), LONGEST_DELAY)
        return max(0.0, at + delay - self._clock())

    def failed(self, address: str) -> None:
        """Counts a failure."""
        network = _network(address)
        count, at = self._failures.pop(network, (0, 0.0))
        if count and self._clock() - at > FORGIVEN_AFTER:
            count = 0
        self._failures[network] = (count + 1, self._clock())
        while len(self._failures) > ADDRESSES_KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forgets the failures."""
        self._failures.pop(_network(address), None)


def is_foreign(headers: Mapping[str, str], host: str) -> bool:
    """Whether a page of another site made the request.

    Browsers say so in `Sec-Fetch-Site`, and in `Origin`; what is no browser says neither, and
    cannot be made to send the cookie by a page.

    Args:
        headers: The request's.
        host: The host, with its port, that the request was sent to.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != host


def _network(address: str) -> str:
    """An IPv6 customer has 2⁶⁴ addresses or more: they count as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
