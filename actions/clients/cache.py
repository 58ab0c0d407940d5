"""What a service said a little while ago, so that it is not asked again at every follow-up."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ExpiringCache(Generic[Value]):
    """A few values, each for a while; the one that was not used for longest goes first."""

    def __init__(
        self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Starts empty.

        Args:
            seconds: How long a value is good for.
            most: How many values are kept.
            clock: Seconds that only ever go up.
        """
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """The value, if there is one that is still good."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._clock() - kept[0] >= self._seconds:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def put(self, key: Hashable, value: Value) -> None:
        """Keeps a value from now on."""
        self._kept[key] = (self._clock(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
