"""How many messages of one conversation are taken."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable

from channels.limits import RateLimit

MINUTE = 60.0


class Taken(enum.Enum):
    """What becomes of a message."""

    YES = enum.auto()
    NO = enum.auto()
    NO_AND_TELL = enum.auto()
    """The first that is too many: the person is to be told, and once is enough."""


class Quota:
    """So many messages a minute of each conversation, counted by each server process."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepares.

        Args:
            most: How many.
            clock: Tells the time, in seconds.
        """
        self._messages = RateLimit(most, MINUTE, clock)
        self._told = RateLimit(1, MINUTE, clock)

    def take(self, conversation: str) -> Taken:
        """Counts a message."""
        if not self._messages.take(conversation):
            return Taken.YES
        return Taken.NO if self._told.take(conversation) else Taken.NO_AND_TELL
