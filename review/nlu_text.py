"""Training data as a text: where its blocks are, and how an example is added to one.

Rasa's own writer, and a round trip through a YAML library, lose comments, empty lines and the way
things are written. Here one line is put between others, and every other byte stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

_ITEM = re.compile(r"(?P<indent> *)- (?P<key>\w+): *(?P<value>.*?)\s*$")
_KEY = re.compile(r"(?P<indent> *)(?P<key>\w+): *(?P<value>.*?)\s*$")
_EXAMPLE = re.compile(r"(?P<indent> +)- (?P<text>.*?)\s*$")
_COMMENT_BEHIND = re.compile(r"\s+#.*$")


class NluTextError(Exception):
    """The text is not training data that can be added to; the message says where and why."""


@dataclass
class Block:
    """Examples of an intent, in one mood."""

    intent: str
    line: int
    """Where it begins, from 0."""
    indent: str
    end: int = 0
    """The line after its last that is not empty."""
    sentiment: str | None = None
    examples: list[tuple[int, str]] = field(default_factory=list)
    """Line and text of each example, as it is written."""
    example_indent: str | None = None
    """Of its examples; None where they are written otherwise than as lines of one text."""


def blocks(text: str) -> list[Block]:
    """The blocks of intents, in order; synonyms and lookup tables are none."""
    return [block for block in _items(text.splitlines()) if block.intent]


def check(text: str) -> None:
    """Says whether a text can be added to.

    Raises:
        NluTextError: It is no YAML (a tab at a line's beginning, for one), or no training data.
    """
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        lines = text.splitlines()
        if mark is not None and mark.line < len(lines) and "\t" in lines[mark.line]:
            problem = "there is a tab; YAML wants spaces"
        else:
            problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise NluTextError(f"{place}{problem}") from error
    if not isinstance(read, dict) or not isinstance(read.get("nlu", ""), (list, type(None))):
        raise NluTextError("it has no list of examples (nlu:)")


def insert(text: str, intent: str, sentiment: str | None, example: str) -> str:
    """Adds an example to an intent's last block of the same mood, or to a new block behind it.

    An intent that is not there gets a block behind all others.

    Args:
        text: The whole file's.
        intent: Which.
        sentiment: The example's; None for a block without one.
        example: In one line, its entities marked.

    Raises:
        NluTextError: The text cannot be added to, or what came out is not what was meant.
    """
    check(text)
    example = " ".join(example.split()).lstrip("- ")
    if not example:
        raise NluTextError("the example is empty")
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    found = blocks(text)
    of_intent = [block for block in found if block.intent == intent]
    fitting = [
        block for block in of_intent if block.sentiment == sentiment and block.example_indent
    ]
    if fitting:
        block = fitting[-1]
        at = block.examples[-1][0] + 1
        new = [f"{block.example_indent}- {example}{newline}"]
    else:
        behind = of_intent or found
        at = behind[-1].end if behind else _first_item(lines)
        indent = behind[-1].indent if behind else ""
        mood = [f"{indent}  metadata:", f"{indent}    sentiment: {sentiment}"] if sentiment else []
        rows = [
            *([""] if behind else []),
            f"{indent}- intent: {intent}",
            *mood,
            f"{indent}  examples: |",
            f"{indent}    - {example}",
        ]
        new = [f"{row}{newline}" for row in rows]
    if at == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
        # The last line had no end: it gets one, and the new last line has none.
        lines[-1] += newline
        new[-1] = new[-1].rstrip("\r\n")
    elif not fitting and at == _first_item(lines) and not found:
        new.append(newline)
    written = "".join([*lines[:at], *new, *lines[at:]])
    _compare(text, written, intent, example)
    return written


def remove(text: str, intent: str, sentiment: str | None, example: str) -> str | None:
    """Takes out an example that `insert` added; None where it is not there any more.

    A block that was made for it goes, too.
    """
    example = " ".join(example.split()).lstrip("- ")
    lines = text.splitlines(keepends=True)
    for block in reversed(blocks(text)):
        if block.intent != intent or block.sentiment != sentiment:
            continue
        for line, written in reversed(block.examples):
            if written != example:
                continue
            if len(block.examples) > 1:
                return "".join([*lines[:line], *lines[line + 1 :]])
            begin = block.line
            while begin and not lines[begin - 1].strip():
                begin -= 1
            return "".join([*lines[:begin], *lines[block.end :]])
    return None


def add_intent(domain: str, intent: str, beside: set[str]) -> str:
    """Adds an intent to a domain's list, behind the last of those that it belongs with.

    Args:
        domain: The whole file's text.
        intent: Its name; nothing happens where it is there already.
        beside: Intents of the same skill.

    Raises:
        NluTextError: The domain has no list of intents that could be added to.
    """
    lines = domain.splitlines(keepends=True)
    newline = "\r\n" if "\r\n" in domain else "\n"
    try:
        start = next(at for at, line in enumerate(lines) if line.rstrip() == "intents:")
    except StopIteration:
        raise NluTextError("the domain has no list of intents") from None
    last = chosen = None
    for at in range(start + 1, len(lines)):
        if lines[at].strip() and not lines[at].startswith((" ", "-", "#")):
            break
        found = re.match(r"(?P<indent> *)- ([\"']?)(?P<name>[\w/]+)", lines[at])
        if found is None:
            continue
        if found["name"] == intent:
            return domain
        last = (at, found["indent"])
        if found["name"] in beside:
            chosen = last
    place = chosen or last
    if place is None:
        raise NluTextError("the domain's list of intents is empty")
    at, indent = place[0] + 1, place[1]
    if not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += newline
    # What is written below an intent (its settings) is deeper than the dash.
    while at < len(lines) and lines[at].startswith(f"{indent}  ") and lines[at].strip():
        at += 1
    written = "".join([*lines[:at], f"{indent}- {intent}{newline}", *lines[at:]])
    names = [one if isinstance(one, str) else next(iter(one)) for one in _list(written, "intents")]
    if names.count(intent) != 1:
        raise NluTextError(f"'{intent}' could not be added to the domain's intents")
    return written


def _items(lines: list[str]) -> Iterator[Block]:
    """The items of the list `nlu:`, those of other kinds without an intent's name."""
    block: Block | None = None
    inside = in_examples = False
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if line.lstrip().startswith("#") and not (in_examples and _is_deep(line, block)):
            in_examples = False
            continue
        if re.match(r"\w+:", line):
            if block is not None:
                yield block
            block, inside, in_examples = None, line.startswith("nlu:"), False
            continue
        item = _ITEM.match(line)
        begins = item is not None and (block is None or len(item["indent"]) <= len(block.indent))
        if inside and item is not None and begins:
            if block is not None:
                yield block
            name = _unquoted(item["value"]) if item["key"] == "intent" else ""
            block, in_examples = Block(name, number, item["indent"], number + 1), False
        elif block is not None:
            in_examples = _read_line(block, number, line, in_examples)
            block.end = number + 1
    if block is not None:
        yield block


def _read_line(block: Block, number: int, line: str, in_examples: bool) -> bool:
    """Reads a line of a block; whether the next ones are its examples."""
    deeper = _is_deep(line, block)
    if in_examples and deeper:
        example = _EXAMPLE.match(line)
        if example is not None:
            block.example_indent = example["indent"]
            block.examples.append((number, example["text"]))
        return True
    key = _KEY.match(line)
    if key is None:
        return False
    if key["key"] == "sentiment" and deeper:
        block.sentiment = _unquoted(key["value"]) or None
    return key["key"] == "examples" and key["value"] in ("|", "|-", "|+")


def _is_deep(line: str, block: Block | None) -> bool:
    """Whether a line belongs to one of a block's keys."""
    return block is not None and len(line) - len(line.lstrip(" ")) > len(block.indent) + 2


def _compare(old: str, new: str, intent: str, example: str) -> None:
    """What is read out of the new text is what was read out of the old one, and the example."""
    try:
        before, after = _examples(old), _examples(new)
    except (yaml.YAMLError, AttributeError) as error:
        raise NluTextError("what would be written could not be read again") from error
    if sorted(after) != sorted([*before, (intent, example)]):
        raise NluTextError("the example could not be put where it belongs")


def _examples(text: str) -> list[tuple[str, str]]:
    found = []
    for item in _list(text, "nlu"):
        kind = next(iter(item))
        examples = item.get("examples")
        if isinstance(examples, str):
            rows = [row.strip()[1:].strip() for row in examples.splitlines() if row.strip()]
        else:
            rows = [str(one) for one in examples or []]
        name = str(item[kind]) if kind == "intent" else f"{kind} {item[kind]}"
        found += [(name, row) for row in rows]
    return found


def _list(text: str, key: str) -> list[Any]:
    return list((yaml.safe_load(text) or {}).get(key) or [])


def _first_item(lines: list[str]) -> int:
    """The line behind `nlu:`."""
    for number, line in enumerate(lines):
        if line.startswith("nlu:"):
            return number + 1
    raise NluTextError("it has no list of examples (nlu:)")


def _unquoted(value: str) -> str:
    return _COMMENT_BEHIND.sub("", value).strip("'\" ")
