"""Which conversation a message belongs to, as Rasa's sender: `telegram~-100123~42`."""

from __future__ import annotations

from urllib.parse import quote, unquote

_BETWEEN = "~"


def conversation_id(channel: str, *parts: str | int) -> str:
    """Joins the channel and what tells its conversations apart.

    The id holds letters, digits and `-_.~%` alone, so that it can stand in an address as it is.
    """
    return _BETWEEN.join([channel, *(_escape(str(part)) for part in parts)])


def conversation_parts(conversation: str, channel: str) -> list[str]:
    """What `conversation_id` joined.

    Raises:
        ValueError: If it is no conversation of this channel.
    """
    name, *parts = conversation.split(_BETWEEN)
    if name != channel or not parts:
        raise ValueError(f"'{conversation}' is no conversation of the channel '{channel}'.")
    return [unquote(part) for part in parts]


def _escape(part: str) -> str:
    return quote(part, safe="").replace(_BETWEEN, "%7E")
