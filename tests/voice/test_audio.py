"""Audio in all the forms in which it comes, and in those in which it is none."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from voice.audio import (
    RATE,
    AudioError,
    DamagedWaveError,
    NotAWaveError,
    TooLongError,
    UnsupportedWaveError,
    mix,
    read_wave,
    seconds,
    write_wave,
)


def tone(rate: int, hertz: float = 440.0, length: float = 1.0) -> npt.NDArray[np.float64]:
    sound: npt.NDArray[np.float64] = 0.5 * np.sin(
        2 * np.pi * hertz * np.arange(round(rate * length)) / rate
    )
    return sound


def packed(sound: npt.NDArray[np.float64], rate: int, width: int, channels: int = 1) -> bytes:
    if width == 1:
        data = np.rint(sound * 127 + 128).astype(np.uint8).tobytes()
    else:
        numbers = np.rint(sound * (2 ** (8 * width - 1) - 1)).astype("<i8")
        data = b"".join(int(one).to_bytes(8, "little", signed=True)[:width] for one in numbers)
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return held.getvalue()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_any_width_and_rate_is_the_same_sound(width: int, rate: int) -> None:
    samples = read_wave(packed(tone(rate), rate, width))
    wanted = tone(RATE)
    assert samples.dtype == np.int16
    assert abs(len(samples) - len(wanted)) <= 2
    middle = slice(2_000, 14_000)
    heard = samples[middle] / 2.0**15
    assert np.corrcoef(heard, wanted[middle])[0, 1] > 0.999
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.02)


def test_channels_are_mixed() -> None:
    both = np.column_stack([tone(RATE), np.zeros(RATE)]).ravel()
    samples = read_wave(packed(both, RATE, 2, channels=2))
    assert len(samples) == RATE
    assert np.abs(samples).max() == pytest.approx(0.25 * 2**15, rel=0.01)


@pytest.mark.parametrize("content", [b"", b"ID3\x04" + bytes(100), b"RIFF1234AVI " + bytes(50)])
def test_what_is_no_wave_file(content: bytes) -> None:
    with pytest.raises(NotAWaveError, match="not a WAV file"):
        read_wave(content)


@pytest.mark.parametrize("kept", [20, 36, 43])
def test_a_truncated_header(kept: int) -> None:
    with pytest.raises(DamagedWaveError):
        read_wave(packed(tone(RATE), RATE, 2)[:kept])


def test_less_than_the_header_promises() -> None:
    with pytest.raises(DamagedWaveError, match=r"promises 1\.0 seconds, 0\.5 are there"):
        read_wave(packed(tone(RATE), RATE, 2)[: 44 + RATE])


def test_a_header_of_a_stream_with_sizes_that_nobody_knew() -> None:
    content = bytearray(packed(tone(RATE), RATE, 2))
    content[4:8] = content[40:44] = struct.pack("<I", 0x7FFFF000)
    with pytest.raises(DamagedWaveError, match="ends early"):
        read_wave(bytes(content))


def test_a_rate_that_is_none() -> None:
    content = bytearray(packed(tone(RATE), RATE, 2))
    content[24:28] = struct.pack("<I", 0)
    with pytest.raises(DamagedWaveError):
        read_wave(bytes(content))


def test_floating_point_samples() -> None:
    content = bytearray(packed(tone(RATE), RATE, 4))
    content[20:22] = struct.pack("<H", 3)
    with pytest.raises(UnsupportedWaveError, match="floating-point"):
        read_wave(bytes(content))


def test_ten_minutes(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write_wave(np.zeros(600 * RATE, np.int16), path)
    with pytest.raises(TooLongError, match="long.wav lasts longer than the 60 seconds"):
        read_wave(path)
    assert seconds(read_wave(path, longest=600)) == 600


def test_errors_are_of_one_kind() -> None:
    for kind in (NotAWaveError, DamagedWaveError, UnsupportedWaveError, TooLongError):
        assert issubclass(kind, AudioError)


def test_round_trip(tmp_path: Path) -> None:
    samples = np.arange(-1000, 1000, dtype=np.int16)
    write_wave(samples, tmp_path / "a.wav")
    assert (read_wave(tmp_path / "a.wav") == samples).all()


@pytest.mark.parametrize("decibels", [0, 6, 24])
def test_noise_lies_as_far_below_as_asked(decibels: int) -> None:
    chance = np.random.default_rng(0)
    speech = (8_000 * tone(RATE, length=2.0)).astype(np.int16)
    noise = chance.normal(0, 1, len(speech))
    mixed = mix(speech, noise, decibels).astype(float)
    # What of the mixture goes along with the speech, and what is left.
    share = mixed @ speech / (speech.astype(float) @ speech)
    left = mixed - share * speech
    found = 10 * np.log10((share * speech).var() / left.var())
    # Both are steady, so that their loudest moments are little above their means.
    assert found == pytest.approx(decibels, abs=1.0)


def test_noise_has_to_be_long_enough_and_not_silent() -> None:
    speech = (8_000 * tone(RATE)).astype(np.int16)
    with pytest.raises(ValueError, match="too few"):
        mix(speech, np.ones(10), 6)
    with pytest.raises(ValueError, match="Silence"):
        mix(speech, np.zeros(RATE), 6)
