"""scripts/setup.sh finds a Python 3.10 that really runs, or says what to install."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scripts.conftest import ROOT, WriteProgram

BROKEN_SHIM = "echo 'pyenv: python3.10: command not found' >&2\nexit 127"
PYTHON311 = 'case "$2" in *version_info*) exit 1 ;; esac'

Machine = dict[str, str]
Put = Callable[[Path], Path]


def find(machine: Machine, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts/setup.sh"), "--find-python"],
        env={**machine, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


def path_folder(machine: Machine, tmp_path: Path) -> Path:
    folder = tmp_path / "on-path"
    folder.mkdir(exist_ok=True)
    if not machine["PATH"].startswith(str(folder)):
        machine["PATH"] = f"{folder}:{machine['PATH']}"
    return folder


def test_takes_python310_from_the_path(
    bare_machine: Machine, tmp_path: Path, python310: Put
) -> None:
    python = python310(path_folder(bare_machine, tmp_path) / "python3.10")
    assert find(bare_machine).stdout.strip() == str(python)


def test_passes_over_a_shim_that_does_not_run(
    bare_machine: Machine, tmp_path: Path, python310: Put, write_program: WriteProgram
) -> None:
    write_program(path_folder(bare_machine, tmp_path) / "python3.10", BROKEN_SHIM)
    home = Path(bare_machine["HOME"])
    python = python310(home / ".pyenv/versions/3.10.13/bin/python3.10")
    assert find(bare_machine).stdout.strip() == str(python)


def test_passes_over_another_python3(
    bare_machine: Machine, tmp_path: Path, python310: Put, write_program: WriteProgram
) -> None:
    folder = path_folder(bare_machine, tmp_path)
    write_program(folder / "python3", PYTHON311)
    python = python310(folder / "python")
    assert find(bare_machine).stdout.strip() == str(python)


@pytest.mark.parametrize(
    ("setting", "below"),
    [
        ("PYENV_ROOT", "versions/3.10.4/bin"),
        ("UV_PYTHON_INSTALL_DIR", "cpython-3.10.20-linux-x86_64-gnu/bin"),
        ("XDG_DATA_HOME", "uv/python/cpython-3.10.20-linux-x86_64-gnu/bin"),
    ],
)
def test_looks_where_version_managers_keep_theirs(
    bare_machine: Machine, tmp_path: Path, python310: Put, setting: str, below: str
) -> None:
    kept = tmp_path / "kept here"
    python = python310(kept / below / "python3.10")
    assert find(bare_machine, **{setting: str(kept)}).stdout.strip() == str(python)


def test_asks_uv_where_its_python_is(
    bare_machine: Machine, tmp_path: Path, python310: Put, write_program: WriteProgram
) -> None:
    python = python310(tmp_path / "elsewhere/python3.10")
    uv = f'[ "$1 $2" = "python find" ] && echo "{python}"'
    write_program(path_folder(bare_machine, tmp_path) / "uv", uv)
    assert find(bare_machine).stdout.strip() == str(python)


def test_has_uv_install_one_as_a_last_resort(
    bare_machine: Machine, tmp_path: Path, python310: Put, write_program: WriteProgram
) -> None:
    source = python310(tmp_path / "downloaded")
    target = Path(bare_machine["HOME"]) / ".local/share/uv/python/cpython-3.10.20-x/bin"
    uv = (
        f'[ "$1 $2" = "python install" ] || exit 1\n'
        f'mkdir -p "{target}" && cp "{source}" "{target}/python3.10"'
    )
    write_program(path_folder(bare_machine, tmp_path) / "uv", uv)
    assert find(bare_machine).stdout.strip() == str(target / "python3.10")


def test_says_in_a_line_what_to_install(bare_machine: Machine) -> None:
    found = find(bare_machine)
    assert found.returncode == 1
    assert found.stdout == ""
    assert len(found.stderr.splitlines()) == 1
    assert "no Python 3.10 found" in found.stderr
    assert "install python3.10" in found.stderr


def test_python_setting_comes_first(bare_machine: Machine, tmp_path: Path, python310: Put) -> None:
    python310(path_folder(bare_machine, tmp_path) / "python3.10")
    wanted = python310(tmp_path / "my python/python3.10")
    assert find(bare_machine, PYTHON=str(wanted)).stdout.strip() == str(wanted)


def test_refuses_a_python_setting_that_does_not_run(
    bare_machine: Machine, tmp_path: Path, python310: Put, write_program: WriteProgram
) -> None:
    python310(path_folder(bare_machine, tmp_path) / "python3.10")
    other = write_program(tmp_path / "python3.11", PYTHON311)
    found = find(bare_machine, PYTHON=str(other))
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        f"Set-up: PYTHON={other} is no Python 3.10 that runs: name one, or leave PYTHON out."
    ]
