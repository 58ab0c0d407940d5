"""Speech told from silence."""

from __future__ import annotations

import numpy as np
import pytest

from tests.voice.conftest import Say
from voice.audio import RATE, Samples, seconds
from voice.vad import End, Endpointer, Endpointing, Utterance, trim


def quiet(length: float) -> Samples:
    return np.random.default_rng(1).normal(0, 60, round(length * RATE)).astype(np.int16)


def utterances(
    samples: Samples, piece: int, settings: Endpointing | None = None
) -> list[Utterance]:
    endpointer = Endpointer(settings)
    found = [
        one
        for start in range(0, len(samples), piece)
        for one in endpointer.feed(samples[start : start + piece])
    ]
    last = endpointer.close()
    return [*found, last] if last else found


@pytest.mark.parametrize("piece", [160, 479, 1600, 10**7])
def test_two_commands_in_a_stream_are_two_utterances(speak: Say, piece: int) -> None:
    one, other = speak("what time is it"), speak("please turn off the heating")
    stream = np.concatenate([quiet(1), one, quiet(1), other, quiet(1)])
    found = utterances(stream, piece)
    assert [each.end for each in found] == [End.SILENCE, End.SILENCE]
    # From before the first sound to behind the last one.
    assert found[0].begin < 1.5 < found[0].begin + seconds(found[0].samples)
    begin = round(found[0].begin * RATE)
    assert (stream[begin : begin + len(found[0].samples)] == found[0].samples).all()


def test_a_short_pause_does_not_end_an_utterance(speak: Say) -> None:
    parts = [speak(text, around=0.0) for text in ("turn on the lamp", "in the kitchen")]
    stream = np.concatenate([quiet(1), parts[0], quiet(0.1), parts[1], quiet(1.5)])
    assert len(utterances(stream, 1600)) == 1


def test_who_speaks_without_end_is_cut_off(speak: Say) -> None:
    stream = np.concatenate([speak("turn on the lamp in the kitchen", around=0.0)] * 3)
    found = utterances(stream, 1600, Endpointing(longest=2.0))
    assert found[0].end is End.LONGEST
    assert seconds(found[0].samples) == pytest.approx(2.0, abs=0.05)


def test_a_stream_that_closes_in_the_middle_gives_what_was_said(speak: Say) -> None:
    spoken = speak("please turn off the heating", around=0.3)
    (found,) = utterances(spoken[: len(spoken) // 2], 1600)
    assert found.end is End.CLOSED


@pytest.mark.parametrize("length", [0.0, 0.01, 0.1, 5.0])
def test_silence_is_no_utterance(length: float) -> None:
    assert utterances(quiet(length), 1600) == []
    assert len(trim(quiet(length))) == 0
    assert len(trim(np.zeros(round(length * RATE), np.int16))) == 0


def test_trimming_leaves_the_silence_around_out(speak: Say) -> None:
    spoken = speak("what time is it", around=0.0)
    trimmed = trim(np.concatenate([quiet(3), spoken, quiet(3)]))
    assert seconds(spoken) - 0.3 < seconds(trimmed) < seconds(spoken) + 1.2
