"""Sound files of other kinds than plain WAV."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from voice.audio import RATE, AudioError, DamagedWaveError, TooLongError, seconds
from voice.formats import (
    DamagedSoundError,
    NotASoundError,
    opus_bytes,
    read_sound,
    wave_bytes,
)

KINDS = {
    "flac": ("FLAC", "PCM_24", 44_100),
    "mp3": ("MP3", "MPEG_LAYER_III", 44_100),
    "opus": ("OGG", "OPUS", 48_000),
    "vorbis": ("OGG", "VORBIS", 32_000),
    "wav of 8 kHz": ("WAV", "PCM_16", 8_000),
    "wav of 24 bits": ("WAV", "PCM_24", 48_000),
    "wav of floating point": ("WAV", "FLOAT", 16_000),
    "wav with a long header": ("WAVEX", "PCM_24", 44_100),
    "wav of mu-law": ("WAV", "ULAW", 8_000),
}


def tone(rate: int, length: float = 1.0, channels: int = 1) -> npt.NDArray[np.float64]:
    """440 Hz, on the first channel alone."""
    sound = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * length)) / rate)
    return np.stack([sound, *[0 * sound] * (channels - 1)], axis=1)


def as_file(name: str, length: float = 1.0, channels: int = 1) -> bytes:
    kind, subtype, rate = KINDS[name]
    written = io.BytesIO()
    soundfile.write(written, tone(rate, length, channels), rate, format=kind, subtype=subtype)
    return written.getvalue()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", KINDS)
def test_all_kinds_become_the_same(name: str, channels: int) -> None:
    samples = read_sound(as_file(name, channels=channels))
    assert seconds(samples) == pytest.approx(1.0, abs=0.1)
    middle = samples[RATE // 4 : RATE // 4 + RATE // 2].astype(float)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * RATE / len(middle) == pytest.approx(440, abs=3)
    assert middle.std() == pytest.approx(0.5 / np.sqrt(2) * 2**15 / channels, rel=0.1)


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("name", [name for name in KINDS if name != "mp3"])
def test_what_is_cut_off_is_an_error(name: str, share: float) -> None:
    content = as_file(name)
    with pytest.raises(AudioError) as told:
        read_sound(content[: int(len(content) * share)])
    assert isinstance(told.value, (DamagedSoundError, DamagedWaveError))


@pytest.mark.parametrize("name", KINDS)
def test_what_is_too_long_is_told_so_before_it_is_all_decoded(name: str) -> None:
    with pytest.raises(TooLongError, match="1 seconds"):
        read_sound(as_file(name, length=1.5), longest=1.0)
    assert len(read_sound(as_file(name, length=0.9), longest=1.0))


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"hello there", b"%PDF-1.7 " + bytes(100), b"\x1aE\xdf\xa3webm" + bytes(200)],
)
def test_what_is_no_sound_is_told_what_is(content: bytes) -> None:
    with pytest.raises(NotASoundError, match="FLAC"):
        read_sound(content)


@pytest.mark.parametrize("begin", [b"fLaC", b"ID3", b"OggS", b"\xff\xfb", b"RF64....WAVE"])
def test_noise_after_a_good_beginning_is_damaged(begin: bytes) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 5000).astype(np.uint8).tobytes()
    with pytest.raises(AudioError):
        read_sound(begin + noise)


def test_what_is_written_can_be_read() -> None:
    samples = (tone(22_050)[:, 0] * 2**15).astype(np.int16)
    for content in (wave_bytes(samples, 22_050), opus_bytes(samples, 22_050)):
        assert seconds(read_sound(content)) == pytest.approx(1.0, abs=0.05)
    assert len(opus_bytes(samples, 22_050)) < len(wave_bytes(samples, 22_050)) / 3
