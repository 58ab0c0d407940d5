"""One turn of a conversation at a time, in however many processes: locks in Redis.

Rasa's own lock store for Redis reads a conversation's tickets, adds one and writes them back, in
three steps. Two processes that do so at once give out the same ticket, and both go on
(docs/decisions/0015-more-than-one-machine.md). Here each step is one script in Redis, which runs
as a whole.

Who waits stands in a queue; who is first in it has the lock. Everybody in the queue is renewed
from a thread, so that a process whose event loop is busy (it loads a model) loses nothing, and one
that is gone leaves the queue by itself after `lifetime`.

In endpoints.yml:

    lock_store:
      type: operations.locks.RedisLocks
      url: redis://:password@host:6379/0
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.shared.exceptions import InvalidConfigException
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

LIFETIME = 30.0
"""Seconds after which a process is taken for gone that has not been heard of."""

PATIENCE = 60.0
"""Seconds that a turn waits for the one before."""

_ASKS_FIRST, _ASKS_LAST = 0.02, 0.25
"""Seconds between two questions whether it is one's turn: more often at first."""

_TIMEOUT = 3.0
"""Seconds that Redis has for an answer."""

# KEYS: the queue (a list of tokens), until when each of them is known to live (a sorted set).
# ARGV: a token, its lifetime in milliseconds.
# Redis has one clock, so those of the machines need not agree.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
    redis.call('RPUSH', KEYS[1], ARGV[1])
end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
local first = redis.call('LINDEX', KEYS[1], 0)
while first do
    local until_when = redis.call('ZSCORE', KEYS[2], first)
    if until_when and tonumber(until_when) >= now then break end
    redis.call('LPOP', KEYS[1])
    redis.call('ZREM', KEYS[2], first)
    first = redis.call('LINDEX', KEYS[1], 0)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
redis.call('PEXPIRE', KEYS[2], ARGV[2] * 2)
return first == ARGV[1] and 1 or 0
"""

# Who is in the queue stays there; who had the lock when Redis forgot all is put in front again.
_RENEW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local there = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not there then
    redis.call(ARGV[3] == '1' and 'LPUSH' or 'RPUSH', KEYS[1], ARGV[1])
end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
redis.call('PEXPIRE', KEYS[2], ARGV[2] * 2)
return there and 1 or 0
"""

_LEAVE = """
redis.call('LREM', KEYS[1], 0, ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
"""


class RedisLocks(LockStore):
    """Rasa's lock store, for several processes."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        """Prepares; Redis need not be there yet.

        Args:
            endpoint_config: From endpoints.yml: `url`, and if wanted `prefix` of the keys,
                `lifetime` and `patience` in seconds.

        Raises:
            InvalidConfigException: If it names no address of a Redis.
        """
        settings: dict[str, Any] = dict(endpoint_config.kwargs)
        url = str(endpoint_config.url or "")
        self._prefix = str(settings.get("prefix") or "parley")
        self._lifetime = float(settings.get("lifetime") or LIFETIME)
        self._patience = float(settings.get("patience") or PATIENCE)
        try:
            self._redis: Any = redis.Redis.from_url(
                url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT
            )
        except ValueError:
            # Its own words would show the address, and so the password.
            raise InvalidConfigException(
                "The lock store's 'url' in endpoints.yml is no address of a Redis: give "
                "redis://:password@host:6379/0."
            ) from None
        self._take = self._redis.register_script(_TAKE)
        self._renew = self._redis.register_script(_RENEW)
        self._leave = self._redis.register_script(_LEAVE)
        self._renewing = _Renewing(self._renew_one, self._lifetime / 4)
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float | None = None,
        wait_time_in_seconds: float | None = None,
    ) -> AsyncGenerator[TicketLock, None]:
        """Holds a conversation's lock, in the order in which it was asked for.

        Args:
            conversation_id: Whose.
            lock_lifetime: Not asked for: a lock lives as long as its holder does.
            wait_time_in_seconds: Not asked for.

        Raises:
            LockError: If Redis is away, or the turns before take longer than the patience.
        """
        del lock_lifetime, wait_time_in_seconds
        place = _Place(conversation_id, uuid4().hex)
        try:
            await self._wait_for(place)
            yield TicketLock(conversation_id)
        finally:
            self._renewing.forget(place)
            # Not broken off with the turn: others would wait until it runs out.
            await asyncio.shield(asyncio.to_thread(self._give_back, place))

    def ping(self) -> None:
        """Asks Redis whether it is there.

        Raises:
            LockError: If it is not.
        """
        try:
            self._redis.ping()
        except redis.RedisError as error:
            raise LockError(f"Redis is away: {type(error).__name__}.") from None

    async def _wait_for(self, place: _Place) -> None:
        deadline = time.monotonic() + self._patience
        pause = _ASKS_FIRST
        while not await asyncio.to_thread(self._is_first, place):
            self._renewing.remember(place)
            if time.monotonic() > deadline:
                raise LockError(
                    f"The conversation '{place.conversation}' was busy for "
                    f"{self._patience:g} seconds."
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _ASKS_LAST)
        place.first = True
        self._renewing.remember(place)

    def _is_first(self, place: _Place) -> bool:
        try:
            return bool(self._take(keys=self._keys(place), args=[place.token, self._milliseconds]))
        except redis.RedisError as error:
            raise LockError(f"Redis is away: {type(error).__name__}.") from None

    def _renew_one(self, place: _Place) -> None:
        try:
            arguments = [place.token, self._milliseconds, int(place.first)]
            if not self._renew(keys=self._keys(place), args=arguments) and place.first:
                logger.warning("The lock of a turn in progress was lost, and is taken again.")
        except redis.RedisError as error:
            logger.warning("A lock could not be renewed: %s", type(error).__name__)

    def _give_back(self, place: _Place) -> None:
        # Redis is away: the place is left when its lifetime is over.
        with suppress(redis.RedisError):
            self._leave(keys=self._keys(place), args=[place.token])

    def _keys(self, place: _Place) -> list[str]:
        # In braces is what decides where a cluster keeps a key: both are in one place.
        name = f"{self._prefix}:lock:{{{place.conversation}}}"
        return [f"{name}:queue", f"{name}:alive"]

    @property
    def _milliseconds(self) -> int:
        return round(self._lifetime * 1000)


class _Place:
    """Somebody's place in a conversation's queue."""

    def __init__(self, conversation: str, token: str) -> None:
        self.conversation = conversation
        self.token = token
        self.first = False
        """Whether it has the lock."""


class _Renewing:
    """A thread that renews places as long as there are any."""

    def __init__(self, renew: Any, every: float) -> None:
        self._renew = renew
        self._every = every
        self._places: dict[str, _Place] = {}
        self._guard = threading.Lock()
        self._running = False

    def remember(self, place: _Place) -> None:
        with self._guard:
            self._places[place.token] = place
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._run, name="lock-renewing", daemon=True).start()

    def forget(self, place: _Place) -> None:
        with self._guard:
            self._places.pop(place.token, None)

    def _run(self) -> None:
        while True:
            time.sleep(self._every)
            with self._guard:
                places = list(self._places.values())
                if not places:
                    self._running = False
                    return
            for place in places:
                with self._guard:
                    if place.token not in self._places:
                        continue
                self._renew(place)
