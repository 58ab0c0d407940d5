"""Rasa's output channels: what the bot says is written down, and sent from there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any

from rasa.core.channels.channel import OutputChannel

from channels.messages import Reply


class RecordedOutput(OutputChannel):
    """Keeps the answers to one message until the turn is over."""

    def __init__(self, channel: str) -> None:
        """Starts with nothing said.

        Args:
            channel: The channel's name.
        """
        self.replies: list[Reply] = []
        self._channel = channel

    # A class method at Rasa's, which asks instances alone.
    def name(self) -> str:
        """The channel's name, by which Rasa picks a response's variation."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Takes a whole message, with its buttons and images."""
        reply = as_reply(message)
        if reply:
            await self.take(recipient_id, reply)

    async def send_text_message(self, recipient_id: str, text: str, **_kwargs: Any) -> None:
        """Takes a text."""
        await self.send_response(recipient_id, {"text": text})

    async def take(self, _recipient_id: str, reply: Reply) -> None:
        """Keeps a reply."""
        self.replies.append(reply)


class PushedOutput(RecordedOutput):
    """Writes down at once what is said without a message to answer: a reminder that is due."""

    def __init__(self, channel: str, queue: Callable[[str, Reply], Awaitable[None]]) -> None:
        """Remembers where to.

        Args:
            channel: The channel's name.
            queue: Called with the conversation and what is said to it; when it returns, the reply
                is written down.
        """
        super().__init__(channel)
        self._queue = queue

    async def take(self, recipient_id: str, reply: Reply) -> None:
        """Writes a reply down."""
        await self._queue(recipient_id, reply)


def as_reply(message: dict[str, Any]) -> Reply:
    """What there is to be sent of a message in Rasa's form; nothing for an empty one."""
    reply = {
        key: deepcopy(message[key])
        for key in ("text", "image", "attachment", "custom", "elements")
        if message.get(key)
    }
    buttons = [*(message.get("buttons") or []), *(message.get("quick_replies") or [])]
    if buttons:
        reply["buttons"] = deepcopy(buttons)
    return reply
