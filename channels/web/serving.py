"""What all connections of a server share, and how a connection ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from channels.limits import RateLimit
from channels.messages import Incoming
from channels.store import ChannelStore
from channels.voice.hearing import Ears
from channels.voice.speech import Voice
from channels.web.history import History
from channels.web.hub import Hub
from channels.web.sessions import Sessions
from channels.web.settings import WebSettings

NORMAL, REFUSED, FAILED, RESTARTS, TRY_LATER = 1000, 1008, 1011, 1012, 1013
"""Why a socket is closed: RFC 6455, 7.4.1, and the registry that it founded."""


class Socket(Protocol):
    """What is used of Sanic's WebSocket."""

    connection: Any

    async def recv(self, timeout: float | None = None) -> str | bytes | None:
        """The next message."""

    async def send(self, message: str | bytes) -> None:
        """Sends a message."""

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Closes the socket."""

    def fail_connection(self, code: int = 1006, reason: str = "") -> bool:
        """Ends it without ado."""


@dataclass(frozen=True)
class Service:
    """What all connections of a server share."""

    settings: WebSettings
    store: ChannelStore
    history: History
    sessions: Sessions
    hub: Hub
    accept: Callable[[Incoming], Awaitable[int | None]]
    """Writes a message down."""

    ears: Ears | None
    """What listens, where the page has a microphone."""

    voice: Voice

    ended: Callable[[], None]
    """Has the conversations deleted whose sessions have ended."""

    new_sessions: RateLimit
    messages: RateLimit
    messages_of_address: RateLimit
    utterances: RateLimit


class Closed(Exception):
    """The socket is to be closed, or is."""

    def __init__(self, code: int = NORMAL, reason: str = "") -> None:
        """Keeps why."""
        super().__init__(reason)
        self.code = code
        self.reason = reason
