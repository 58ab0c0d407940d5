"""Which answer is meant, and how far its probability can be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from custom_components.response_retrieval.answers import Answers
from custom_components.response_retrieval.calibration import USUAL, fit_temperature
from custom_components.sentence_encoder import PACKAGED, SentenceEncoder, Vectors

ROOT = Path(__file__).resolve().parents[3]


def near(generator: np.random.Generator, middle: NDArray[Any], noise: float) -> Vectors:
    vector = middle + noise * generator.standard_normal(len(middle))
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def cloud(
    noise: float, answers: int = 6, each: int = 8, seed: int = 0
) -> tuple[Vectors, list[str]]:
    """Examples of a few answers, around a middle each."""
    generator = np.random.default_rng(seed)
    middles = np.eye(24)[:answers]
    vectors = [near(generator, middle, noise) for middle in middles for _ in range(each)]
    return np.stack(vectors), [f"faq/{place}" for place in range(answers) for _ in range(each)]


def test_the_nearest_answer_wins() -> None:
    answers = Answers.of(*cloud(0.05))
    ranked = answers.ranked(np.eye(24, dtype=np.float32)[2])

    assert ranked[0][0] == "faq/2"
    assert sum(probability for _, probability in ranked) == pytest.approx(1.0)


def test_clear_examples_make_sure_and_mixed_ones_unsure() -> None:
    vector = np.eye(24, dtype=np.float32)[0]

    clear, mixed = (Answers.of(*cloud(noise)).ranked(vector)[0][1] for noise in (0.05, 0.6))

    assert clear > 0.95 > mixed


@pytest.mark.parametrize("noise", [0.2, 0.3, 0.4])
def test_a_probability_can_be_believed(noise: float) -> None:
    """The mean confidence on new messages is about the share of them that is right."""
    vectors, names = cloud(noise, each=20)
    answers = Answers.of(vectors, names)
    new, expected = cloud(noise, each=200, seed=1)
    ranked = [answers.ranked(vector)[0] for vector in new]

    right = np.mean([name == wanted for (name, _), wanted in zip(ranked, expected, strict=True)])

    assert np.mean([sure for _, sure in ranked]) == pytest.approx(right, abs=0.06)


def test_too_few_examples_to_measure_anything() -> None:
    vectors, names = cloud(0.1, answers=2, each=2)
    assert Answers.of(vectors, names).temperature == USUAL


def test_single_examples_measure_nothing() -> None:
    scores = np.eye(40)
    assert fit_temperature(scores, np.arange(40)) == USUAL


def examples(*paths: Path) -> tuple[list[str], list[str]]:
    texts, answers = [], []
    for path in paths:
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "/" in str(block.get("intent", "")):
                lines = block["examples"].strip().splitlines()
                texts += [line.removeprefix("- ") for line in lines]
                answers += [block["intent"]] * len(lines)
    return texts, answers


@pytest.mark.slow
def test_parleys_own_answers_are_found_by_other_words() -> None:
    encoder = SentenceEncoder(PACKAGED)
    texts, names = examples(*sorted((ROOT / "data" / "nlu").glob("*.yml")))
    answers = Answers.of(encoder.encode(texts), names)
    held_out, expected = examples(ROOT / "tests" / "data" / "nlu_heldout.yml")

    ranked = [answers.ranked(vector)[0] for vector in encoder.encode(held_out)]

    right = np.asarray([name == wanted for (name, _), wanted in zip(ranked, expected, strict=True)])
    sure = np.asarray([confidence for _, confidence in ranked])
    assert right.mean() >= 0.85
    # Where it is sure, it is right.
    assert right[sure >= 0.9].mean() >= 0.95
    assert (sure >= 0.5).mean() >= 0.7
