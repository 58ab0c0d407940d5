"""Microphone and loudspeaker, through PortAudio.

On Linux, PortAudio speaks to ALSA, and through it to PipeWire or PulseAudio. What comes from the
microphone is held in memory for as long as nobody took it, two seconds at most; nothing is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Protocol

import numpy as np
from scipy.signal import firwin, lfilter, resample_poly

from voice.audio import RATE, Samples
from voice.tts import Sound

PIECE = 480
"""Samples of a piece: 30 ms."""

PATIENCE = 5.0
"""Seconds without any sound after which a microphone is gone."""

MEMORY = 0.5
"""Seconds for which a loudspeaker remembers how loud it was: sound takes its time through
buffers, the room and back."""

_WAITING = 66
"""Pieces that wait to be taken; of more, the oldest are lost."""

_RATES = (RATE, 3 * RATE, 2 * RATE)
"""What is asked of a microphone: its own rate is brought down where it has no other."""


class DeviceError(Exception):
    """A device cannot be used; the message says in one line what is missing."""


class Microphone(Protocol):
    """Where speech comes from."""

    def pieces(self) -> AsyncGenerator[Samples, None]:
        """What it hears from now on, some hundredths of a second at a time.

        Raises:
            DeviceError: There is none, or it is gone.
        """


class Loudspeaker(Protocol):
    """Where answers go to."""

    async def play(self, sound: Sound) -> None:
        """Plays it to its end; who cancels this stops it at once.

        Raises:
            DeviceError: There is none, or it is gone.
        """

    def level(self) -> float:
        """How loud it was at its loudest in the last half second: the root mean square."""


def loudness(samples: Samples) -> float:
    """The root mean square of samples."""
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64))))) if len(samples) else 0.0


class PortAudioMicrophone:
    """The system's own microphone, or one that is named."""

    def __init__(self, device: str = "") -> None:
        """Looks for it.

        Args:
            device: A part of its name or its number, as `python -m sounddevice` lists them.

        Raises:
            DeviceError: PortAudio is not installed, or there is no such device.
        """
        self._audio = _port_audio()
        self._device = _found(self._audio, device, "input")

    async def pieces(self) -> AsyncGenerator[Samples, None]:
        """What it hears; see `Microphone.pieces`."""
        loop = asyncio.get_running_loop()
        heard: deque[bytes] = deque(maxlen=_WAITING)
        came = asyncio.Event()

        def take(data: Any, *_: object) -> None:
            # In PortAudio's own thread; the loop may have been closed meanwhile.
            heard.append(bytes(data))
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(came.set)

        stream, rate = self._opened(take)
        lower = _Lowered(rate // RATE)
        try:
            with _quiet():
                stream.start()
            while True:
                # Not wait_for: where a piece comes as it is cancelled, it loses the cancelling.
                watch = loop.call_later(PATIENCE, came.set)
                try:
                    await came.wait()
                finally:
                    watch.cancel()
                came.clear()
                if not heard:
                    raise DeviceError("The microphone gives no sound any more.")
                while heard:
                    yield lower.feed(np.frombuffer(heard.popleft(), np.int16))
        except self._audio.PortAudioError as error:
            raise DeviceError(f"The microphone cannot be used: {error}") from error
        finally:
            with _quiet():
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)

    def _opened(self, take: Any) -> tuple[Any, int]:
        problem = None
        for rate in _RATES:
            try:
                with _quiet():
                    stream = self._audio.RawInputStream(
                        samplerate=rate,
                        blocksize=PIECE * rate // RATE,
                        device=self._device,
                        channels=1,
                        dtype="int16",
                        callback=take,
                    )
                return stream, rate
            except self._audio.PortAudioError as error:
                problem = problem or error
        raise DeviceError(f"The microphone cannot be used: {problem}") from problem


