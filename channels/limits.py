"""How much one session and one address may do. Counted in memory, by each server process."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable

MOST_REMEMBERED = 10_000
"""Beyond so many, those that have used up nothing are forgotten."""


class NotTakenError(Exception):
    """A message that is not taken now."""

    def __init__(self, text: str, after: float) -> None:
        """Says why, in words, and after how many seconds it may be sent again."""
        super().__init__(text)
        self.text = text
        self.after = after


class RateLimit:
    """So many in a sliding window of time, for each key."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepares.

        Args:
            most: How many fit into the window.
            seconds: How long the window is.
            clock: Tells the time, in seconds.
        """
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str) -> float:
        """Takes one, where there is one left.

        Returns:
            0 if it was taken; otherwise the seconds until there is one.
        """
        wait = self.wait(key)
        if not wait:
            self._taken.setdefault(key, deque()).append(self._clock())
        return wait

    def wait(self, key: str) -> float:
        """The seconds until there is one left, 0 if there is; takes none."""
        now = self._clock()
        if len(self._taken) > MOST_REMEMBERED:
            self._forget(now)
        taken = self._taken.get(key, deque())
        while taken and taken[0] <= now - self._seconds:
            taken.popleft()
        return taken[0] + self._seconds - now if len(taken) >= self._most else 0.0

    def _forget(self, now: float) -> None:
        self._taken = {
            key: taken
            for key, taken in self._taken.items()
            if taken and taken[-1] > now - self._seconds
        }


class OpenSockets:
    """How many sockets are open, in all and for each address."""

    def __init__(self, most: int, most_of_address: int) -> None:
        """Prepares.

        Args:
            most: In all.
            most_of_address: For one address.
        """
        self._most = most
        self._most_of_address = most_of_address
        self._open: Counter[str] = Counter()

    def open(self, address: str) -> bool:
        """Counts a socket, where there is room for it; whether there was."""
        if self._open.total() >= self._most or self._open[address] >= self._most_of_address:
            return False
        self._open[address] += 1
        return True

    def close(self, address: str) -> None:
        """Counts a socket no longer."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]
