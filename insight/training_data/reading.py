"""Reads a Rasa project's training data and domain; any file may hold a part of either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rasa.shared.nlu.training_data import entities_parser

from insight.training_data.domain import read_domain
from insight.training_data.elements import Annotation, Example, Place, TrainingData
from insight.training_data.nodes import (
    Node,
    UnreadableFileError,
    compose,
    entries,
    fields,
    items,
    line_of,
    scalar,
    text_lines,
)
from insight.training_data.stories import read_stories

_SUFFIXES = {".yml", ".yaml"}


def read_training_data(root: Path, paths: Sequence[Path]) -> TrainingData:
    """Reads files, and folders with all that is below them.

    Args:
        root: The project's folder: places are told relative to it.
        paths: Where training data and domain are.
    """
    data = TrainingData()
    for path in _files(paths):
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        try:
            content = compose(path, shown)
        except UnreadableFileError as error:
            data.unreadable.append(str(error))
            continue
        parts = fields(content)
        _read_nlu(parts.get("nlu"), shown, data)
        read_stories(parts.get("stories"), shown, data, is_rule=False)
        read_stories(parts.get("rules"), shown, data, is_rule=True)
        read_domain(parts, shown, data)
    return data


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in found:
            if file.suffix in _SUFFIXES and file.is_file() and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _read_nlu(node: Node | None, file: str, data: TrainingData) -> None:
    for item in items(node):
        parts = fields(item)
        for kind, _, value in entries(item):
            reader = _READERS.get(kind)
            if reader:
                reader(value, parts.get("examples"), file, data)


def _intent(node: Node, examples: Node | None, file: str, data: TrainingData) -> None:
    intent = scalar(node)
    data.intents.setdefault(intent, Place(file, line_of(node)))
    for number, text in _sentences(examples):
        found = entities_parser.find_entities_in_training_example(text)
        plain = entities_parser.replace_entities(text)
        pattern, last = [], 0
        annotations = []
        for entity in found:
            pattern += [plain[last : entity["start"]], f"{{{entity['entity']}}}"]
            last = entity["end"]
            annotations.append(
                Annotation(
                    str(entity["entity"]),
                    str(entity["value"]),
                    str(entity.get("role") or ""),
                    str(entity.get("group") or ""),
                )
            )
        whole = "".join([*pattern, plain[last:]])
        data.examples.append(Example(intent, plain, whole, tuple(annotations), Place(file, number)))


def _sentences(node: Node | None) -> Iterator[tuple[int, str]]:
    # A block of lines that begin with a dash, or a list of mappings with a text each.
    for number, line in text_lines(node):
        if line.strip().startswith("-"):
            yield number, line.strip().removeprefix("-").strip()
    for item in items(node):
        text = fields(item).get("text")
        for number, line in text_lines(text):
            if line.strip():
                yield number, line.strip().removeprefix("-").strip()


def _synonym(node: Node, examples: Node | None, file: str, data: TrainingData) -> None:
    for _, text in _sentences(examples):
        data.synonyms[text.casefold()] = scalar(node)


def _listed(node: Node, examples: Node | None, file: str, data: TrainingData) -> None:
    data.listed_entities.add(scalar(node))


_Reader = Callable[[Node, Node | None, str, TrainingData], None]

_READERS: dict[str, _Reader] = {
    "intent": _intent,
    "synonym": _synonym,
    "regex": _listed,
    "lookup": _listed,
}


def short_intents(examples: Iterable[Example]) -> set[str]:
    """The intents of examples, without what follows the slash of a retrieval intent."""
    return {example.intent.split("/")[0] for example in examples}
