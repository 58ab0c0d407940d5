"""What the assistant answers, aloud: its text made speakable, and said sentence by sentence.

    synthesizer = default_synthesizer()
    async with aclosing(speak(synthesizer, "It is *12 °C*. Take a coat! 🧥")) as sounds:
        async for sound in sounds:
            ...

Which voice speaks is said by PARLEY_VOICE: a program, and behind a colon one of its voices, such as
`espeak-ng:en-gb`, `flite:slt` or `piper:/path/to/voice.onnx`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Mapping

from voice.speaking_engines import EspeakVoice, FliteVoice, PiperVoice
from voice.speaking_text import speakable
from voice.tts import Sound, Synthesizer, SynthesizerError

__all__ = ["VOICE_SETTING", "default_synthesizer", "speak", "speakable", "synthesizer_of"]

VOICE_SETTING = "PARLEY_VOICE"
"""The environment's name for the voice."""

_ENGINES: Mapping[str, Callable[..., Synthesizer]] = {
    "espeak-ng": EspeakVoice,
    "flite": FliteVoice,
    "piper": PiperVoice,
}
_BY_ITSELF = ("espeak-ng", "flite")
"""Tried in this order where no voice is chosen."""


def default_synthesizer(environment: Mapping[str, str] | None = None) -> Synthesizer:
    """The voice that PARLEY_VOICE names; where it names none, the first that is installed.

    Args:
        environment: The process's own if it is not given.

    Raises:
        SynthesizerError: It cannot be used, or none is installed.
    """
    named = (os.environ if environment is None else environment).get(VOICE_SETTING, "").strip()
    if named:
        return synthesizer_of(named)
    for engine in _BY_ITSELF:
        with contextlib.suppress(SynthesizerError):
            return _ENGINES[engine]()
    raise SynthesizerError(
        f"No voice is installed: apt-get install espeak-ng, or name another in {VOICE_SETTING}."
    )


def synthesizer_of(name: str) -> Synthesizer:
    """A voice by its name, `engine:voice`; without the second part, the engine's own default.

    Raises:
        SynthesizerError: There is no such engine or voice, or it is not installed.
    """
    engine, _, voice = name.partition(":")
    if engine not in _ENGINES:
        raise SynthesizerError(
            f"{VOICE_SETTING}={name}: there is no voice {engine!r}, only {', '.join(_ENGINES)}."
        )
    if engine == "piper" and not voice:
        raise SynthesizerError(f"{VOICE_SETTING}={name}: say where its voice is, piper:FILE.onnx.")
    return _ENGINES[engine](voice) if voice else _ENGINES[engine]()


async def speak(synthesizer: Synthesizer, text: str) -> AsyncGenerator[Sound, None]:
    """The sound of an answer, one for each sentence, the first as soon as there is one.

    While a caller plays one, the next is made. Who stops early closes it (`contextlib.aclosing`),
    so that nothing goes on being made.

    Raises:
        SynthesizerError: The voice failed.
    """
    ahead: asyncio.Task[Sound] | None = None
    sentences = iter(speakable(text))
    if (first := next(sentences, None)) is not None:
        ahead = asyncio.ensure_future(synthesizer.say(first))
    try:
        while ahead is not None:
            sound = await ahead
            following = next(sentences, None)
            ahead = asyncio.ensure_future(synthesizer.say(following)) if following else None
            yield sound
    finally:
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
