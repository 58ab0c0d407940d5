"""Sentences spoken by flite, a process of its own: what training and tests listen to.

Not what answers are spoken with. Real recordings decide how good the recogniser is; synthetic
speech shows that it hears what it was trained to, and where a text is nonsense to it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from voice.audio import Samples, read_wave

VOICES = ("slt", "rms", "awb")
"""Those of Debian's flite that sound natural enough for an acoustic model of human speech."""

_TIMEOUT = 60


class SynthesisError(Exception):
    """A sentence could not be spoken; the message says why."""


def can_synthesise() -> bool:
    """Whether flite is installed."""
    return shutil.which("flite") is not None


def synthesise(text: str, voice: str = VOICES[0]) -> Samples:
    """Speaks a sentence.

    Raises:
        SynthesisError: flite is not installed, or failed.
    """
    program = shutil.which("flite")
    if program is None:
        raise SynthesisError("flite is not installed: apt-get install flite.")
    with tempfile.TemporaryDirectory(prefix="parley-voice-") as folder:
        path = Path(folder, "spoken.wav")
        try:
            subprocess.run(
                [program, "-voice", voice, "-t", text, "-o", str(path)],
                check=True,
                capture_output=True,
                timeout=_TIMEOUT,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SynthesisError(f"flite could not speak a sentence: {error}") from error
        return read_wave(path)