class PortAudioLoudspeaker:
    """The system's own loudspeaker, or one that is named."""

    def __init__(self, device: str = "") -> None:
        """Looks for it; see `PortAudioMicrophone`."""
        self._audio = _port_audio()
        self._device = _found(self._audio, device, "output")
        self._recent: deque[tuple[float, float]] = deque()

    async def play(self, sound: Sound) -> None:
        """Plays it; see `Loudspeaker.play`."""
        if not len(sound.samples):
            return
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def finished() -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(done.set)

        stream = self._opened(sound, finished)
        try:
            with _quiet():
                stream.start()
            # A device that stops taking sound must not stop the conversation.
            watch = loop.call_later(sound.seconds + PATIENCE, done.set)
            try:
                await done.wait()
            finally:
                watch.cancel()
            if loop.time() >= watch.when():
                raise DeviceError("The loudspeaker takes no sound any more.")
        except self._audio.PortAudioError as error:
            raise DeviceError(f"The loudspeaker cannot be used: {error}") from error
        finally:
            with _quiet():
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)

    def level(self) -> float:
        """How loud it was; see `Loudspeaker.level`."""
        self._forget(asyncio.get_running_loop().time())
        return max((level for _, level in tuple(self._recent)), default=0.0)

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0] < now - MEMORY:
            self._recent.popleft()

    def _opened(self, sound: Sound, finished: Any) -> Any:
        problem: Exception | None = None
        clock = asyncio.get_running_loop().time
        for rate in (sound.rate, _own_rate(self._audio, self._device)):
            samples = _at_rate(sound, rate)
            place = 0

            def give(
                data: Any, frames: int, *_: object, samples: Samples = samples, rate: int = rate
            ) -> None:
                nonlocal place
                part = samples[place : place + frames]
                place += frames
                data[: 2 * len(part)] = part.tobytes()
                data[2 * len(part) :] = bytes(len(data) - 2 * len(part))
                self._recent.append((clock(), loudness(part)))
                if place >= len(samples):
                    raise self._audio.CallbackStop

            try:
                with _quiet():
                    return self._audio.RawOutputStream(
                        samplerate=rate,
                        blocksize=PIECE * rate // RATE,
                        device=self._device,
                        channels=1,
                        dtype="int16",
                        callback=give,
                        finished_callback=finished,
                    )
            except self._audio.PortAudioError as error:
                problem = problem or error
        raise DeviceError(f"The loudspeaker cannot be used: {problem}") from problem


class _Lowered:
    """A stream of a multiple of the usual rate, brought down to it."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        self._filter = firwin(16 * factor + 1, 0.9 / factor) if factor > 1 else np.ones(1)
        self._state = np.zeros(len(self._filter) - 1)

    def feed(self, samples: Samples) -> Samples:
        if self._factor == 1:
            return samples
        # Pieces are multiples of the factor, so that each begins where the last one ended.
        smooth, self._state = lfilter(self._filter, 1.0, samples, zi=self._state)
        lowered: Samples = np.clip(np.rint(smooth[:: self._factor]), -(2**15), 2**15 - 1).astype(
            np.int16
        )
        return lowered


def _at_rate(sound: Sound, rate: int) -> Samples:
    if rate == sound.rate:
        return sound.samples.astype("<i2")
    common = math.gcd(rate, sound.rate)
    raised = resample_poly(sound.samples.astype(np.float64), rate // common, sound.rate // common)
    samples: Samples = np.clip(np.rint(raised), -(2**15), 2**15 - 1).astype("<i2")
    return samples


def _port_audio() -> Any:
    """The library, which looks for devices as it is loaded."""
    try:
        with _quiet():
            import sounddevice
    except OSError as error:
        raise DeviceError(
            "PortAudio is not installed: apt-get install libportaudio2. "
            "Without it: make talk FILE=command.wav."
        ) from error
    return sounddevice


def _found(audio: Any, device: str, kind: str) -> int:
    name = {"input": "microphone", "output": "loudspeaker"}[kind]
    wanted: int | str | None = int(device) if device.isdecimal() else device or None
    try:
        index: int = audio.query_devices(wanted, kind)["index"]
    except (ValueError, audio.PortAudioError) as error:
        if wanted is None:
            raise DeviceError(
                f"There is no {name} on this machine. Without one: make talk FILE=command.wav."
            ) from error
        raise DeviceError(
            f"There is no {name} {device!r}: python -m sounddevice lists what there is."
        ) from error
    return index


def _own_rate(audio: Any, device: int) -> int:
    return int(audio.query_devices(device)["default_samplerate"])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps ALSA's remarks about devices that are not there off the terminal."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
