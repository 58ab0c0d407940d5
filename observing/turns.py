"""Which turn is being worked at: its id goes with it through every process.

The id is that of the message, which Rasa also keeps in the conversation (`message_id`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TURN_HEADER = "X-Parley-Turn"
"""Of requests from one process of the assistant to another."""

LONGEST_ID = 128

_turn: ContextVar[str] = ContextVar("observed_turn", default="")
_words: ContextVar[str] = ContextVar("observed_words", default="")


def turn_id() -> str:
    """The turn's id, empty outside of one."""
    return _turn.get()


def words() -> str:
    """What the person said in this turn: known so that it can be kept out of logs."""
    return _words.get()


@contextmanager
def within_turn(turn: str, said: str | None) -> Iterator[None]:
    """`enter_turn`, for as long as the context lasts."""
    before = _turn.get(), _words.get()
    enter_turn(turn, said)
    try:
        yield
    finally:
        _turn.set(before[0])
        _words.set(before[1])


def enter_turn(turn: str, said: str | None) -> None:
    """Notes the turn for the rest of this task, and what is begun in it.

    Args:
        turn: Its id. One that another process sends is cut to what an id may be.
        said: What the person said.
    """
    _turn.set("".join(sign for sign in turn[:LONGEST_ID] if sign.isprintable()))
    _words.set(said or "")
