"""A small assistant's language model, and speech that flite speaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voice.audio import RATE, Samples
from voice.language import Sayable, Sentence, Span, train
from voice.pronunciation import Pronunciations
from voice.sphinx import SphinxRecognizer, dictionary_path
from voice.synthesis import can_synthesise, synthesise

Say = Callable[..., Samples]


def marked(text: str) -> Sentence:
    """A sentence out of a text with {name:value} in it."""
    plain, spans = "", []
    for part in text.split("{"):
        name, colon, rest = part.partition(":")
        if not colon:
            plain += part
            continue
        value, _, after = rest.partition("}")
        spans.append(Span(len(plain), len(plain) + len(value), name))
        plain += value + after
    return Sentence(plain, tuple(spans))


HOUSE = Sayable(
    (
        marked("turn on the {device:lamp} in the {room:kitchen}"),
        marked("please turn off the {device:heating}"),
        marked("what time is it"),
        marked("set a timer for 10 minutes"),
        marked("is the window open in the {room:bedroom}"),
    ),
    {"device": ("television", "fan"), "room": ("garden", "living room")},
)


@pytest.fixture(scope="session")
def pronunciations() -> Pronunciations:
    return Pronunciations(dictionary_path())


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, pronunciations: Pronunciations) -> Path:
    """The folder of a language model."""
    folder = tmp_path_factory.mktemp("language") / "house"
    train(HOUSE, folder, pronunciations)
    return folder


@pytest.fixture(scope="session")
def recognizer(house: Path) -> SphinxRecognizer:
    return SphinxRecognizer(house)


@pytest.fixture(scope="session")
def speak() -> Say:
    """Speaks a text, with silence around it and a room's faint noise."""
    if not can_synthesise():
        pytest.skip("flite is not installed")

    def say(text: str, voice: str = "slt", around: float = 0.5) -> Samples:
        spoken = synthesise(text, voice)
        quiet = np.zeros(round(around * RATE), np.int16)
        whole = np.concatenate([quiet, spoken, quiet])
        noise = np.random.default_rng(0).normal(0, 60, len(whole))
        heard: Samples = np.clip(whole + noise, -(2**15), 2**15 - 1).astype(np.int16)
        return heard

    return say
