"""One reviewer's decisions, each of which is written down whole before the next is asked for.

There is nothing to save in the end: whoever stops in the middle, or is stopped, has lost nothing.
An example is written first, and what was decided after it; killed in between, the message is found
in the training data the next time, and not shown again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from review.data_files import (
    INTENT_NAME,
    NLU,
    SET_ASIDE,
    Catalog,
    DataFiles,
    DataFilesError,
    Example,
)
from review.masking import has_masks
from review.memory import Decision, Memory
from review.queue import Item


class RefusedError(Exception):
    """What was asked for cannot be done; the message says why, in a sentence."""


class DecidedMeanwhileError(RefusedError):
    """Somebody else has decided on this message."""


@dataclass(frozen=True)
class Step:
    """Something that was decided, for taking it back."""

    item: Item
    decision: Decision
    example: Example | None = None
    path: Path | None = None


class Session:
    """Decides on items."""

    def __init__(self, files: DataFiles, memory: Memory) -> None:
        """Prepares.

        Raises:
            DataFilesError: The training data cannot be read.
        """
        self._files = files
        self._memory = memory
        self._steps: list[Step] = []
        self.new_intents: list[str] = []
        self.catalog = files.catalog()

    @property
    def steps(self) -> Sequence[Step]:
        """What was decided, oldest first."""
        return self._steps

    def is_open(self, item: Item) -> bool:
        """Whether nobody has decided on an item."""
        return not self._memory.decided(_texts(item))

    def accept(self, item: Item, example: Example, skill: str | None = None) -> Path:
        """Adds an example to the training data.

        Args:
            item: What is decided on.
            example: What is written.
            skill: For a new intent, the name of its file.

        Returns:
            The file that was written.

        Raises:
            RefusedError: It was not written.
        """
        self._check(example)
        with self._files.locked():
            self._still_open(item)
            self.catalog = self._files.catalog()
            path = self._files.file_of(example.intent, self.catalog)
            if path is None:
                path = self._make_intent(example.intent, skill)
            self._write(example, path)
            self._memory.decide(_texts(item), "accepted", example.intent)
        self._steps.append(Step(item, "accepted", example, path))
        return path

    def set_aside(self, item: Item, example: Example) -> Path:
        """Keeps an example for tests, and from the training.

        Raises:
            RefusedError: It was not written.
        """
        self._check(example)
        if example.intent not in self.catalog.files:
            raise RefusedError(f"There is no intent '{example.intent}'.")
        with self._files.locked():
            self._still_open(item)
            self._write(example, SET_ASIDE)
            self._memory.decide(_texts(item), "set aside", example.intent)
        self._steps.append(Step(item, "set aside", example, SET_ASIDE))
        return SET_ASIDE

    def skip(self, item: Item) -> None:
        """Has an item not come back.

        Raises:
            RefusedError: Somebody else has decided on it.
        """
        with self._files.locked():
            self._still_open(item)
            self._memory.decide(_texts(item), "skipped")
        self._steps.append(Step(item, "skipped"))

    def take_back(self) -> Step:
        """Takes the last decision back.

        Raises:
            RefusedError: There is none, or somebody has changed what was written.
        """
        if not self._steps:
            raise RefusedError("Nothing was decided yet.")
        step = self._steps[-1]
        with self._files.locked():
            if step.example is not None and step.path is not None:
                try:
                    if not self._files.take_back(step.example, step.path):
                        raise RefusedError(
                            f"The example is not in {step.path} any more: somebody changed it."
                        )
                except DataFilesError as error:
                    raise RefusedError(str(error)) from error
            self._memory.forget(_texts(step.item))
        return self._steps.pop()

    def _make_intent(self, intent: str, skill: str | None) -> Path:
        if not skill or not INTENT_NAME.fullmatch(skill):
            raise RefusedError(f"'{intent}' is new: it needs a skill, such as lists.")
        path = NLU / f"{skill}.yml"
        try:
            if "/" not in intent:
                self._files.add_intent(intent, skill, self.catalog)
        except DataFilesError as error:
            raise RefusedError(str(error)) from error
        self.new_intents.append(intent)
        return path

    def _write(self, example: Example, path: Path) -> None:
        try:
            self._files.add(example, path)
            self.catalog = self._files.catalog()
        except DataFilesError as error:
            raise RefusedError(str(error)) from error

    def _still_open(self, item: Item) -> None:
        if not self.is_open(item):
            raise DecidedMeanwhileError("Somebody else has just decided on this message.")

    def _check(self, example: Example) -> None:
        if not INTENT_NAME.fullmatch(example.intent):
            raise RefusedError(
                f"'{example.intent}' is no name for an intent: small letters, digits and _."
            )
        if has_masks(example.text):
            raise RefusedError("Something is masked in it: put words of your own there (e).")
        if self.catalog.knows(_plain(example.text)):
            raise RefusedError("It is an example already.")


def _texts(item: Item) -> list[str]:
    return [item.message.text, *item.message.variants]


def _plain(text: str) -> str:
    from rasa.shared.nlu.training_data.entities_parser import replace_entities

    plain: str = replace_entities(text)
    return plain


def default_skill(item: Item, catalog: Catalog, files: DataFiles) -> str:
    """The skill that a new intent is most likely a part of: that of the nearest known one."""
    for name, _ in item.message.ranking:
        path = files.file_of(name, catalog)
        if path is not None and path.stem != "out_of_scope":
            return path.stem
    return "small_talk"
