"""Sound files of the kinds that browsers, telephones and messengers make, read and written.

libsndfile does the work. It is shown what looks like a file of the kinds that are wanted and no
other: its readers of forgotten formats need not meet what strangers send.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import resample_poly

from voice.audio import (
    LONGEST,
    RATE,
    AudioError,
    DamagedWaveError,
    Samples,
    TooLongError,
    UnsupportedWaveError,
    read_wave,
    to_samples,
)
from voice.tts import Sound

KINDS = "WAV, FLAC, MP3, or Ogg with Opus or Vorbis"

_RATES = (4_000, 384_000)
_MOST_CHANNELS = 8
_BLOCK = 1 << 16
_SLACK = 0.1
"""Seconds by which an MP3's header may be wrong: encoders pad beginning and end."""

_OPUS_RATE = 24_000
"""The nearest to what voices give that the codec has."""


class NotASoundError(AudioError):
    """What came is no sound file of a kind that is read."""


class DamagedSoundError(AudioError):
    """A sound file that ends early, or that cannot be decoded."""


def read_sound(content: bytes, longest: float = LONGEST) -> Samples:
    """Reads a sound file of any of `KINDS`, of any rate; several channels become one.

    A file that ends before its own end is an error: half a command is another command. An MP3
    without a header of its length does not tell.

    Args:
        content: What the file holds.
        longest: Seconds that are allowed.

    Raises:
        AudioError: It is none, is damaged, or lasts longer.
    """
    if content[:4] in (b"RIFF", b"RIFX", b"RF64") and content[8:12] == b"WAVE":
        try:
            return read_wave(content, longest)
        except UnsupportedWaveError:
            # Floating point, or a longer header; libsndfile does not mind where those are cut off.
            _check_chunks(content)
    elif content[:4] == b"OggS":
        _check_pages(content)
    elif not _is_known(content):
        raise NotASoundError(f"What was sent is no sound file that is understood: send {KINDS}.")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            sound = _mixed(file, longest)
            rate: int = file.samplerate
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise DamagedSoundError("What was sent is damaged: it cannot be decoded.") from error
    return to_samples(sound, rate)


def wave_bytes(samples: Samples, rate: int) -> bytes:
    """A sound as a WAV file."""
    return _written(samples, rate, "WAV", "PCM_16")


def spoken_bytes(sounds: Sequence[Sound]) -> bytes:
    """What a voice said, one after the other, as one WAV file; a voice has one rate."""
    if not sounds:
        return wave_bytes(np.empty(0, np.int16), RATE)
    return wave_bytes(np.concatenate([sound.samples for sound in sounds]), sounds[0].rate)


def opus_bytes(samples: Samples, rate: int) -> bytes:
    """A sound as an Ogg file with Opus, as voice notes are."""
    sound = resample_poly(samples / 2.0**15, _OPUS_RATE, rate) if rate != _OPUS_RATE else samples
    return _written(sound, _OPUS_RATE, "OGG", "OPUS")


def _written(sound: npt.NDArray[np.generic], rate: int, kind: str, subtype: str) -> bytes:
    written = io.BytesIO()
    soundfile.write(written, sound, rate, format=kind, subtype=subtype)
    return written.getvalue()


def _is_known(content: bytes) -> bool:
    if content[:4] == b"fLaC" or content[:3] == b"ID3":
        return True
    # An MP3 without tags begins with eleven set bits, then version and layer III.
    return len(content) > 4 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2


def _mixed(file: soundfile.SoundFile, longest: float) -> npt.NDArray[np.float64]:
    """One channel of a file; not much more is ever decoded than is allowed."""
    rate, channels, promised = file.samplerate, file.channels, file.frames
    if not _RATES[0] <= rate <= _RATES[1] or not 1 <= channels <= _MOST_CHANNELS:
        raise DamagedSoundError(
            f"What was sent claims {rate} samples a second of {channels} channels; that is no "
            "speech."
        )
    blocks: list[npt.NDArray[np.float64]] = []
    length = 0
    while len(block := file.read(_BLOCK, dtype="float64", always_2d=True)):
        length += len(block)
        if length > longest * rate:
            raise TooLongError(
                f"What was sent lasts longer than the {longest:.0f} seconds that are listened to."
            )
        blocks.append(block.mean(axis=1))
    if 0 < promised - length < 2**62 and promised - length > _SLACK * rate:
        raise DamagedSoundError(
            f"What was sent ends early: it promises {promised / rate:.1f} seconds, "
            f"{length / rate:.1f} are there."
        )
    sound = np.concatenate(blocks) if blocks else np.empty(0)
    return np.nan_to_num(sound, posinf=1.0, neginf=-1.0)


def _check_chunks(content: bytes) -> None:
    """Sees whether all of a WAV file is there."""
    order = ">" if content[:4] == b"RIFX" else "<"
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from(f"{order}4sI", content, place)
        if name == b"data":
            if place + 8 + size > len(content) and content[:4] != b"RF64":
                break
            return
        place += 8 + size + size % 2
    raise DamagedWaveError("What was sent is a damaged WAV file: it ends early.")


def _check_pages(content: bytes) -> None:
    """Sees whether an Ogg file ends with the page that says so."""
    last = content.rfind(b"OggS")
    ends = last + 6 <= len(content) and content[last + 5] & 4
    if not ends or last + 27 > len(content):
        raise DamagedSoundError("What was sent is a damaged Ogg file: it ends early.")
    segments = content[last + 26]
    sizes = content[last + 27 : last + 27 + segments]
    if last + 27 + segments + sum(sizes) > len(content):
        raise DamagedSoundError("What was sent is a damaged Ogg file: it ends early.")
