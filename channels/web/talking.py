"""A page that is spoken to: its microphone, and the answers that it is told aloud."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from actions.storage.database import StorageError
from channels import wording
from channels.limits import NotTakenError
from channels.voice.hearing import Ears
from channels.voice.speech import Voice, aloud
from channels.web.history import BOT, Entry
from channels.web.microphone import Microphone, Mode, Say
from channels.web.speaking import Speaking

logger = logging.getLogger(__name__)

Take = Callable[[dict[str, Any]], Awaitable["int | None"]]
"""Writes a message down; its number."""

REMEMBERED = 100
"""Spoken messages whose answers are awaited."""


class Talking:
    """What is spoken on both sides, on one socket."""

    def __init__(
        self,
        ears: Ears,
        voice: Voice,
        conversation: str,
        say: Say,
        send: Callable[[bytes], Awaitable[None]],
        take: Take,
        may_speak: Callable[[], float],
    ) -> None:
        """Prepares.

        Args:
            ears: What hears.
            voice: What speaks.
            conversation: Whose it is.
            say: Tells the page.
            send: Sends the page a sound.
            take: Takes a message.
            may_speak: Counts an utterance; seconds until there may be another, 0 where it may.
        """
        self.speaking = Speaking(voice, send)
        self.microphone = Microphone(
            ears, conversation, say, self._take, self.speaking.stop, may_speak
        )
        self._write_down = take
        self._aloud = False
        self._timezone: str | None = None
        self._spoken: deque[int] = deque(maxlen=REMEMBERED)

    def listen(self, mode: Mode, aloud: bool, timezone: str | None) -> None:
        """The person speaks."""
        self._aloud, self._timezone = aloud, timezone
        self.microphone.listen(mode)

    def tell(self, entries: Iterable[Entry]) -> None:
        """Says aloud what answers the spoken; to who listens all the time, the unasked as well."""
        for entry in entries:
            if not self._aloud or entry["side"] != BOT:
                continue
            unasked = entry["answers"] is None and self.microphone.mode is Mode.FREE
            if unasked or entry["answers"] in self._spoken:
                self.speaking.say(aloud([entry]))

    async def close(self) -> None:
        """Ends it, in the middle of a word or not."""
        await self.microphone.close()
        await self.speaking.close()

    async def _take(self, text: str) -> str:
        content: dict[str, Any] = {"id": secrets.token_hex(16), "text": text, "spoken": True}
        if self._timezone:
            content["timezone"] = self._timezone
        try:
            number = await self._write_down(content)
        except NotTakenError as refused:
            return refused.text
        except StorageError as error:
            logger.error("web: what was said could not be written down: %s", error)
            return wording.NOT_NOW
        if number is not None:
            self._spoken.append(number)
        return ""
