"""What is said to the small bot: its sentences as a recogniser's language, and flite's voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from voice.audio import RATE, Samples
from voice.language import Sayable, Sentence, Thresholds, train
from voice.pronunciation import Pronunciations
from voice.sphinx import dictionary_path
from voice.synthesis import synthesise

SENTENCES = (
    "hello",
    "ask me",
    "yes please",
    "no thanks",
    "wait",
    "long story",
    "show me",
    "special signs",
    "count",
    "a person please",
)
"""Those of tests/channels/bot."""

THRESHOLDS = Thresholds(accepted=-0.07, slope=10.4)
"""What `voice.calibration.calibrate` chooses for these sentences, which takes it half a minute."""


def make_language(folder: Path) -> Path:
    """The language model of the small bot, with thresholds of its own."""
    pronunciations = Pronunciations(dictionary_path())
    train(Sayable(tuple(map(Sentence, SENTENCES))), folder, pronunciations, THRESHOLDS)
    return folder


def spoken(text: str, before: float = 0.4, after: float = 0.6) -> Samples:
    """A sentence as a microphone hears it: with a pause around it, in a quiet room."""
    quiet = [np.zeros(round(seconds * RATE), np.int16) for seconds in (before, after)]
    whole = np.concatenate([quiet[0], synthesise(text), quiet[1]])
    noise = np.random.default_rng(0).normal(0, 40, len(whole))
    heard: Samples = np.clip(whole + noise, -(2**15), 2**15 - 1).astype(np.int16)
    return heard
