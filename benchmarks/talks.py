"""What people say to the assistants whose load is measured."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.arrivals import MARK, MARK_STEP, Talk, Turn


def _talks(*talks: Sequence[str]) -> list[Talk]:
    return [[Turn(text) for text in talk] for talk in talks]


_SUM = f"what is {MARK} plus {MARK_STEP}"

PARLEY = _talks(
    (
        "hello",
        "add milk and eggs to my shopping list",
        _SUM,
        "what's on my shopping list",
        "remove eggs from my shopping list",
        "goodbye",
    ),
    ("good morning", "what time is it", "set a timer for ten minutes", "what timers are running"),
    (
        "hi there",
        "how are you",
        _SUM,
        "i had a terrible day, everything went wrong",
        "tell me a joke",
        "thank you so much, that was great",
    ),
    ("hey", "add a lamp to my shopping list", "undo that", _SUM, "what day is it tomorrow", "bye"),
)

RASA_INIT = _talks(
    ("hello", "i am feeling great", "goodbye"),
    ("hi", "i am very sad", "yes", "goodbye"),
    ("hey", "i am very sad", "no"),
    ("good morning", "are you a bot?", "bye"),
)
