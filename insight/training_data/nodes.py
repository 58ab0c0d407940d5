"""YAML as PyYAML composes it: plain values, and the line of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from operations.tracker_address import one_line

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Node = yaml.Node


class UnreadableFileError(Exception):
    """A file cannot be read; the message says where and why."""


def compose(path: Path, shown: str) -> Node | None:
    """Reads a file; None where it is empty.

    Args:
        path: The file.
        shown: How it is called to people.

    Raises:
        UnreadableFileError: It cannot be opened, is no text, or no YAML.
    """
    try:
        node: Node | None = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableFileError(f"{shown}:{line}: {error.problem}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableFileError(f"{shown}: {one_line(error)}") from None
    return node


def line_of(node: Node) -> int:
    """The line in which something begins, from 1."""
    return int(node.start_mark.line) + 1


def fields(node: Node | None) -> dict[str, Node]:
    """The entries of a mapping by their keys; nothing of anything else."""
    return {key: value for key, _, value in entries(node)}


def entries(node: Node | None) -> Iterator[tuple[str, int, Node]]:
    """Key, line of the key and value of each entry of a mapping."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, line_of(key), value


def items(node: Node | None) -> list[Node]:
    """The items of a sequence; nothing of anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def scalar(node: Node | None) -> str:
    """A text, number or the like as it stands there; empty for anything else."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def is_null(node: Node) -> bool:
    """Whether nothing stands there."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def text_lines(node: Node | None) -> Iterator[tuple[int, str]]:
    """The lines of a text, each with its number in the file."""
    if not isinstance(node, yaml.ScalarNode):
        return
    # A block's text begins in the line behind its bar, and leaves no line out.
    first = line_of(node) + (1 if node.style in ("|", ">") else 0)
    for number, line in enumerate(node.value.split("\n")):
        yield first + number, line


def plain(node: Node | None) -> Any:
    """The value, without its lines."""
    if isinstance(node, yaml.MappingNode):
        return {key: plain(value) for key, _, value in entries(node)}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return None if node is None or is_null(node) else scalar(node)


def named(node: Node | None) -> Iterator[tuple[str, int, Node | None]]:
    """Names, lines and settings of a list whose items are names, or a name with settings each."""
    for item in items(node):
        if isinstance(item, yaml.ScalarNode):
            yield scalar(item), line_of(item), None
        else:
            yield from ((name, line, value) for name, line, value in entries(item))
