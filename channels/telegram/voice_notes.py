"""Voice notes: fetched, heard, and answered with one where that is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from channels import wording
from channels.handling import Answer, Question
from channels.messages import Reply
from channels.telegram.api import BotApi, BusyError, RefusedError, TelegramError
from channels.voice.hearing import BusyHearingError, DeafError, Ears
from channels.voice.speech import Voice
from voice.asr import Recognition
from voice.audio import LONGEST, AudioError
from voice.formats import opus_bytes, read_sound

logger = logging.getLogger(__name__)

LARGEST = 2 * 2**20
"""Bytes of a minute of Opus, at far more than Telegram takes for speech."""

ATTEMPTS = 4
"""How often a note is fetched, and how often it is brought to ears that are busy."""

PAUSE = 2.0
"""Seconds between two attempts."""


class VoiceNotes:
    """Hears the voice notes of one bot, and speaks."""

    def __init__(self, api: BotApi, ears: Ears, voice: Voice) -> None:
        """Prepares.

        Args:
            api: The Bot API.
            ears: What hears.
            voice: What speaks.
        """
        self._api, self._ears, self._voice = api, ears, voice

    async def read(self, content: Mapping[str, Any], conversation: str) -> Question | Answer:
        """What was said in a note, and what it means; its words are shown before the answer."""
        try:
            # First: what nobody can hear need not be fetched.
            await self._ears.open()
            if content["seconds"] > LONGEST or content["bytes"] > LARGEST:
                return _saying(wording.TOO_LONG_SAID)
            samples = await asyncio.to_thread(read_sound, await self._fetch(content["file"]))
            heard = await self._hear(samples, conversation)
        except DeafError:
            return _saying(wording.NO_VOICE)
        except BusyHearingError as error:
            return _saying(str(error))
        except AudioError as error:
            logger.info("telegram: a voice note was not heard: %s", error)
            return _saying(wording.NOT_PLAYED)
        except TelegramError as error:
            logger.warning("telegram: a voice note was not fetched: %s", error)
            return _saying(wording.NOT_FETCHED)
        if not heard.accepted:
            return _saying(wording.NOT_CAUGHT if heard.text else wording.NOTHING_SAID)
        shown: Reply = {"text": wording.HEARD.format(text=heard.text), "unspoken": True}
        return Question(heard.text, {"spoken": True}, before=(shown,))

    async def say(self, text: str, fields: Mapping[str, Any]) -> None:
        """Sends a text as a voice note; it stands there in writing as well, so failing is no harm.

        Args:
            text: What to say.
            fields: The chat, and where in it.
        """
        sounds = [sound async for sound in self._voice.speak(text)]
        if not sounds:
            return
        samples = np.concatenate([sound.samples for sound in sounds])
        note = await asyncio.to_thread(opus_bytes, samples, sounds[0].rate)
        length = round(sum(sound.seconds for sound in sounds))
        try:
            await self._api.call("sendVoice", {**fields, "duration": length}, file=("voice", note))
        except TelegramError as error:
            # Some people take no voice notes.
            logger.info("telegram: %s", error)

    async def _fetch(self, file: str) -> bytes:
        for left in range(ATTEMPTS - 1, -1, -1):
            try:
                return await self._api.download(file, LARGEST)
            except TelegramError as error:
                if not left or isinstance(error, RefusedError):
                    raise
                await asyncio.sleep(error.after if isinstance(error, BusyError) else PAUSE)
        raise AssertionError("The last attempt ends.")

    async def _hear(self, samples: Any, conversation: str) -> Recognition:
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._ears.hear(samples, conversation)
            except BusyHearingError:
                await asyncio.sleep(PAUSE)
        return await self._ears.hear(samples, conversation)


def _saying(text: str) -> Answer:
    return Answer([{"text": text}])
