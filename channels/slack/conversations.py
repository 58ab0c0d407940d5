"""Which conversation a message in Slack belongs to, and where that conversation is.

`slack~C0123~U0456` is a person's conversation in a channel (or their direct messages),
`slack~C0123` one that all in a channel share; a thread that is a conversation of its own adds its
time stamp at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.conversation import conversation_id, conversation_parts

NAME = "slack"

_TIME_STAMP = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class Conversation:
    """Where a conversation is, and whose."""

    channel: str
    """`C…` or `G…`; `D…` for direct messages."""

    user: str = ""
    """Whose it is; empty where all in the channel share it."""

    thread: str = ""
    """The time stamp of the thread's first message, where the thread is the conversation."""

    @property
    def is_direct(self) -> bool:
        """Whether it is with one person alone."""
        return is_direct(self.channel)

    @property
    def id(self) -> str:
        """Rasa's sender."""
        return conversation_id(NAME, *(part for part in self._parts if part))

    @property
    def _parts(self) -> tuple[str, str, str]:
        return (self.channel, self.user, self.thread)

    @classmethod
    def of(cls, sender: str) -> Conversation:
        """Reads Rasa's sender.

        Raises:
            ValueError: If it is no conversation in Slack.
        """
        channel, *rest = conversation_parts(sender, NAME)
        thread = rest.pop() if rest and _TIME_STAMP.fullmatch(rest[-1]) else ""
        if len(rest) > 1 or not channel:
            raise ValueError(f"'{sender}' is no conversation in Slack.")
        return cls(channel, rest[0] if rest else "", thread)


def is_direct(channel: str) -> bool:
    """Whether a channel is one person's direct messages with the bot."""
    return channel.startswith("D")
