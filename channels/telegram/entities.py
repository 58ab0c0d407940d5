"""Mentions and commands in a text, as Telegram marks them: by UTF-16 code units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Entity = Mapping[str, Any]


@dataclass(frozen=True)
class Me:
    """The bot itself, as `getMe` tells."""

    id: int

    username: str
    """Without the `@`."""

    def is_called(self, name: str) -> bool:
        """Whether a name is the bot's; Telegram's names know no capitals."""
        return name.lower() == self.username.lower()


@dataclass(frozen=True)
class Addressed:
    """A text, and whether it speaks to the bot."""

    text: str
    """Without mentions of the bot."""

    by_name: bool
    """Whether the bot was mentioned, or one of its commands."""

    command: str | None = None
    """The command that the text is, without slash and name."""


def read_entities(text: str, entities: Sequence[Entity], me: Me) -> Addressed:
    """Takes the bot's name out of a text, and finds the command that it begins with.

    Args:
        text: As it was sent.
        entities: As Telegram marked them.
        me: The bot.
    """
    units = text.encode("utf-16-le")
    keep: list[tuple[int, int]] = []
    end, by_name, command = 0, False, None
    for start, stop, entity in _in_order(entities, len(units)):
        if start < end:
            continue
        marked = units[start:stop].decode("utf-16-le", errors="ignore")
        if entity["type"] == "bot_command":
            name, _, bot = marked.removeprefix("/").partition("@")
            if start == 0 and (not bot or me.is_called(bot)):
                command = name.lower()
            if not me.is_called(bot):
                continue
            # Of "/x@name", "/x" stays.
            cut = stop - 2 * len(f"@{bot}")
        elif _names(marked, entity, me):
            cut = start
        else:
            continue
        by_name = True
        keep.append((end, cut))
        end = stop
    keep.append((end, len(units)))
    pieces = [units[a:b].decode("utf-16-le", errors="ignore").strip() for a, b in keep]
    left = " ".join(piece for piece in pieces if piece)
    return Addressed(left.lstrip(" ,:;-") if by_name else left, by_name, command)


def _names(marked: str, entity: Entity, me: Me) -> bool:
    if entity["type"] == "mention":
        return me.is_called(marked.removeprefix("@"))
    return bool(entity["type"] == "text_mention" and entity["user"]["id"] == me.id)


def _in_order(entities: Sequence[Entity], size: int) -> Iterator[tuple[int, int, Entity]]:
    """Where the entities begin and end in bytes; those beyond the text are passed over."""
    for entity in sorted(entities, key=lambda entity: int(entity["offset"])):
        start = 2 * int(entity["offset"])
        stop = start + 2 * int(entity["length"])
        if 0 <= start < stop <= size:
            yield start, stop, entity
