"""Which names the Python code of a project mentions: responses said, actions called, slots read.

Code is read, never run. A name that is put together at run time is known by its pattern, if what
fills the pattern's holes is a name as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

_NAME = re.compile(r"[\w./-]{1,120}")
_HOLE = re.compile(r"\{\w*\}|%s")
_PASSED_OVER = {"tests", "test", "venv", "node_modules", "site-packages", "__pycache__"}
_SETTERS = {"SlotSet"}
_OURSELVES = Path(__file__).resolve().parent.parent
"""Whoever looks at names mentions them, and uses none."""


@dataclass
class CodeUse:
    """What code mentions."""

    names: set[str] = field(default_factory=set)
    """Texts that may be names; not those by which actions call themselves."""
    slots_set: set[str] = field(default_factory=set)
    """Slots that are set by their name."""
    patterns: set[tuple[str, ...]] = field(default_factory=set)
    """The fixed parts of names that are put together; between them are holes."""
    files: int = 0

    def mentions(self, name: str, fillings: Set[str] = frozenset()) -> bool:
        """Whether a name is mentioned, as it is or as a pattern makes it.

        Args:
            name: The name.
            fillings: What can stand in the holes of a pattern, beside what is mentioned itself.
        """
        if name in self.names:
            return True
        return any(_made_of(name, parts, self.names, fillings) for parts in self.patterns)

    def add_text(self, text: str) -> None:
        """Takes a text that may be a name, or a pattern of names."""
        if _NAME.fullmatch(text):
            self.names.add(text)
        elif _HOLE.search(text):
            self.add_pattern(_HOLE.split(text))

    def add_pattern(self, parts: list[str]) -> None:
        """Takes the fixed parts of a name, between which there are holes."""
        fixed = "".join(parts)
        # A pattern of holes alone would be a pattern of everything.
        if len(fixed) > 3 and _NAME.fullmatch(fixed):
            self.patterns.add(tuple(parts))


def _made_of(name: str, parts: tuple[str, ...], *fillings: Set[str]) -> bool:
    """Whether a name is these parts with fillings in between."""
    first, *others = parts
    if not name.startswith(first):
        return False
    rest = name[len(first) :]
    if not others:
        return not rest
    return any(
        (rest[:end].isdecimal() or any(rest[:end] in known for known in fillings))
        and _made_of(rest[end:], tuple(others), *fillings)
        for end in range(1, len(rest) + 1)
    )


def read_code(paths: Iterable[Path]) -> CodeUse:
    """Reads all Python files below some folders, but for tests and what is installed."""
    use = CodeUse()
    for path in _files(paths):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        use.files += 1
        _Reader(use, tree).visit(tree)
    return use


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file() and path.suffix == ".py":
            yield path
        elif path.is_dir() and not _is_passed_over(path):
            # An environment inside of the project is not the project's code.
            if not (path / "pyvenv.cfg").exists():
                yield from _files(sorted(path.iterdir()))


def _is_passed_over(folder: Path) -> bool:
    return (
        folder.name in _PASSED_OVER or folder.name.startswith(".") or folder.resolve() == _OURSELVES
    )


class _Reader(ast.NodeVisitor):
    def __init__(self, use: CodeUse, tree: ast.Module) -> None:
        self._use = use
        self._constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        # What an action returns there is how it is called, not that it is.
        if node.name == "name" and len(node.args.args) == 1:
            return
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # else a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        rest: list[ast.AST] = [*node.args, *node.keywords]
        if called in _SETTERS and rest:
            key = next((one.value for one in node.keywords if one.arg == "key"), None)
            slot = key if key is not None else rest.pop(0)
            name = self._text(slot)
            if name is not None:
                self._use.slots_set.add(name)
            else:
                self.visit(slot)
            rest = [one for one in rest if getattr(one, "arg", "") != "key"]
        self.visit(node.func)
        for one in rest:
            self.visit(one)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        parts = [""]
        for value in node.values:
            if isinstance(value, ast.Constant):
                parts[-1] += str(value.value)
            else:
                parts.append("")
                self.visit(value)
        self._use.add_pattern(parts)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        # "utter_" + name
        if isinstance(node.op, ast.Add):
            left, right = self._text(node.left), self._text(node.right)
            if left is not None and right is None:
                self._use.add_pattern([left, ""])
            elif right is not None and left is None:
                self._use.add_pattern(["", right])
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._use.add_text(node.value)

    def _text(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return self._constants.get(node.id) if isinstance(node, ast.Name) else None
