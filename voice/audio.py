"""Audio as everything in this package takes it: 16,000 samples a second, mono, 16-bit integers."""

from __future__ import annotations

import io
import math
import wave
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

RATE = 16_000
"""Hertz."""

LONGEST = 60.0
"""Seconds of audio that are read by default: commands are short, and decoding takes memory."""

Samples: TypeAlias = "npt.NDArray[np.int16]"

_RATES = (1_000, 384_000)
_LOUDEST_FRAME = 2048
"""Samples over which the loudest moment is sought: 128 ms."""


class AudioError(Exception):
    """Audio that cannot be used; the message says why in a sentence for the person who sent it."""


class NotAWaveError(AudioError):
    """What came is no WAV file."""


class DamagedWaveError(AudioError):
    """A WAV file that ends early, or whose header is wrong about what follows."""


class UnsupportedWaveError(AudioError):
    """A WAV file with another kind of samples than whole numbers of 8 to 32 bits."""


class TooLongError(AudioError):
    """More audio than is allowed."""


def read_wave(source: Path | bytes, longest: float = LONGEST) -> Samples:
    """Reads a WAV file of any rate, of 8, 16, 24 or 32 bits; several channels become one.

    A header that promises more than there is, as streams have it that did not know their own
    length, is an error too: half a command is another command.

    Args:
        source: Where it lies, or what it holds.
        longest: Seconds that are allowed.

    Raises:
        AudioError: One of its kinds above.
        OSError: The file cannot be read.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    name = source.name if isinstance(source, Path) else "What was sent"
    if content[:4] not in (b"RIFF", b"RIFX", b"RF64") or content[8:12] != b"WAVE":
        raise NotAWaveError(f"{name} is not a WAV file.")
    try:
        with wave.open(io.BytesIO(content)) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            promised = file.getnframes()
            if not _RATES[0] <= rate <= _RATES[1]:
                raise DamagedWaveError(f"{name} claims {rate} samples a second; that is no audio.")
            if promised > longest * rate and len(content) > longest * rate * width * channels:
                raise TooLongError(
                    f"{name} lasts longer than the {longest:.0f} seconds that are listened to."
                )
            data = file.readframes(promised)
    except (wave.Error, EOFError, ArithmeticError) as error:
        if str(error).startswith("unknown format"):
            raise UnsupportedWaveError(
                f"{name} is a compressed WAV file or one of floating-point samples; "
                "only whole numbers (PCM) of 8 to 32 bits are understood."
            ) from error
        raise DamagedWaveError(f"{name} is a damaged WAV file: {error or 'it ends early'}.") from (
            error
        )
    if len(data) < promised * width * channels:
        there, wanted = len(data) / (width * channels * rate), promised / rate
        raise DamagedWaveError(
            f"{name} ends early: its header promises {wanted:.1f} seconds, {there:.1f} are there."
        )
    return to_samples(_decoded(data, width, channels), rate)


def _decoded(data: bytes, width: int, channels: int) -> npt.NDArray[np.float64]:
    """Samples from -1 to 1, the mean over the channels."""
    numbers: npt.NDArray[Any]
    if width == 1:
        numbers = np.frombuffer(data, np.uint8).astype(np.float64) - 128
    elif width == 3:
        # As the upper three bytes of four: the sign comes out right.
        padded = np.zeros((len(data) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        numbers = padded.view("<i4")[:, 0] / 2.0**8
    else:
        numbers = np.frombuffer(data, f"<i{width}").astype(np.float64)
    mixed: npt.NDArray[np.float64] = numbers.reshape(-1, channels).mean(axis=1)
    return mixed / 2.0 ** (8 * width - 1)


def to_samples(sound: npt.NDArray[np.floating[Any]], rate: int) -> Samples:
    """Brings one channel, from -1 to 1 and at any rate, to what the package takes."""
    if rate != RATE and len(sound):
        common = math.gcd(rate, RATE)
        sound = resample_poly(sound, RATE // common, rate // common)
    samples: Samples = np.clip(np.rint(sound * 2.0**15), -(2**15), 2**15 - 1).astype(np.int16)
    return samples


def write_wave(samples: Samples, path: Path) -> None:
    """Writes samples as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())


def seconds(samples: Samples) -> float:
    """How long it lasts."""
    return len(samples) / RATE


def mix(speech: Samples, noise: npt.NDArray[Any], decibels: float) -> Samples:
    """Lays noise under speech, at a distance between the loudest 128 ms of the one and the other.

    So does the public benchmark of spoken commands that `benchmarks.speech` is read against. For
    steady noise it is a hard measure: the mean level of speech is some 8 dB below its loudest.
    The mixture is scaled to half of what a sample holds.

    Raises:
        ValueError: There is less noise than speech, or either is silent.
    """
    if len(noise) < len(speech):
        raise ValueError(f"{len(noise)} samples of noise are too few for {len(speech)} of speech.")
    clean, under = speech.astype(np.float64), noise[: len(speech)].astype(np.float64)
    loudest, loudest_noise = _loudest(clean), _loudest(under)
    if not loudest or not loudest_noise:
        raise ValueError("Silence has no distance from noise.")
    mixed = clean + under * np.sqrt(loudest / loudest_noise / 10 ** (decibels / 10))
    return to_samples(mixed / (2 * np.abs(mixed).max()), RATE)


def pink_noise(count: int, chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Noise with the same power in each octave, as most rooms have it; `count` samples."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return np.fft.irfft(spectrum, count)


def _loudest(sound: npt.NDArray[np.float64]) -> float:
    frames = max(1, len(sound) // _LOUDEST_FRAME)
    parts = np.array_split(sound**2, frames)
    return float(max(part.sum() for part in parts))
