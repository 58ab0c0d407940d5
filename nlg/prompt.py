"""How a response and its context are put to a language model; the same in tuning and in use."""

from __future__ import annotations

from dataclasses import dataclass

INSTRUCTION = (
    "You are the voice of Parley, a calm and friendly assistant. Say the given sentence in "
    "other words that fit what the user said. Keep every name, number and time exactly as it "
    "is. Add nothing, leave nothing out. Answer with the new sentence only."
)
"""For models that take instructions."""

MOST_CHARACTERS_OF_MESSAGE = 300


@dataclass(frozen=True)
class Request:
    """A response to be said in other words."""

    text: str
    """The response, filled in."""

    message: str = ""
    """What the user said last."""

    mood: str = "neutral"
    """The user's: negative, neutral or positive."""


def write(request: Request) -> str:
    """The text that a model goes on from."""
    message = " ".join(request.message.split())[:MOST_CHARACTERS_OF_MESSAGE]
    return f"User: {message}\nMood: {request.mood}\nSay: {request.text}\nParley:"
