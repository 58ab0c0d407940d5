"""Voices that are programs of their own: espeak-ng, flite and Piper.

Each sentence is one process, so that a voice's licence (espeak-ng and Piper are under the GPL 3)
and its memory stay apart from the assistant's. What is said goes in by standard input: no text can
become an option. A process that is no longer wanted, or that takes too long, is killed.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voice.tts import Sound, SynthesizerError

TIMEOUT = 20.0
"""Seconds for a sentence, which takes hundredths of one."""

AT_ONCE = 2
"""Processes at a time; other sentences wait."""

LONGEST = 2_000
"""Characters that are spoken at a time: half a minute of speech has some 450."""

_WAVE_HEADER = 44
_QUIET = b"\0\0"


class ProcessVoice(ABC):
    """A voice that is a process for each sentence."""

    program: str
    """What it is called on the PATH."""
    package: str
    """What brings it, as the person is told."""

    def __init__(self, at_once: int = AT_ONCE, timeout: float = TIMEOUT) -> None:
        """Looks for the program.

        Args:
            at_once: Processes at a time.
            timeout: Seconds for a sentence, once it is its turn.

        Raises:
            SynthesizerError: It is not installed.
        """
        found = shutil.which(self.program)
        if found is None:
            raise SynthesizerError(f"The voice {self.program} is not installed: {self.package}.")
        self._path = found
        self._turn = asyncio.Semaphore(at_once)
        self._timeout = timeout

    @abstractmethod
    async def say(self, sentence: str) -> Sound:
        """The sound of a sentence; see `voice.tts.Synthesizer`."""

    async def _run(
        self, arguments: Sequence[str], sentence: str, descriptors: Sequence[int] = ()
    ) -> bytes:
        """Runs the program on a sentence; what it wrote.

        Raises:
            SynthesizerError: It cannot be started, failed, or took too long.
        """
        text = _plain(sentence)
        if len(text) > LONGEST:
            raise SynthesizerError(f"{len(text)} characters are too many for one sentence.")
        async with self._turn:
            try:
                # In a thread, and not by asyncio: under uvloop, which Rasa's server runs on, a
                # process gets no descriptors but the usual three.
                process = subprocess.Popen(
                    [self._path, *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    pass_fds=descriptors,
                )
            except OSError as error:
                raise SynthesizerError(f"{self.program} cannot be started: {error}") from error
            # Not wait_for: where the process ends as it is cancelled, it loses the cancelling.
            spoken = asyncio.ensure_future(asyncio.to_thread(process.communicate, text.encode()))
            try:
                await asyncio.wait([spoken], timeout=self._timeout)
                if not spoken.done():
                    raise SynthesizerError(
                        f"{self.program} said nothing within {self._timeout:.0f} seconds."
                    )
                written, told = spoken.result()
            finally:
                if not spoken.done():
                    # Its caller has gone, or it took too long.
                    process.kill()
                    await asyncio.wait([spoken])
        if process.returncode:
            reason = told.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise SynthesizerError(f"{self.program} could not speak a sentence: {reason[-1]}")
        return written


class EspeakVoice(ProcessVoice):
    """espeak-ng: small, quick, and plainly a machine."""

    program = "espeak-ng"
    package = "apt-get install espeak-ng"

    def __init__(
        self, voice: str = "en-gb", at_once: int = AT_ONCE, timeout: float = TIMEOUT
    ) -> None:
        """Takes a voice or language by its name, as `espeak-ng --voices` lists them."""
        super().__init__(at_once, timeout)
        self._voice = _name(voice)
        listed = _asked([self._path, "-v", self._voice, "-q", "--stdout", "--", "a"])
        if listed.returncode:
            raise SynthesizerError(
                f"espeak-ng has no voice {self._voice!r}: espeak-ng --voices lists them."
            )

    async def say(self, sentence: str) -> Sound:
        """The sound of a sentence; see `voice.tts.Synthesizer`."""
        written = await self._run(["-v", self._voice, "--stdin", "--stdout"], sentence)
        return _sound(written, self.program)


class FliteVoice(ProcessVoice):
    """flite: slower, and a little more like a person."""

    program = "flite"
    package = "apt-get install flite"

    def __init__(
        self, voice: str = "slt", at_once: int = AT_ONCE, timeout: float = TIMEOUT
    ) -> None:
        """Takes one of its own voices, as `flite -lv` lists them."""
        super().__init__(at_once, timeout)
        self._voice = _name(voice)
        # It speaks with another voice, without a word, where one is not there.
        known = _asked([self._path, "-lv"]).stdout.decode().partition(":")[2].split()
        if self._voice not in known:
            raise SynthesizerError(f"flite has no voice {voice!r}: it has {', '.join(known)}.")

    async def say(self, sentence: str) -> Sound:
        """The sound of a sentence; see `voice.tts.Synthesizer`."""
        # It goes back to the header when it is done, so it needs a file: one without a name.
        with tempfile.TemporaryFile(prefix="parley-voice-") as file:
            place = f"/dev/fd/{file.fileno()}"
            arguments = ["-voice", self._voice, "-f", "/dev/stdin", "-o", place]
            await self._run(arguments, sentence, [file.fileno()])
            file.seek(0)
            return _sound(file.read(), self.program)


class PiperVoice(ProcessVoice):
    """Piper: a neural voice, by a model that the person has got (a file .onnx, and .onnx.json)."""

    program = "piper"
    package = "see https://github.com/OHF-Voice/piper1-gpl"

    def __init__(self, voice: str, at_once: int = AT_ONCE, timeout: float = 3 * TIMEOUT) -> None:
        """Takes the path of a voice's model; each sentence loads it, which takes a second."""
        model = Path(voice).expanduser()
        settings = model.with_name(f"{model.name}.json")
        try:
            self._rate = int(json.loads(settings.read_text("utf-8"))["audio"]["sample_rate"])
        except OSError as error:
            raise SynthesizerError(f"Piper's voice lacks a file: {error}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise SynthesizerError(f"{settings} does not describe a voice of Piper's.") from error
        if not model.is_file():
            raise SynthesizerError(f"There is no voice of Piper's at {model}.")
        super().__init__(at_once, timeout)
        self._model = model.resolve()

    async def say(self, sentence: str) -> Sound:
        """The sound of a sentence; see `voice.tts.Synthesizer`."""
        arguments = ["--model", str(self._model), "--output_raw"]
        written = await self._run(arguments, sentence)
        return Sound(np.frombuffer(written[: len(written) // 2 * 2], "<i2"), self._rate)


def _plain(sentence: str) -> str:
    """One line without control characters; and without brackets, which mean phonemes to two."""
    kept = (" " if unicodedata.category(one)[0] in "CZ" else one for one in sentence)
    return " ".join("".join(kept).replace("[", " ").replace("]", " ").split()) + "\n"


def _name(voice: str) -> str:
    """A voice's name, where it cannot be taken for an option."""
    if not voice or voice.startswith("-") or not voice.isprintable():
        raise SynthesizerError(f"{voice!r} is not the name of a voice.")
    return voice


def _asked(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SynthesizerError(f"{command[0]} does not run: {error}") from error


def _sound(content: bytes, program: str) -> Sound:
    """The sound of a WAV file of 16 bits; sizes in its header are not looked at.

    Who writes to a pipe does not know them yet: espeak-ng promises two gigabytes.
    """
    if content[:4] != b"RIFF" or content[36:40] != b"data":
        raise SynthesizerError(f"{program} did not answer with sound.")
    rate = int.from_bytes(content[24:28], "little")
    data = content[_WAVE_HEADER:] or _QUIET
    return Sound(np.frombuffer(data[: len(data) // 2 * 2], "<i2"), rate)
