"""The voice of a server: what is answered, as sound."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from channels.messages import Reply
from voice.speaking import default_synthesizer, speak
from voice.tts import Sound, Synthesizer, SynthesizerError

logger = logging.getLogger(__name__)

_UNDERSTOOD = frozenset({"yes", "no", "ok", "okay"})
"""Choices that a question has anyway."""


class Voice:
    """Speaks; says nothing where no voice is installed, and the log says which is lacking."""

    def __init__(self) -> None:
        """Prepares; a voice is looked for when there is something to say."""
        self._synthesizer: Synthesizer | None = None
        self._looking = asyncio.Lock()
        self._mute = False

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        """The sound of a text, sentence by sentence, the first as soon as there is one."""
        synthesizer = await self._found()
        if synthesizer is None or not text.strip():
            return
        try:
            async with aclosing(speak(synthesizer, text)) as sounds:
                async for sound in sounds:
                    yield sound
        except SynthesizerError as error:
            logger.error("voice: %s", error)

    async def _found(self) -> Synthesizer | None:
        async with self._looking:
            if self._synthesizer is None and not self._mute:
                try:
                    self._synthesizer = await asyncio.to_thread(default_synthesizer)
                except SynthesizerError as error:
                    self._mute = True
                    logger.error("voice: nothing can be said aloud: %s", error)
            return self._synthesizer


def aloud(replies: Iterable[Reply]) -> str:
    """What there is to say of replies, with the choices that only buttons show."""
    return "\n".join(filter(None, map(_aloud, replies)))


def _aloud(reply: Reply) -> str:
    text = str(reply.get("text") or "").strip()
    titles = [str(button.get("title") or "").strip() for button in reply.get("buttons") or []]
    titles = [title for title in titles if title]
    if not titles or _UNDERSTOOD.issuperset(title.lower() for title in titles):
        return text
    choices = ", ".join(titles[:-1]) + f" or {titles[-1]}" if len(titles) > 1 else titles[0]
    return f"{text}\nYou can say: {choices}."
