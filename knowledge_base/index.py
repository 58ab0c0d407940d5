"""All documents of a folder, kept up to date, and searched by meaning and by words."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custom_components.sentence_encoder import Vectors
from knowledge_base.embedding import EmbeddedDocument, VectorStore
from knowledge_base.passages import Passage
from knowledge_base.reading import ENDINGS, MOST_BYTES
from knowledge_base.scoring import Evidence, score
from knowledge_base.sections import UnreadableDocumentError
from knowledge_base.words import WordIndex

MOST_FILES = 2000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """A passage, and what speaks for it."""

    passage: Passage
    file: str
    """Its document's path below the folder."""

    evidence: Evidence
    sentences: tuple[float, ...]
    """Of each sentence, the cosine with the question."""


@dataclass(frozen=True)
class _Stamp:
    """What tells that a file has changed, without reading it."""

    size: int
    modified: int


@dataclass(frozen=True)
class _File:
    stamp: _Stamp
    name: str = ""
    document: EmbeddedDocument | None = None
    """None where nothing can be read from it."""


class KnowledgeIndex:
    """The passages of a folder's documents."""

    def __init__(self, folder: Path, store: VectorStore) -> None:
        """Knows of no document before the first `refresh`."""
        self._folder = folder
        self._store = store
        self._files: dict[str, _File] = {}
        self._arrange()

    @property
    def passages(self) -> list[Passage]:
        """All of them."""
        return [passage for _, passage in self._passages]

    def refresh(self) -> None:
        """Reads what is new or changed since the last time, and forgets what is gone."""
        there = dict(find_documents(self._folder))
        changed = there.keys() ^ self._files.keys()
        files: dict[str, _File] = {}
        for name, path in there.items():
            known = self._files.get(name)
            file = self._read(name, path, known)
            if file is not known:
                changed = changed | {name}
            if file is not None:
                files[name] = file
        if changed:
            self._files = files
            self._arrange()
            self._store.forget_all_but({file.name for file in files.values()})

    def search(self, question: str, vector: Vectors, most: int = 3) -> list[Found]:
        """Returns the passages that speak most for themselves, the best first.

        Args:
            question: In words.
            vector: What it means, a unit vector.
            most: How many.
        """
        if not self._passages:
            return []
        cosines = self._vectors @ vector
        coverage = self._words.coverage(question)
        found = []
        for place, (file, passage) in enumerate(self._passages):
            start, end = self._rows[place], self._rows[place + 1]
            sentences = tuple(float(cosine) for cosine in cosines[start + 1 : end])
            evidence = Evidence(float(cosines[start]), max(sentences), coverage[place])
            found.append(Found(passage, file, evidence, sentences))
        return sorted(found, key=lambda one: -score(one.evidence))[:most]

    def knows_any_word_of(self, question: str) -> bool:
        """Whether a search can find anything by words; it costs nothing."""
        return self._words.knows_any(question)

    def _read(self, name: str, path: Path, known: _File | None) -> _File | None:
        try:
            stat = path.stat()
            stamp = _Stamp(stat.st_size, stat.st_mtime_ns)
            if known is not None and known.stamp == stamp:
                return known
            if stat.st_size > MOST_BYTES:
                raise UnreadableDocumentError(
                    f"it has {stat.st_size:,} bytes, the most is {MOST_BYTES:,}"
                )
            kept_as, document = self._store.embedded(path)
        except FileNotFoundError:
            return None  # gone since the folder was read
        except (UnreadableDocumentError, OSError) as error:
            logger.warning("The document %s is left out: %s.", name, error)
            return _File(stamp) if not isinstance(error, OSError) else None
        logger.info("The document %s has %d passages.", name, len(document.passages))
        return _File(stamp, kept_as, document)

    def _arrange(self) -> None:
        """Puts all passages into one row, and their vectors into one matrix."""
        documents = [(name, file.document) for name, file in sorted(self._files.items())]
        self._passages = [
            (name, passage)
            for name, document in documents
            if document is not None
            for passage in document.passages
        ]
        lengths = [1 + len(passage.sentences) for _, passage in self._passages]
        self._rows = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
        vectors = [document.vectors for _, document in documents if document is not None]
        self._vectors = np.concatenate(vectors) if vectors else np.zeros((0, 1), np.float32)
        self._words = WordIndex(f"{passage.heading} {passage.text}" for passage in self.passages)


def find_documents(folder: Path) -> Iterator[tuple[str, Path]]:
    """Finds the files of a folder that can be read: their paths below it, and where they are.

    Hidden files are passed over, and links that lead out of the folder: who may put a link into it
    need not be allowed to read what it points to.
    """
    root = folder.resolve()
    number = 0
    for parent, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if name.startswith(".") or path.suffix.lower() not in ENDINGS:
                continue
            if not path.resolve().is_relative_to(root):
                logger.warning("The document %s is left out: it is a link elsewhere.", name)
                continue
            number += 1
            if number > MOST_FILES:
                logger.warning("More than %d documents: the others are left out.", MOST_FILES)
                return
            yield path.relative_to(root).as_posix(), path
