"""What people said, made fit to be shown: the one place that decides how."""

from __future__ import annotations

import re
from collections.abc import Callable

_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\+?\d(?:[ ()./-]?\d){5,}")
_NAMED = re.compile(r"\b((?i:my name is|my name's|i am called|i'm called)\s+)[^\W\d_][\w'’-]*")


def masker() -> Callable[[str], str]:
    """What masks addresses, long numbers, and names that somebody gives as theirs."""
    return _masked


def _masked(text: str) -> str:
    text = _NUMBER.sub("[number]", _EMAIL.sub("[email]", text))
    return _NAMED.sub(r"\1[name]", text)
