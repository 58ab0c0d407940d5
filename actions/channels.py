"""What a channel can take: words to be heard rather than read, and buttons where there are any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import channel_of

VOICE = "voice"
"""The channel whose replies are heard. Its variations in `domain.yml` bear this name."""

MOST_HEARD = 6
"""How many things are named aloud before the rest is only counted."""

MOST_BUTTONS = 8
_MOST_OF_CHANNEL = {"slack": 5}
"""Rasa's Slack channel leaves out all buttons where there are more."""

LONGEST_PAYLOAD = 64
"""Bytes: what Telegram takes for a button."""

LONGEST_TITLE = 60
"""Characters: Slack takes 75."""

_PLACES = "first second third fourth fifth sixth seventh eighth".split()

_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+")
_SUFFIX = re.compile(r"(?<=\w)\.(?:md|txt|html?|pdf|ya?ml|db|ics|py|log)\b")
_FOLDERS = re.compile(rf"(?:[\w.-]*/)+(?=[\w-]+{_SUFFIX.pattern})")
_BULLET = re.compile(r"^\s*(?:[-*•–]|#+)\s+", re.MULTILINE)
_LINE_END = re.compile(r"([.!?:;,])?[ \t]*\n+\s*")
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_])\s*/\s*(?=[^\W\d_])")
_FOLDER = re.compile(r"/+")
_MARKS = re.compile(r"[\"“”„«»`*_|\\]+")


def is_heard(tracker: Tracker) -> bool:
    """Whether what is said now will be heard, not read."""
    return channel_of(tracker) == VOICE


def fitting(dispatcher: CollectingDispatcher, tracker: Tracker) -> CollectingDispatcher:
    """The dispatcher by which an action says values that are written for eyes.

    Where they will be heard, it makes them `speakable`, and leaves out buttons.
    """
    return _ForEars(dispatcher) if is_heard(tracker) else dispatcher


def most_named(tracker: Tracker) -> int | None:
    """How many things are enumerated before the rest is only counted; None: all of them."""
    return MOST_HEARD if is_heard(tracker) else None


def speakable(text: str) -> str:
    r"""Takes out what no voice can say: quotation marks, brackets, bullets, line breaks, addresses.

    >>> speakable('"call mum" (all day)\nsee manual.pdf')
    'call mum, all day. see manual'
    """
    text = _ADDRESS.sub("a web address", text)
    text = _SUFFIX.sub("", _FOLDERS.sub("", _BULLET.sub("", text.strip())))
    text = _LINE_END.sub(lambda found: f"{found[1] or '.'} ", text)
    text = _BRACKETS.sub(r", \1", text)
    text = _FOLDER.sub(" ", _BETWEEN_WORDS.sub(" or ", text))
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(_MARKS.sub(" ", text).split()))


def buttons(
    tracker: Tracker, choices: Iterable[tuple[str, str]], most: int = MOST_BUTTONS
) -> list[dict[str, str]]:
    """The buttons below a question; none where they cannot be seen.

    Args:
        tracker: The conversation.
        choices: Of each what stands on it, and what a press on it says: words as a person would
            say them, or `/intent{"entity": "value"}`.
        most: How many there are at most. The text names the others.
    """
    if is_heard(tracker):
        return []
    most = min(most, _MOST_OF_CHANNEL.get(channel_of(tracker) or "", MOST_BUTTONS))
    fitting = [
        {"title": _shortened(title), "payload": payload}
        for title, payload in choices
        if title and len(payload.encode()) <= LONGEST_PAYLOAD
    ]
    return fitting[:most]


def buttons_by_place(tracker: Tracker, titles: Sequence[str]) -> list[dict[str, str]]:
    """A button for each of several things enumerated: a press says "the second one"."""
    return buttons(
        tracker,
        [(title, f"the {place} one") for place, title in zip(_PLACES, titles, strict=False)],
    )


class _ForEars(CollectingDispatcher):
    """Says in a dispatcher's stead, for somebody who listens."""

    def __init__(self, dispatcher: CollectingDispatcher) -> None:
        super().__init__()
        self.messages = dispatcher.messages

    def utter_message(self, **message: Any) -> None:
        """Says it without what no voice can say."""
        heard = {
            key: speakable(value) if isinstance(value, str) and key != "response" else value
            for key, value in message.items()
            if key != "buttons"
        }
        super().utter_message(**heard)


def _shortened(title: str) -> str:
    title = title[:1].upper() + title[1:]
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip()}…"
