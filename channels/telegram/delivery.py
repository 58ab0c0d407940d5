"""Having Telegram take a message, wherever its chat or topic has gone meanwhile."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from channels.conversation import conversation_parts
from channels.messages import Reply
from channels.sending import SendAgainError, SendRefusedError
from channels.telegram.api import BotApi, BusyError, RefusedError, TelegramError
from channels.telegram.replies import call_of, instead_of
from channels.telegram.updates import CHANNEL

logger = logging.getLogger(__name__)

BAD_REQUEST = 400
UNKNOWN_BOT = (401, 404)
NO_THREAD = "message thread not found"


@dataclass(frozen=True)
class Place:
    """Where in a chat a message goes."""

    thread: int | None = None
    """The topic."""

    reply_to: int | None = None
    """The message that is answered."""


@dataclass(frozen=True)
class _Attempt:
    chat: int
    content: Reply
    place: Place

    def fields(self) -> dict[str, Any]:
        reply_to = self.place.reply_to
        return {
            "chat_id": self.chat,
            "message_thread_id": self.place.thread,
            "reply_parameters": None
            if reply_to is None
            else {"message_id": reply_to, "allow_sending_without_reply": True},
        }


class Delivery:
    """Delivers to conversations."""

    def __init__(self, api: BotApi) -> None:
        """Prepares.

        Args:
            api: The Bot API.
        """
        self.api = api
        self._moved: dict[int, int] = {}
        """Where chats have gone, as far as Telegram has told. It tells it again after a start."""

    def chat(self, conversation: str) -> int:
        """The chat of a conversation, where it is now.

        Raises:
            SendRefusedError: If it is no conversation on Telegram.
        """
        chat = _chat(conversation)
        return self._moved.get(chat, chat)

    def fields(self, conversation: str, place: Place) -> dict[str, Any]:
        """The chat of a conversation and where in it, as the Bot API is told.

        Raises:
            SendRefusedError: If it is no conversation on Telegram.
        """
        return _Attempt(self.chat(conversation), {}, place).fields()

    async def deliver(self, conversation: str, message: Reply, place: Place) -> None:
        """Has Telegram take a message.

        Raises:
            SendAgainError: If Telegram was not reached, has a trouble, or asks to wait.
            SendRefusedError: If it does not take the message: the person has blocked the bot, say.
        """
        attempt: _Attempt | None = _Attempt(self.chat(conversation), message, place)
        while attempt is not None:
            method, fields = call_of(attempt.content)
            try:
                await self.api.call(method, {**fields, **attempt.fields()})
                return
            except BusyError as error:
                raise SendAgainError(str(error), error.after) from None
            except RefusedError as error:
                if error.code in UNKNOWN_BOT:
                    raise SendAgainError(f"{error}: is the token still right?") from None
                attempt = self._instead(_chat(conversation), attempt, error)
                if attempt is None:
                    raise SendRefusedError(str(error)) from None
            except TelegramError as error:
                raise SendAgainError(str(error)) from None

    def _instead(self, chat: int, refused: _Attempt, error: RefusedError) -> _Attempt | None:
        """What may be taken where an attempt was not; each gives up something, so they end."""
        moved = self._moved.get(chat) is not None
        if error.moved_to is not None and not moved:
            self._moved[chat] = error.moved_to
            # Messages have other numbers there.
            return replace(
                refused, chat=error.moved_to, place=replace(refused.place, reply_to=None)
            )
        if refused.place.thread is not None and NO_THREAD in error.description:
            return replace(refused, place=replace(refused.place, thread=None))
        other = instead_of(refused.content)
        if other is not None and error.code == BAD_REQUEST:
            logger.warning("telegram: the address is sent instead: %s", error)
            return replace(refused, content=other)
        return None


def _chat(conversation: str) -> int:
    try:
        return int(conversation_parts(conversation, CHANNEL)[0])
    except ValueError:
        raise SendRefusedError("this is no conversation on Telegram") from None
