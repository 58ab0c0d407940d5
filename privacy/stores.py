"""What a place is asked in which something of people is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol


class ErasureError(Exception):
    """A store could not be looked into or erased; the message says which, and why."""


@dataclass(frozen=True)
class Person:
    """Whose things are looked for."""

    conversation: str
    """Rasa's sender, by which everything is kept."""

    said: frozenset[str] = field(default=frozenset(), repr=False)
    """What was said in the conversation, to know it in logs."""


class Store(Protocol):
    """A place in which something of people is kept. All methods block."""

    @property
    def name(self) -> str:
        """What it is called."""

    def find(self, person: Person) -> Counter[str]:
        """How many things of a person there are, by what they are called.

        Raises:
            ErasureError: If it cannot be looked into.
        """

    def erase(self, person: Person, in_turn: bool = False) -> Counter[str]:
        """Deletes a person's things.

        Args:
            person: Whose.
            in_turn: Whether they asked for it in the turn that goes on, which is to be ended.

        Returns:
            How many were deleted, by what they are called.

        Raises:
            ErasureError: If it could not be done.
        """

    def expire(self, before: float) -> Counter[str]:
        """Deletes what is too old by itself.

        Args:
            before: The moment, in seconds since 1970.

        Returns:
            As `erase`.
        """

    def purge(self) -> None:
        """Sees to it that nothing of what was deleted is left in files.

        Raises:
            ErasureError: If something else holds them for too long.
        """

    def outside(self) -> str:
        """What is kept elsewhere and is not erased; empty if nothing is."""
