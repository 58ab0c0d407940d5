"""Folders, stand-ins and small projects for the tests of the scripts."""

import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = (
    *("sh", "cat", "cksum", "cp", "dirname", "env", "flock", "grep", "mkdir", "mv", "rm"),
    *("sed", "sleep", "tail", "touch", "uname"),
)

WriteProgram = Callable[[Path, str], Path]

CODE = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"} | {"web"}


def copy_project(folder: Path) -> None:
    """Makes a project of a folder with an assistant of its own: all code, and how it is served."""
    for name in sorted(CODE):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
    for name in ("endpoints.yml", "credentials.yml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "var").mkdir()


@pytest.fixture
def write_program() -> WriteProgram:
    """Writes a shell script that can be called as a program."""

    def write(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with an empty home and no Python at all."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "PATH": str(tools)}


@pytest.fixture
def python310(write_program: WriteProgram) -> Callable[[Path], Path]:
    """Puts a Python 3.10 that really runs in a place."""

    def put(path: Path) -> Path:
        return write_program(path, f'exec "{os.path.realpath(sys.executable)}" "$@"')

    return put
