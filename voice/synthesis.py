"""Sentences spoken by machines, each a process of its own: what training and tests listen to.

Not what answers are spoken with. Real recordings decide how good the recogniser is; synthetic
speech shows that it hears what it was trained to, and where a text is nonsense to it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voice.audio import RATE, Samples, read_wave

VOICES = ("slt", "rms", "awb")
"""Those of Debian's flite that sound natural enough for an acoustic model of human speech."""

PROGRAMS = {"flite": "flite", "espeak-ng": "espeak-ng", "festival": "text2wave"}
"""By the name of what speaks: `flite:slt`, `espeak-ng:en-us+f3`, `festival:kal_diphone`."""

_TIMEOUT = 60


class SynthesisError(Exception):
    """A sentence could not be spoken; the message says why."""


def can_synthesise(voice: str = VOICES[0]) -> bool:
    """Whether the program that speaks with a voice is installed."""
    return shutil.which(PROGRAMS.get(_parted(voice)[0], "")) is not None


def synthesise(text: str, voice: str = VOICES[0]) -> Samples:
    """Speaks a sentence.

    Args:
        text: The sentence.
        voice: A voice of flite's, or of another program's by its name: `espeak-ng:en-us`.

    Raises:
        SynthesisError: The program is not installed, or failed, or there is none of that name.
    """
    speaker, name = _parted(voice)
    if speaker not in PROGRAMS:
        raise SynthesisError(f"Nothing called {speaker} speaks: {', '.join(PROGRAMS)} do.")
    program = shutil.which(PROGRAMS[speaker])
    if program is None:
        raise SynthesisError(f"{speaker} is not installed: apt-get install {speaker}.")
    with tempfile.TemporaryDirectory(prefix="parley-voice-") as folder:
        path = Path(folder, "spoken.wav")
        try:
            subprocess.run(
                [program, *_options(speaker, name, text, path)],
                input=text.encode(),
                check=True,
                capture_output=True,
                timeout=_TIMEOUT,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SynthesisError(f"{speaker} could not speak a sentence: {error}") from error
        return read_wave(path)


def in_a_room(spoken: Samples, chance: np.random.Generator, loudness: float) -> Samples:
    """A sentence with half a second before and behind it, and a room's steady noise.

    Args:
        spoken: The sentence.
        chance: Where the noise comes from.
        loudness: Standard deviation of the noise, of 32,768: synthetic silence is all too silent.
    """
    pause = np.zeros(RATE // 2)
    whole = np.concatenate([pause, spoken, pause])
    whole += chance.normal(0, loudness, len(whole))
    heard: Samples = np.clip(whole, -32768, 32767).astype(np.int16)
    return heard


def _parted(voice: str) -> tuple[str, str]:
    speaker, colon, name = voice.partition(":")
    return (speaker, name) if colon else ("flite", voice)


def _options(speaker: str, name: str, text: str, path: Path) -> Sequence[str]:
    if speaker == "flite":
        return ("-voice", name, "-t", text, "-o", str(path))
    if speaker == "espeak-ng":
        return ("-v", name, "-w", str(path), "--stdin")
    return ("-eval", f"(voice_{name})", "-o", str(path))
