"""Sentences as unit vectors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from custom_components.sentence_encoder import (
    PACKAGED,
    EncoderUnavailableError,
    SentenceEncoder,
    find_encoder,
    fingerprint_encoder,
)
from tests.tiny_encoder import save_tiny_encoder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder that transformers saved."""
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"), "do you sleep eat well".split())


def test_vectors_have_length_one(folder: Path) -> None:
    vectors = SentenceEncoder(str(folder)).encode(["do you sleep", "eat well", ""])

    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_sentence_has_one_vector_in_any_company(folder: Path) -> None:
    encoder = SentenceEncoder(str(folder))

    alone = encoder.encode(["do you sleep"])[0]
    among_others = encoder.encode(["eat", "do you sleep", "eat well do you sleep well"])[1]

    np.testing.assert_allclose(alone, among_others, atol=1e-5)


def test_nothing_in_nothing_out(folder: Path) -> None:
    assert SentenceEncoder(str(folder)).encode([]).shape == (0, 32)


def test_what_is_longer_than_it_reads_is_left_out(folder: Path) -> None:
    encoder = SentenceEncoder(str(folder), max_length=8)

    long, longer = encoder.encode(["sleep " * 20, "sleep " * 5000])

    np.testing.assert_allclose(long, longer, atol=1e-5)


def test_threads_are_as_before_afterwards(folder: Path) -> None:
    before = torch.get_num_threads()
    SentenceEncoder(str(folder), threads=1).encode(["do you sleep"])

    assert torch.get_num_threads() == before


def test_the_packaged_one_knows_what_means_the_same() -> None:
    asleep, nap, price = SentenceEncoder(PACKAGED).encode(
        ["do you ever sleep?", "don't you need a nap at night?", "what is the price of copper?"]
    )

    assert asleep @ nap > asleep @ price


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailableError, match="nobody/knows"):
        find_encoder("nobody/knows")
    with pytest.raises(EncoderUnavailableError, match="config.json"):
        find_encoder(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderUnavailableError, match="cannot be read"):
        SentenceEncoder(str(tmp_path))


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    folder = save_tiny_encoder(tmp_path / "encoder", ["word"])
    before = fingerprint_encoder(str(folder))
    assert fingerprint_encoder(str(folder)) == before

    (folder / "vocab.txt").write_text("other\n")

    assert fingerprint_encoder(str(folder)) != before
    assert "unavailable" in fingerprint_encoder("nobody/knows")


def test_importing_it_loads_no_torch() -> None:
    code = "import sys, custom_components.sentence_encoder; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
