"""Adapting a recogniser to recordings."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.voice.conftest import Say
from tests.voice.tiny_speech import TEXTS, save_tiny_whisper, train_whisper, versions
from voice.audio import Samples, write_wave
from voice.engines import TRANSFORM, recognizer_of
from voice.engines.whisper import WhisperRecognizer
from voice.sphinx import SphinxRecognizer
from voice.tuning.__main__ import main
from voice.tuning.acoustic import AcousticModel, Array
from voice.tuning.alignment import Aligned, align, streams
from voice.tuning.mllr import Statistics, Transform, adapt
from voice.tuning.recordings import Recording, RecordingsError, folds, read_recordings
from voice.tuning.scoring import Score, score, word_errors
from voice.tuning.whisper import IGNORED, Tuning, encode, tune_whisper


@pytest.fixture(scope="module")
def acoustic() -> AcousticModel:
    return AcousticModel.load()


def recording(samples: Samples, text: str, path: Path = Path("clip.wav")) -> Recording:
    return Recording(path, samples, tuple(text.split()), text)


def keep(folder: Path, recordings: list[Recording]) -> Path:
    lines = []
    for number, one in enumerate(recordings):
        write_wave(one.samples, folder / f"{number}.wav")
        lines.append(json.dumps({"clip": f"{number}.wav", "text": one.text}))
    (folder / "transcripts.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_the_acoustic_model_is_read_as_it_is(acoustic: AcousticModel) -> None:
    assert acoustic.means.shape == (42, 3, 128, 13) == acoustic.variances.shape
    assert len(acoustic.phones) == 42 and "SIL" in acoustic.phones and "ZH" in acoustic.phones
    assert (acoustic.variances > 0).all()
    for state in (0, 100, 5000):
        # Quantised, so not to the last digit.
        assert np.exp(acoustic.log_weights(state)).sum(axis=1) == pytest.approx([1, 1, 1], abs=0.1)


def test_frames_belong_to_the_states_of_what_was_said(
    acoustic: AcousticModel, house: Path, speak: Say
) -> None:
    texts = ["what time is it", "turn on the lamp in the kitchen"]
    said = [recording(speak(text), text) for text in texts]
    wrong = [
        recording(said[0].samples, "grandmother"),
        recording(np.zeros(8000, np.int16), "what time is it"),
    ]
    first, second, *none = align([*said, *wrong], house, acoustic)
    assert none == [None, None]
    assert first is not None and second is not None
    for one, text in ((first, texts[0]), (second, texts[1])):
        phones = [acoustic.phones[number] for number in one.codebooks]
        heard = [phone for phone, _ in itertools.groupby(phones)]
        assert heard[0] == heard[-1] == "SIL"
        assert ("W" in heard) == (text == texts[0]) and "T" in heard
        # The right states fit better than those of another phone.
        identity = Transform.identity(3, 13)
        right = Statistics.gather([one], acoustic, identity)
        moved = Aligned(one.features, np.roll(one.states, 40), np.roll(one.codebooks, 40))
        assert right.likelihood > Statistics.gather([moved], acoustic, identity).likelihood
        assert right.frames == len(one.states)
        assert right.weights.sum(axis=(0, 2)) == pytest.approx([right.frames] * 3)


def test_features_are_slopes_and_their_slopes() -> None:
    ramp = np.tile(np.arange(20.0)[:, None], (1, 13))
    found = streams(ramp)
    assert found.shape == (20, 3, 13)
    assert found[:, 0].mean() == pytest.approx(0)
    assert (found[3:-3, 1] == 4).all()
    assert (found[3:-3, 2] == 0).all()


def drawn(acoustic: AcousticModel, means: Array, variances: Array, count: int) -> list[Aligned]:
    """Frames that a model would produce."""
    chance = np.random.default_rng(0)
    # States of phones alone: three for each, in their order.
    states = chance.integers(0, 3 * len(acoustic.phones), count)
    codebooks = states // 3
    features = np.empty((count, 3, 13))
    for number, (state, codebook) in enumerate(zip(states, codebooks, strict=True)):
        weights = np.exp(acoustic.log_weights(int(state)))
        for stream in range(3):
            share = weights[stream] / weights[stream].sum()
            one = chance.choice(len(share), p=share)
            spread = np.sqrt(variances[codebook, stream, one])
            features[number, stream] = chance.normal(means[codebook, stream, one], spread)
    return [Aligned(features, states, codebooks)]


def test_the_transform_that_made_the_speech_is_found(acoustic: AcousticModel) -> None:
    chance = np.random.default_rng(1)
    truth = Transform(
        np.eye(13) + chance.normal(0, 0.03, (3, 13, 13)),
        chance.normal(0, 1, (3, 13)) * [[3], [1], [1]],
        np.full((3, 13), 0.8),
    )
    aligned = drawn(acoustic, *truth.of(acoustic), count=6000)
    identity = Transform.identity(3, 13)
    found = adapt(aligned, acoustic)
    before = Statistics.gather(aligned, acoustic, identity).likelihood
    after = Statistics.gather(aligned, acoustic, found).likelihood
    best = Statistics.gather(aligned, acoustic, truth).likelihood
    assert before < after
    assert after > best - 0.02 * (best - before)

    def distance(one: Transform) -> float:
        return float(np.abs(one.of(acoustic)[0] - truth.of(acoustic)[0]).mean())

    assert distance(found) < 0.5 * distance(identity)
    assert found.scales.mean() == pytest.approx(0.8, abs=0.08)


def test_nothing_said_changes_nothing(acoustic: AcousticModel) -> None:
    nothing = Aligned(np.empty((0, 3, 13)), np.empty(0, np.int64), np.empty(0, np.int64))
    found, identity = adapt([nothing], acoustic), Transform.identity(3, 13)
    for one, other in (
        (found.matrices, identity.matrices),
        (found.offsets, identity.offsets),
        (found.scales, identity.scales),
    ):
        assert np.allclose(one, other, atol=1e-6)


NOISY = ("turn on the lamp in the kitchen", "please turn off the fan", "what time is it")


@pytest.fixture(scope="module")
def noisy(speak: Say) -> list[Recording]:
    """Two voices in the noise of a fan that stands near by."""
    chance = np.random.default_rng(0)
    found = []
    for number, text in enumerate(NOISY * 2):
        samples = speak(text, "slt" if number < len(NOISY) else "rms").astype(np.float64)
        white = np.fft.rfft(chance.standard_normal(len(samples)))
        white[1:] /= np.sqrt(np.arange(1, len(white)))
        noise = np.fft.irfft(white, len(samples))
        noise *= 0.35 * samples.std() / noise.std()
        mixed = np.clip(samples + noise, -32768, 32767).astype(np.int16)
        found.append(recording(mixed, text))
    return found


def test_commands_in_noise_are_heard_with_more_certainty(
    acoustic: AcousticModel, house: Path, noisy: list[Recording], tmp_path: Path
) -> None:
    learnt, held_out = noisy[::2], noisy[1::2]
    aligned = [one for one in align(learnt, house, acoustic) if one is not None]
    assert aligned
    adapt(aligned, acoustic).save(tmp_path / TRANSFORM)
    plain, tuned = SphinxRecognizer(house), recognizer_of("pocketsphinx", house, tmp_path)
    assert score(tuned, held_out).errors <= score(plain, held_out).errors
    for one in held_out:
        before, after = plain.recognize(one.samples), tuned.recognize(one.samples)
        assert after.alternatives[0].score > before.alternatives[0].score


def test_the_command_line_keeps_only_what_is_better(
    house: Path, speak: Say, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Heard rightly already: there is nothing to gain.
    data = keep(tmp_path, [recording(speak(text), text) for text in NOISY])
    output = tmp_path / "tuned"
    arguments = ["--data", str(data), "--output", str(output), "--language", str(house)]
    with caplog.at_level("INFO"):
        assert main(arguments) == 0
    assert "nothing was written" in caplog.text and not output.exists()


def test_a_whisper_that_learnt_is_written(speak: Say, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = save_tiny_whisper(tmp_path / "model")
    clips = [speak(text) for text in TEXTS]
    # It knows what the sentences are, but not yet well which is which.
    train_whisper(model, clips, steps=15)
    quiet = np.zeros(8000, np.int16)
    said = [
        recording(np.concatenate([quiet, one, quiet]), text)
        for several, text in zip(versions(clips, 5, seed=1), TEXTS, strict=True)
        for one in several
    ]
    data, output = keep(tmp_path, said), tmp_path / "tuned"
    recognizer = WhisperRecognizer(model, beams=1)
    # This seed holds one of each sentence out.
    outcome = tune_whisper(recognizer, read_recordings(data), output, Tuning(25, 4, 3e-3, seed=1))
    assert outcome.losses[-1] < 0.5 * outcome.losses[0]
    assert outcome.after.is_better_than(outcome.before)
    assert outcome.after.recordings == 3
    # What was written is what was measured.
    assert score(WhisperRecognizer(output, beams=1), said).error_rate < 0.2


def test_what_whisper_learns_is_the_text_alone(tmp_path: Path, speak: Say) -> None:
    recognizer = WhisperRecognizer(save_tiny_whisper(tmp_path))
    batch = encode(recognizer, [(speak(TEXTS[0]), TEXTS[0]), (speak(TEXTS[1]), TEXTS[1] + " now")])
    assert batch["labels"].shape == batch["decoder_input_ids"].shape
    for inputs, labels, text in zip(
        batch["decoder_input_ids"], batch["labels"], (TEXTS[0], TEXTS[1] + " now"), strict=True
    ):
        learnt = labels[labels != IGNORED].tolist()
        assert learnt[-1] == recognizer.model.config.eos_token_id
        assert recognizer.tokenizer.decode(learnt[:-1]) == f" {text}"
        begin = len(recognizer.begin)
        assert inputs[:begin].tolist() == recognizer.begin
        # Each token is to be found from those before it.
        assert inputs[begin : begin + len(learnt) - 1].tolist() == learnt[:-1]
        assert labels[begin - 1] == learnt[0]


def test_errors_are_counted_by_the_word() -> None:
    assert word_errors("turn on the lamp".split(), "turn of lamp please".split()) == 3
    assert word_errors([], ["a"]) == 1 and word_errors(["a"], ["a"]) == 0
    one, other = Score(2, 10, 1, 1), Score(2, 10, 2, 1)
    assert one.is_better_than(other) and not other.is_better_than(one)
    assert not Score(2, 10, 1, 0).is_better_than(other)
    assert (one + other).error_rate == 0.15 and (one + other).acceptance == 0.5


def test_each_recording_is_held_out_once() -> None:
    parts = folds(range(10), 4, seed=0)
    assert sorted(one for _, held_out in parts for one in held_out) == list(range(10))
    for learnt, held_out in parts:
        assert sorted([*learnt, *held_out]) == list(range(10))
    assert folds(range(10), 4, seed=0) == parts != folds(range(10), 4, seed=1)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (None, "There is no"),
        ("", "0 recordings"),
        ('{"clip": "0.wav", "text": "hello"}\n', "1 recordings"),
        ('{"clip": "9.wav", "text": "hello"}\n', "There is no"),
        ('{"clip": "0.wav", "text": "..."}\n', "nothing said"),
        ('{"clip": "0.wav"}\n', "line 1, cannot be read"),
        ("{\n", "line 1, cannot be read"),
        ("[]\n", "line 1, cannot be read"),
        ('{"clip": "transcripts.jsonl", "text": "hello"}\n', "is not a WAV file"),
    ],
)
def test_recordings_that_cannot_be_used_are_named(
    lines: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, [recording(np.zeros(1600, np.int16), "hello")])
    path = tmp_path / "transcripts.jsonl"
    path.unlink() if lines is None else path.write_text(lines)
    with pytest.raises(RecordingsError, match=says):
        read_recordings(tmp_path)
    assert main(["--data", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1
