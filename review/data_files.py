"""The training data's files: what is in them, and adding to them whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rasa.shared.nlu.training_data.entities_parser import (
    find_entities_in_training_example,
    replace_entities,
)

from review.grouping import normalized
from review.nlu_text import NluTextError, add_intent, blocks, check, insert, remove

NLU = Path("data/nlu")
DOMAIN = Path("domain.yml")
SET_ASIDE = Path("tests/data/nlu_set_aside.yml")
"""Examples that no training sees: candidates are held against them (`make promote`)."""

_SET_ASIDE_HEAD = """\
# Held-out NLU examples out of real conversations, set aside in `make review`: never trained on.
version: "3.1"

nlu:
"""
_NEW_HEAD = """\
# Skill: {skill}.
#
# {intent}  made out of what people said: write here what it means, and where it ends.
version: "3.1"

nlu:
"""
INTENT_NAME = re.compile(r"[a-z][a-z0-9_]*(?:/[a-z][a-z0-9_]*)?")


class DataFilesError(Exception):
    """The files cannot be read or added to; the message says which, where and why."""


@dataclass(frozen=True)
class Example:
    """A sentence for the training data."""

    text: str
    """Its entities marked, as `[milk](item)`."""
    intent: str
    sentiment: str | None


@dataclass
class Catalog:
    """What the training data knows."""

    files: dict[str, list[Path]] = field(default_factory=dict)
    """Where each intent's examples are."""
    entities: set[str] = field(default_factory=set)
    sentiments: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)
    """All examples, without signs and case."""
    counts: Counter[str] = field(default_factory=Counter)
    """Examples of each intent."""

    def knows(self, text: str) -> bool:
        """Whether a message is an example already."""
        return normalized(text) in self.texts


class DataFiles:
    """The files of a project."""

    def __init__(self, root: Path, lock: Path) -> None:
        """Keeps where they are.

        Args:
            root: The project's folder.
            lock: A file that everybody who writes holds.
        """
        self._root = root
        self._lock = lock

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes meanwhile; what is read now is what the last one wrote."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def catalog(self) -> Catalog:
        """Reads all training data, and what was set aside.

        Raises:
            DataFilesError: A file cannot be read.
        """
        catalog = Catalog()
        for path in [*self._nlu_files(), self._root / SET_ASIDE]:
            if not path.exists():
                continue
            text = self._read(path)
            try:
                check(text)
            except NluTextError as error:
                raise DataFilesError(f"{path.relative_to(self._root)}, {error}.") from error
            _add(catalog, path.relative_to(self._root), text)
        return catalog

    def skills(self) -> list[str]:
        """The names of the files of training data."""
        return [path.stem for path in self._nlu_files()]

    def file_of(self, intent: str, catalog: Catalog) -> Path | None:
        """The file of an intent; for an answer of a retrieval intent, that of the other answers."""
        found = catalog.files.get(intent, [])
        if not found and "/" in intent:
            base = intent.split("/")[0]
            found = [
                path
                for name, paths in catalog.files.items()
                if name.split("/")[0] == base
                for path in paths
            ]
        here = [path for path in found if path.is_relative_to(NLU)]
        return Counter(here).most_common(1)[0][0] if here else None

    def add(self, example: Example, path: Path) -> None:
        """Adds an example to a file, and writes the file anew at one go.

        Raises:
            DataFilesError: It could not be added; nothing was written.
        """
        text = (
            self._read(self._root / path)
            if (self._root / path).exists()
            else self._head(path, example.intent)
        )
        try:
            written = insert(text, example.intent, example.sentiment, example.text)
        except NluTextError as error:
            raise DataFilesError(f"{path}, {error}.") from error
        self._write(path, written)

    def take_back(self, example: Example, path: Path) -> bool:
        """Takes an added example out; False where it is not there any more."""
        written = remove(
            self._read(self._root / path), example.intent, example.sentiment, example.text
        )
        if written is not None:
            self._write(path, written)
        return written is not None

    def add_intent(self, intent: str, skill: str, catalog: Catalog) -> None:
        """Adds an intent to the domain, beside those of its skill.

        Raises:
            DataFilesError: It could not be added; nothing was written.
        """
        path = NLU / f"{skill}.yml"
        beside = {name for name, files in catalog.files.items() if path in files}
        try:
            written = add_intent(self._read(self._root / DOMAIN), intent, beside)
        except NluTextError as error:
            raise DataFilesError(f"{DOMAIN}: {error}.") from error
        self._write(DOMAIN, written)

    def _head(self, path: Path, intent: str) -> str:
        if path == SET_ASIDE:
            return _SET_ASIDE_HEAD
        return _NEW_HEAD.format(skill=path.stem, intent=intent)

    def _nlu_files(self) -> list[Path]:
        folder = self._root / NLU
        return sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])

    def _read(self, path: Path) -> str:
        try:
            # Line ends as they are: `read_text` would make all of them the same.
            return path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataFilesError(f"{path} cannot be read: {error}.") from error

    def _write(self, path: Path, text: str) -> None:
        write_whole(self._root / path, text)


def write_whole(path: Path, text: str) -> None:
    """Replaces a file at one go: whoever reads it sees all of the old one or all of the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode if path.exists() else 0o644
        os.chmod(unfinished, mode & 0o777)
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise


def _add(catalog: Catalog, path: Path, text: str) -> None:
    for block in blocks(text):
        files = catalog.files.setdefault(block.intent, [])
        if path not in files:
            files.append(path)
        if block.sentiment:
            catalog.sentiments[block.sentiment] += 1
        for _, example in block.examples:
            catalog.texts.add(normalized(replace_entities(example)))
            catalog.counts[block.intent] += 1
            catalog.entities.update(
                str(one["entity"]) for one in find_entities_in_training_example(example)
            )
