"""Passages with their vectors, kept in a file for each content: nothing is embedded twice."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np
from safetensors import SafetensorError, safe_open  # type: ignore[attr-defined]
from safetensors.numpy import save

from custom_components.sentence_encoder import Vectors
from knowledge_base.passages import Passage, split_document
from knowledge_base.reading import read_document

VERSION = 1
"""Counts the changes of what is read, how it is split, and how it is written down."""

_PASSAGES = "passages"
_SUFFIX = ".safetensors"

logger = logging.getLogger(__name__)


class Encoder(Protocol):
    """What makes vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Returns unit vectors, (texts, width)."""


@dataclass(frozen=True)
class EmbeddedDocument:
    """The passages of a document, and what they mean."""

    passages: tuple[Passage, ...]
    vectors: Vectors
    """One for each passage as a whole and one for each of its sentences, in that order."""


class VectorStore:
    """A folder of embedded documents, by digests of their content and of the encoder.

    Several processes may use it at once: a file is put in its place whole, and what it is called
    says what is in it.
    """

    def __init__(self, folder: Path, encoder: Encoder, encoder_digest: str) -> None:
        """Keeps vectors of this encoder in this folder, which is made when it is needed."""
        self._folder = folder
        self._encoder = encoder
        self._encoder_digest = encoder_digest

    def embedded(self, path: Path) -> tuple[str, EmbeddedDocument]:
        """Returns a file's passages with their vectors, and the name that they are kept under.

        Raises:
            UnreadableDocumentError: See `read_document`.
        """
        name = self._name(path)
        document = self._load(name)
        if document is None:
            document = self._embed(path)
            self._save(name, document)
        return name, document

    def forget_all_but(self, names: set[str]) -> None:
        """Removes what is of no document any more."""
        with suppress(OSError):
            for path in self._folder.glob(f"*{_SUFFIX}"):
                if path.stem not in names:
                    path.unlink(missing_ok=True)

    def _name(self, path: Path) -> str:
        digest = hashlib.sha256()
        # The file's name counts: its ending says how it is read, and it may be its title.
        for part in (str(VERSION), self._encoder_digest, path.name):
            digest.update(part.encode() + b"\0")
        digest.update(path.read_bytes())
        return digest.hexdigest()

    def _embed(self, path: Path) -> EmbeddedDocument:
        passages = tuple(split_document(read_document(path)))
        texts = [text for passage in passages for text in passage.searchable()]
        return EmbeddedDocument(passages, self._encoder.encode(texts))

    def _load(self, name: str) -> EmbeddedDocument | None:
        path = self._folder / f"{name}{_SUFFIX}"
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="numpy") as file:  # type: ignore[attr-defined,no-untyped-call]
                vectors: Vectors = file.get_tensor("vectors")
                passages = tuple(map(_passage, json.loads(file.metadata()[_PASSAGES])))
            if len(vectors) != sum(1 + len(passage.sentences) for passage in passages):
                raise ValueError("vectors and passages do not fit together")
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            logger.warning("The vectors in %s cannot be read (%s): made anew.", path, error)
            return None
        return EmbeddedDocument(passages, vectors)

    def _save(self, name: str, document: EmbeddedDocument) -> None:
        rows = [[p.title, p.headings, p.page, p.sentences] for p in document.passages]
        content = save(
            {"vectors": np.ascontiguousarray(document.vectors)},
            {_PASSAGES: json.dumps(rows, ensure_ascii=False)},
        )
        unfinished = self._folder / f".{name}.{uuid4().hex}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            os.replace(unfinished, self._folder / f"{name}{_SUFFIX}")
        except OSError as error:
            # They are only a short cut: without them the next start embeds again.
            logger.warning("The vectors cannot be kept in %s (%s).", self._folder, error.strerror)
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)


def _passage(row: Sequence[object]) -> Passage:
    title, headings, page, sentences = row
    if not isinstance(headings, list) or not isinstance(sentences, list):
        raise TypeError("no passage")
    return Passage(
        str(title),
        tuple(map(str, headings)),
        None if page is None else int(str(page)),
        tuple(map(str, sentences)),
    )
