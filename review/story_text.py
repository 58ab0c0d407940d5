"""Files of stories and rules as texts: entries are added behind the others, all else stays."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from review.data_files import write_whole

_ENTRY = re.compile(r"^(?P<head> *- (?:story|rule): )(?P<name>.*?)[ \t\r]*$", re.M)


class StoryTextError(Exception):
    """A file cannot be added to; the message says which, and why."""


def names_in(text: str) -> list[str]:
    """The names of a file's stories and rules."""
    return [found["name"].strip("'\"") for found in _ENTRY.finditer(text)]


def free_name(text: str, taken: Collection[str]) -> str:
    """The text with names that nothing else has: a number is put behind those that are taken."""

    def renamed(found: re.Match[str]) -> str:
        name, number = found["name"].strip("'\""), 2
        if name not in taken:
            return found[0]
        while f"{name}, {number}" in taken:
            number += 1
        return f'{found["head"]}"{name}, {number}"' if '"' not in name else found[0]

    return _ENTRY.sub(renamed, text)


def append(path: Path, written: str) -> None:
    """Adds the entries of a text to a file, which is made where it is not there.

    Raises:
        StoryTextError: The file cannot be added to; nothing was written.
    """
    if not path.exists():
        write_whole(path, written)
        return
    old = path.read_bytes().decode("utf-8")
    key, entries = _entries(written, path)
    before = _parsed(old, path)
    if list(before)[-1:] != [key]:
        raise StoryTextError(f"{path} does not end with its {key}: add it by hand.")
    body = written.split(f"{key}:\n", 1)[1].rstrip("\n")
    newline = "\r\n" if "\r\n" in old else "\n"
    new = old.rstrip() + newline * 2 + body.replace("\n", newline) + newline
    after = _parsed(new, path)
    if after != {**before, key: [*(before[key] or []), *entries]}:
        raise StoryTextError(f"{path} is indented otherwise than what is new: add it by hand.")
    write_whole(path, new)


def _entries(text: str, path: Path) -> tuple[str, list[Any]]:
    read = _parsed(text, path)
    for key in ("stories", "rules"):
        if key in read:
            return key, list(read[key])
    raise StoryTextError("There is no story and no rule in what is new.")


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise StoryTextError(f"{path}{line} is no YAML: {getattr(error, 'problem', error)}.") from (
            error
        )
    if not isinstance(read, dict):
        raise StoryTextError(f"{path} holds no stories.")
    return read
