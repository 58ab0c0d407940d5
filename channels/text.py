"""Texts that are longer than a platform takes in one message, in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

# After what ends a sentence, with the quotation marks and brackets that belong to it.
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*\s+|\n+")
_SPACE = re.compile(r"\s+")


def split_text(text: str, limit: int) -> list[str]:
    """Splits a text at sentences, or where one is too long between words, or within one.

    Args:
        text: What is to be sent.
        limit: The most characters of a part, at least 1. Characters are counted as Telegram and
            Slack count them: in UTF-16 code units, so that an emoji may count as two.

    Returns:
        The parts, in order, none of them empty.
    """
    parts = []
    rest = text.strip()
    while _length(rest) > limit:
        head = _head(rest, limit)
        cut = _last_end(_SENTENCE_END, head, rest) or _last_end(_SPACE, head, rest) or len(head)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        parts.append(rest)
    return [part for part in parts if part]


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _head(text: str, limit: int) -> str:
    """As much of the text as fits; always a character, however small the limit."""
    head = text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore")
    return head or text[0]


def _last_end(pattern: re.Pattern[str], head: str, text: str) -> int:
    """Where the last match ends that begins within the head; 0 where there is none."""
    ends = (match.end() for match in _matches(pattern, text, len(head)))
    return max((min(end, len(head)) for end in ends), default=0)


def _matches(pattern: re.Pattern[str], text: str, until: int) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text, 0, min(len(text), until + 1)):
        if match.start() > 0:
            yield match
