"""A phrase spotted in what is said."""

from __future__ import annotations

import numpy as np
import pytest

from tests.voice.conftest import Say
from voice.audio import RATE, Samples
from voice.sphinx import SphinxRecognizer
from voice.wake import WakeError, WakeSpotter


@pytest.fixture(scope="module")
def spotter() -> WakeSpotter:
    return WakeSpotter("Hey, Parley!")


def spotted(spotter: WakeSpotter, samples: Samples, piece: int = 480) -> Samples | None:
    """What was said behind the phrase, up to the end of the clip."""
    spotter.forget()
    for begin in range(0, len(samples), piece):
        if (rest := spotter.feed(samples[begin : begin + piece])) is not None:
            return np.concatenate([rest, samples[begin + piece :]])
    return None


def test_the_phrase_is_what_is_said_of_it(spotter: WakeSpotter) -> None:
    assert spotter.phrase == "hey parley"


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
@pytest.mark.parametrize("piece", [160, 480, 1600, 100_000])
def test_it_is_heard(speak: Say, spotter: WakeSpotter, voice: str, piece: int) -> None:
    assert spotted(spotter, speak("hey parley", voice), piece) is not None


@pytest.mark.parametrize("text", ["turn on the lamp in the kitchen", "what time is it"])
def test_other_sentences_are_not(speak: Say, spotter: WakeSpotter, text: str) -> None:
    for voice in ("slt", "rms", "awb"):
        assert spotted(spotter, speak(text, voice)) is None


def test_noise_is_not(spotter: WakeSpotter) -> None:
    noise = np.random.default_rng(0).normal(0, 3000, 10 * RATE).astype(np.int16)
    assert spotted(spotter, noise) is None
    assert spotted(spotter, np.zeros(10 * RATE, np.int16)) is None


def test_what_follows_it_is_given_back(
    speak: Say, spotter: WakeSpotter, recognizer: SphinxRecognizer
) -> None:
    rest = spotted(spotter, speak("hey parley, what time is it"))
    assert rest is not None
    assert recognizer.recognize(rest).text == "what time is it"


def test_it_is_heard_again_and_again(speak: Say, spotter: WakeSpotter) -> None:
    clip = speak("hey parley", around=0.8)
    spotter.forget()
    stream = np.concatenate([clip, speak("what time is it"), clip, clip])
    pieces = [stream[begin : begin + 480] for begin in range(0, len(stream), 480)]
    assert sum(spotter.feed(piece) is not None for piece in pieces) == 3


def test_another_phrase(speak: Say) -> None:
    spotter = WakeSpotter("good morning computer")
    assert spotted(spotter, speak("good morning computer")) is not None
    assert spotted(spotter, speak("hey parley")) is None


@pytest.mark.parametrize(
    ("phrase", "told"),
    [("", "no phrase"), ("123", "no phrase"), ("🙂", "no phrase"), ("hey", "too short")],
)
def test_a_phrase_that_cannot_be_spotted(phrase: str, told: str) -> None:
    with pytest.raises(WakeError, match=told) as raised:
        WakeSpotter(phrase)
    assert "\n" not in str(raised.value)
