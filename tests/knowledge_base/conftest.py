"""Documents, and encoders to search them with."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from custom_components.sentence_encoder import (
    PACKAGED,
    SentenceEncoder,
    Vectors,
    fingerprint_encoder,
)
from tests.tiny_encoder import save_tiny_encoder

DOCUMENTS = Path(__file__).resolve().parents[1] / "data" / "knowledge"

WORDS = (
    "the a is in of to and how do i where what key lamp red tank water oven dough salt bread house "
    "hang behind box fill empty bake hour one two three : . , ?"
).split()


class CountingEncoder:
    """An encoder that notes what it was given."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encodes."""
        self.texts += texts
        return self._encoder.encode(texts)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny encoder."""
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"), WORDS)


@pytest.fixture
def tiny(tiny_folder: Path) -> CountingEncoder:
    """A tiny encoder: real vectors, but they mean little."""
    return CountingEncoder(SentenceEncoder(str(tiny_folder)))


@pytest.fixture(scope="session")
def packaged() -> tuple[SentenceEncoder, str]:
    """The encoder that Parley uses, with its digest."""
    return SentenceEncoder(PACKAGED, max_length=256), fingerprint_encoder(PACKAGED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    made = tmp_path / "documents"
    made.mkdir()
    return made


@pytest.fixture
def documents(folder: Path) -> Path:
    """A folder with all documents of the tests."""
    shutil.copytree(DOCUMENTS, folder, dirs_exist_ok=True)
    return folder
