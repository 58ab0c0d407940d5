"""People on Telegram, as the bot hears of them."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.services.telegram import Telegram
from tests.services.telegram_methods import Json, units

_MARKS = re.compile(r"(?<!\S)(?P<bot_command>/\w{1,32}(?:@\w+)?)|(?P<mention>@\w{4,32})")


class Person:
    """Somebody who writes to the bot, in private or in a group."""

    def __init__(
        self, telegram: Telegram, chat: int | None = None, number: int | None = None
    ) -> None:
        """Enters a chat.

        Args:
            telegram: Where.
            chat: The group, less than zero; in private unless given.
            number: The person's, a new one unless given.
        """
        self.telegram = telegram
        self.number = telegram.number() if number is None else number
        self.chat = self.number if chat is None else chat

    @property
    def conversation(self) -> str:
        """As Rasa knows it, where each has their own."""
        return f"telegram~{self.chat}" + ("" if self.chat > 0 else f"~{self.number}")

    def message(self, text: str | None = None, **more: Any) -> Json:
        """A message of theirs, as Telegram would tell of it."""
        message: Json = {
            "message_id": self.telegram.number(),
            "from": self._me(),
            "chat": self._chat(),
            "date": int(time.time()),
            **more,
        }
        if text is not None:
            message.update(text=text)
            marks = entities_of(text)
            if marks and "entities" not in more:
                message["entities"] = marks
        self.telegram.messages[self.chat, message["message_id"]] = message
        return message

    def update(self, text: str | None = None, **more: Any) -> Json:
        """An update with a message of theirs."""
        return {"update_id": self.telegram.number(), "message": self.message(text, **more)}

    def says(self, text: str | None = None, **more: Any) -> int:
        """Sends a message, and tells the status that the webhook answered."""
        return self.telegram.tell(self.update(text, **more))

    def says_aloud(self, note: bytes, seconds: int = 2, **more: Any) -> int:
        """Sends a voice note, and tells the status that the webhook answered."""
        file = f"AwAC{self.telegram.number()}"
        self.telegram.files[file] = note
        voice = {
            "file_id": file,
            "file_unique_id": file[::-1],
            "duration": seconds,
            "mime_type": "audio/ogg",
            "file_size": len(note),
        }
        return self.says(None, voice=voice, **more)

    def press(self, title: str, message: Json) -> Json:
        """An update of a button of a message that they press."""
        (data,) = [
            button["callback_data"]
            for row in message["reply_markup"]["inline_keyboard"]
            for button in row
            if button["text"] == title
        ]
        query = f"query-{self.telegram.number()}"
        self.telegram.queries.add(query)
        told = {**message, "chat": self._chat(), "date": int(time.time())}
        return {
            "update_id": self.telegram.number(),
            "callback_query": {
                "id": query,
                "from": self._me(),
                "message": told,
                "chat_instance": "1",
                "data": data,
            },
        }

    def hears(self, *texts: str, seconds: float = 60) -> None:
        """Waits until the bot has said exactly this in the chat."""
        self.telegram.wait_for(lambda: len(self.heard) >= len(texts), seconds)
        assert self.heard == list(texts)

    @property
    def heard(self) -> list[str]:
        """What the bot has said in the chat."""
        return self.telegram.said(self.chat)

    def _me(self) -> Json:
        return {"id": self.number, "is_bot": False, "first_name": "Ada", "language_code": "en"}

    def _chat(self) -> Json:
        if self.chat > 0:
            return {"id": self.chat, "type": "private", "first_name": "Ada"}
        return {"id": self.chat, "type": "supergroup", "title": "Friends"}


def entities_of(text: str) -> list[Json]:
    """Commands and mentions, as Telegram marks them."""
    return [
        {
            "type": match.lastgroup,
            "offset": units(text[: match.start()]),
            "length": units(match.group()),
        }
        for match in _MARKS.finditer(text)
    ]
