"""Where in the training data a sentence stands."""

import re
from collections.abc import Iterator
from pathlib import Path

from rasa.shared.nlu.training_data import entities_parser

_SECTION = re.compile(r"-\s*(\w+):\s*(.*)")
_KEYS = {"intent", "synonym", "regex", "lookup", "story", "rule"}


class Places:
    """File and line of every sentence below a folder, read once.

    `dataset.find_in_files` looks for one sentence for an error message; for hundreds of them,
    each to be told from longer ones that contain it, the files are better read the other way.
    """

    def __init__(self, folder: Path, relative_to: Path) -> None:
        """Reads all YAML files below `folder`; places are told relative to another one."""
        self._places: dict[tuple[str, str], str] = {}
        for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
            for number, intent, text in _sentences(path):
                place = f"{path.relative_to(relative_to).as_posix()}:{number}"
                # Retrieval intents are `chitchat/name` in the files and `chitchat` in training.
                self._places.setdefault((intent.split("/")[0], _normalized(text)), place)

    def find(self, text: str, intent: str) -> str | None:
        """Returns `file:line` of an intent's sentence, whatever its case and spaces."""
        return self._places.get((intent, _normalized(text)))


def _sentences(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yields line number, intent and sentence, without the annotation of entities."""
    intent = ""
    for number, line in enumerate(
        path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
    ):
        line = line.strip()
        section = _SECTION.fullmatch(line)
        if section is not None and section[1] in _KEYS:
            intent = section[2].strip("'\" ") if section[1] == "intent" else ""
        elif intent and line:
            text = line.removeprefix("-").strip().removeprefix("text:").strip()
            yield number, intent, entities_parser.replace_entities(text)


def _normalized(text: str) -> str:
    return " ".join(text.casefold().split())
