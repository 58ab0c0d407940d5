"""What the page says over its socket, checked. `docs/web.md` lists the frames of both sides."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from channels.payloads import LONGEST_TEXT
from channels.web.history import Place
from channels.web.microphone import Mode

LONGEST_FRAME = 64 * 1024
"""Bytes. A text of the greatest length, each of its characters escaped, is some 50,000."""

_LARGEST_NUMBER = 2**53 - 1

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_OFFER = re.compile(r"[A-Za-z0-9_-]{16}")
# A text may hold these; other control characters mean nothing to a reader, and NUL is refused by
# databases.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class FrameError(Exception):
    """A frame that no page of ours sends. The text says what is wrong, and none of its words."""


class TooLongError(FrameError):
    """A text over the limit, which the page should have refused itself."""

    def __init__(self, client_id: str) -> None:
        """Keeps which message it was."""
        super().__init__(f"A text is longer than {LONGEST_TEXT} characters.")
        self.client_id = client_id


@dataclass(frozen=True)
class Hello:
    """The first frame: whose conversation it is, and what of it the page has."""

    token: str | None
    have: Place | None
    """None where it has nothing."""


@dataclass(frozen=True)
class Text:
    """A typed message."""

    id: str
    """Made up by the page: the same however often it is sent."""

    text: str
    timezone: str | None


@dataclass(frozen=True)
class Press:
    """A button was pressed."""

    id: str
    reply: int
    """The number of the message that the button belongs to."""

    offer: str
    timezone: str | None


@dataclass(frozen=True)
class Earlier:
    """The page asks for what was said before a place."""

    before: Place


@dataclass(frozen=True)
class Forget:
    """The person starts anew."""


@dataclass(frozen=True)
class Listen:
    """The person speaks: samples follow, as binary frames."""

    mode: Mode
    aloud: bool
    """Whether the answers are to be spoken."""

    timezone: str | None


@dataclass(frozen=True)
class Unlisten:
    """No more samples follow."""

    keep: bool
    """Whether what was said until now counts."""


@dataclass(frozen=True)
class Quiet:
    """The person does not want to hear more of the answer."""


@dataclass(frozen=True)
class Ping:
    """The page asks whether the connection still is one."""


Frame = Hello | Text | Press | Earlier | Forget | Listen | Unlisten | Quiet | Ping


def read_frame(raw: str | bytes) -> Frame:
    """Reads a frame.

    Raises:
        TooLongError: If it is a message over the limit.
        FrameError: If it is none that a page sends.
    """
    given = _parsed(raw)
    kind = given.get("type")
    if kind == "hello":
        token = given.get("token")
        if token is not None and not isinstance(token, str):
            raise FrameError("'token' is no text.")
        have = given.get("have")
        return Hello(token, None if have is None else _place(have))
    if kind == "message":
        return _message(given)
    if kind == "press":
        return Press(
            _matching(given, "id", _CLIENT_ID),
            _number(given.get("reply")),
            _matching(given, "offer", _OFFER),
            known_timezone(given.get("timezone")),
        )
    if kind == "earlier":
        return Earlier(_place(given.get("before")))
    if kind == "forget":
        return Forget()
    if kind == "listen":
        return _listen(given)
    if kind == "unlisten":
        return Unlisten(_flag(given, "keep"))
    if kind == "quiet":
        return Quiet()
    if kind == "ping":
        return Ping()
    raise FrameError("The frame's 'type' is unknown.")


def known_timezone(name: object) -> str | None:
    """A time zone that a browser names, if there is such a one."""
    return name if isinstance(name, str) and name in _timezones() else None


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _parsed(raw: str | bytes) -> Mapping[str, Any]:
    if not isinstance(raw, str):
        raise FrameError("The frame is not text.")
    if len(raw) > LONGEST_FRAME:
        raise FrameError("The frame is too long.")
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        raise FrameError("The frame is not JSON.") from None
    if not isinstance(given, dict):
        raise FrameError("The frame is no object.")
    return given


def _message(given: Mapping[str, Any]) -> Text:
    client_id = _matching(given, "id", _CLIENT_ID)
    text = given.get("text")
    if not isinstance(text, str):
        raise FrameError("'text' is no text.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FrameError("'text' holds half of a character.") from None
    text = _CONTROL.sub("", text).strip()
    if not text:
        raise FrameError("'text' is empty.")
    if len(text) > LONGEST_TEXT:
        raise TooLongError(client_id)
    return Text(client_id, text, known_timezone(given.get("timezone")))


def _listen(given: Mapping[str, Any]) -> Listen:
    mode = given.get("mode")
    if mode not in {mode.value for mode in Mode}:
        raise FrameError("'mode' is none of those there are.")
    return Listen(Mode(mode), _flag(given, "aloud"), known_timezone(given.get("timezone")))


def _flag(given: Mapping[str, Any], key: str) -> bool:
    value = given.get(key)
    if not isinstance(value, bool):
        raise FrameError(f"'{key}' is neither true nor false.")
    return value


def _matching(given: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FrameError(f"'{key}' is not of the form that it has.")
    return value


def _place(value: object) -> Place:
    if not isinstance(value, list) or len(value) != 2:
        raise FrameError("A place is no pair of numbers.")
    return Place(_number(value[0]), _number(value[1]))


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FrameError("A number is none.")
    if not 0 <= value <= _LARGEST_NUMBER:
        raise FrameError("A number is out of bounds.")
    return value
