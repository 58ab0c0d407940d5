"""Features out of audio: the engine's own ones, and the command found in noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pocketsphinx
import pytest

from benchmarks.spoken import make_noise
from tests.voice.conftest import Say
from voice import frontend
from voice.audio import RATE, mix


def test_they_are_the_engines_own(speak: Say, tmp_path: Path) -> None:
    samples = speak("turn on the lamp in the kitchen")
    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL", mfclogdir=str(tmp_path))
    decoder.add_keyphrase("any", "kitchen")
    decoder.activate_search("any")
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    (path,) = tmp_path.iterdir()
    theirs = np.fromfile(path, ">f4")[1:].reshape(-1, 13)
    ours = frontend.cepstra(frontend.without_noise(frontend.spectra(samples)))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize(("kind", "decibels"), [("pink", 9), ("white", 12)])
def test_the_command_is_found_in_noise(speak: Say, kind: str, decibels: float) -> None:
    samples = speak("turn on the lamp in the kitchen", around=2.0)
    noisy = mix(samples, make_noise(kind, [], 0), decibels)
    begin, end = frontend.foreground(frontend.spectra(noisy))
    # Two seconds on each side of it, of which some tenths are kept.
    last = len(samples) / frontend.STEP - 200
    assert 150 <= begin <= 210 and last - 20 <= end <= last + 60


def test_a_clatter_far_from_the_command_is_left_out(speak: Say) -> None:
    samples = speak("turn on the lamp in the kitchen", around=2.0).astype(np.float64)
    hit = np.random.default_rng(0).normal(0, 8_000, RATE // 10)
    samples[RATE // 4 : RATE // 4 + len(hit)] += hit
    noisy = np.clip(samples, -32768, 32767).astype(np.int16)
    begin, _ = frontend.foreground(frontend.spectra(noisy))
    assert begin > 100


def test_without_any_command_all_of_it_stays() -> None:
    noise = np.random.default_rng(0).normal(0, 500, 2 * RATE).astype(np.int16)
    power = frontend.spectra(noise)
    assert frontend.foreground(power) == (0, len(power))


def test_next_to_nothing_has_features_too() -> None:
    for length in (0, 100, 409, 410, 600):
        found = frontend.features(np.zeros(length, np.int16))
        assert found.shape == (0 if length < 410 else 1 + -(-(length - 410) // 160), 13)
        assert np.isfinite(found).all()
