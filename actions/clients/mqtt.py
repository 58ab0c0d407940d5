"""The MQTT broker: a connection for each command, every wait limited, one typed error.

A new connection costs a millisecond or two on a home's network. For that there is none to watch
over: no task in the background, nothing half alive after the broker was restarted or the machine
had slept, and a subscription begins with the retained messages each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import aiomqtt

AT_LEAST_ONCE = 1
"""The quality of service: the broker acknowledges what it has got."""

_PORTS = {"mqtt": 1883, "mqtts": 8883}

_REFUSED = 128
"""The code of a subscription that was not granted (MQTT 3.1.1, 3.9.3)."""

_KEEPALIVE = 10
"""Seconds. Connections live no longer than a command; one that hangs is noticed soon."""


class BrokerError(Exception):
    """The broker did not do what was asked of it, in time; says why, without the password."""


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and who one is to it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    @classmethod
    def from_url(cls, url: str) -> Broker:
        """Reads `mqtt://user:password@host:port`; `mqtts` is encrypted.

        Raises:
            BrokerError: If it is no such URL. The URL is not repeated: a password may be in it.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in _PORTS or not host:
            raise BrokerError(
                "The broker's URL cannot be read: write it as mqtt://host:1883, "
                "mqtt://user:password@host:1883 or mqtts://host:8883, with %XX for special marks."
            )
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "mqtts",
        )

    def __str__(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Received:
    """A message from the broker."""

    topic: str
    payload: str
    retained: bool
    """Whether it had been published before the subscription."""


class Connection:
    """A connection in use."""

    def __init__(self, client: aiomqtt.Client, limit: float) -> None:
        """Takes a connected client, and the seconds that each step may take."""
        self._client = client
        self._limit = limit

    async def publish(self, topic: str, payload: str) -> None:
        """Publishes, and waits until the broker has acknowledged.

        Raises:
            BrokerError: It did not.
        """
        try:
            await self._client.publish(topic, payload, qos=AT_LEAST_ONCE, timeout=self._limit)
        except (aiomqtt.MqttError, ValueError) as error:
            raise BrokerError(f"No acknowledgement for {topic}: {error}") from error

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Subscribes; retained messages come first.

        Raises:
            BrokerError: The broker did not acknowledge, or refused a topic.
        """
        wanted = [(topic, AT_LEAST_ONCE) for topic in dict.fromkeys(topics)]
        if not wanted:
            return
        try:
            granted = await self._client.subscribe(wanted, timeout=self._limit)
        except (aiomqtt.MqttError, ValueError) as error:
            raise BrokerError(f"No subscription to {wanted[0][0]}: {error}") from error
        for (topic, _), code in zip(wanted, granted, strict=True):
            if code == _REFUSED or getattr(code, "is_failure", False):
                raise BrokerError(f"The broker refuses a subscription to {topic}.")

    async def receive(self, deadline: float) -> Received | None:
        """The next message.

        Args:
            deadline: Until when to wait, by `time.monotonic`.

        Returns:
            None where none has come in time.

        Raises:
            BrokerError: The connection broke.
        """
        left = max(0.0, deadline - time.monotonic())
        try:
            message = await asyncio.wait_for(self._client.messages.__anext__(), left)
        except asyncio.TimeoutError:
            return None
        except aiomqtt.MqttError as error:
            raise BrokerError(f"The connection broke: {error}") from error
        payload = message.payload
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else str(payload)
        return Received(message.topic.value, text, bool(message.retain))


@contextlib.asynccontextmanager
async def connect(broker: Broker, limit: float) -> AsyncIterator[Connection]:
    """Connects to a broker, and leaves it in the end.

    Args:
        broker: Which one.
        limit: Seconds that each step may take: to connect, to be acknowledged.

    Raises:
        BrokerError: It cannot be reached in time, or refuses (a wrong password).
    """
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=ssl.create_default_context() if broker.tls else None,
        timeout=limit,
        keepalive=_KEEPALIVE,
    )
    # Not `wait_for`: cancelled halfway, the client would connect for all that in its thread,
    # and nobody would ever leave.
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.wait({entering}, timeout=limit)
    finally:
        if not entering.done():
            entering.add_done_callback(lambda task: _leave_later(task, client))
    if not entering.done():
        raise BrokerError(f"{broker} does not answer within {limit:g} seconds.")
    try:
        await entering
    except (aiomqtt.MqttError, OSError, ValueError) as error:
        raise BrokerError(f"{broker} cannot be reached: {error}") from error
    try:
        yield Connection(client, limit)
    finally:
        await _leave(client)


def _leave_later(entering: asyncio.Future[aiomqtt.Client], client: aiomqtt.Client) -> None:
    if not entering.cancelled() and entering.exception() is None:
        _leaving.add(task := asyncio.ensure_future(_leave(client)))
        task.add_done_callback(_leaving.discard)


async def _leave(client: aiomqtt.Client) -> None:
    # A connection that broke, or a broker that does not answer the farewell: it is over anyway.
    with contextlib.suppress(aiomqtt.MqttError, OSError):
        await client.__aexit__(None, None, None)


_leaving: set[asyncio.Task[None]] = set()
"""Kept from the garbage collector until they are done."""
