"""scripts/setup.sh makes .venv once, knows when it is stale, and mends what is half made.

uv and the environment's Python are stand-ins that note their calls.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scripts.conftest import ROOT, WriteProgram

# `uv venv` makes an environment whose Python is the real one; `uv pip sync` installs
# nothing, unless a file tells it to fail or to take its time.
UV = """
[ "$1" = python ] || echo "$1 $2" >> "$NOTES/calls"
if [ "$1" = venv ]; then
    mkdir -p .venv/bin && cp "$3" .venv/bin/python
elif [ "$1" = pip ]; then
    [ ! -e "$NOTES/fail" ] || { echo 'error: no route to the registry' >&2; exit 2; }
    [ ! -e "$NOTES/slow" ] || sleep 2
fi
"""

# A Debian Python without python3-venv, in which every package seems to be installed.
PYTHON = """
case "$2" in
    *ensurepip*) exit 1 ;;
    *'import rasa'*) exit 0 ;;
esac
exec "{python}" "$@"
"""


class Project:
    """A copy of what the set-up reads, on a machine with stand-ins."""

    def __init__(self, folder: Path, environment: dict[str, str], notes: Path) -> None:
        self.folder = folder
        self.environment = environment
        self.notes = notes

    @property
    def stamp(self) -> Path:
        return self.folder / ".venv/.set-up"

    def command(self) -> list[str]:
        return ["/bin/sh", str(self.folder / "scripts/setup.sh")]

    def set_up(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(), env=self.environment, capture_output=True, text=True, timeout=60
        )

    def calls(self) -> list[str]:
        """What uv was asked for since the last time this was read."""
        path = self.notes / "calls"
        calls = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [call.strip() for call in calls]


@pytest.fixture
def project(
    tmp_path: Path,
    bare_machine: dict[str, str],
    python310: Callable[[Path], Path],
    write_program: WriteProgram,
) -> Project:
    folder = tmp_path / "my project"
    (folder / "scripts").mkdir(parents=True)
    for name in ("setup.sh", "certificates.sh"):
        shutil.copy(ROOT / "scripts" / name, folder / "scripts")
    (folder / "requirements.lock").write_text("uv==0.0.0 \\\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    notes = tmp_path / "notes"
    notes.mkdir()
    programs = tmp_path / "programs"
    real = python310(tmp_path / "real/python3.10")
    write_program(programs / "python3.10", PYTHON.format(python=real))
    write_program(programs / "uv", UV)
    environment = {**bare_machine, "NOTES": str(notes)}
    environment["PATH"] = f"{programs}:{bare_machine['PATH']}"
    return Project(folder, environment, notes)


def test_makes_the_environment_once(project: Project) -> None:
    first = project.set_up()
    assert first.returncode == 0, first.stderr
    assert project.calls() == ["venv --python", "pip sync"]
    second = project.set_up()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert project.calls() == []


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", "scripts/setup.sh"])
def test_brings_it_up_to_date_when_its_sources_change(project: Project, changed: str) -> None:
    project.set_up()
    project.calls()
    with (project.folder / changed).open("a", encoding="utf-8") as file:
        file.write("\n# more\n")
    assert project.set_up().returncode == 0
    assert project.calls() == ["pip sync"]


def test_failed_install_says_what_failed_and_is_not_taken_for_done(project: Project) -> None:
    (project.notes / "fail").touch()
    failed = project.set_up()
    assert failed.returncode == 1
    assert "Set-up: installing requirements.lock failed" in failed.stderr.splitlines()[-1]
    assert "no route to the registry" in failed.stderr
    assert not project.stamp.exists()

    (project.notes / "fail").unlink()
    project.calls()
    assert project.set_up().returncode == 0
    assert project.calls() == ["venv --python", "pip sync"]


def test_failed_update_starts_over(project: Project) -> None:
    project.set_up()
    (project.notes / "fail").touch()
    (project.folder / "requirements.lock").write_text("uv==0.0.1 \\\n", encoding="utf-8")
    assert project.set_up().returncode == 1
    assert not project.stamp.exists()


def test_two_at_once_install_once(project: Project) -> None:
    (project.notes / "slow").touch()
    both = [
        subprocess.Popen(
            project.command(), env=project.environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = "".join(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert project.calls() == ["venv --python", "pip sync"]
    assert told.count("waiting for it") == 1


def test_two_at_once_install_once_where_there_is_no_flock(project: Project, tmp_path: Path) -> None:
    (tmp_path / "tools/flock").unlink()
    test_two_at_once_install_once(project)


def test_lock_of_a_dead_process_is_no_obstacle(project: Project, tmp_path: Path) -> None:
    (tmp_path / "tools/flock").unlink()
    holder = subprocess.Popen(["true"])
    holder.wait()
    lock = project.folder / ".setup.lock.d"
    lock.mkdir()
    (lock / "pid").write_text(f"{holder.pid}\n", encoding="utf-8")
    assert project.set_up().returncode == 0
    assert not lock.exists()


def test_environment_that_was_moved_is_made_anew(project: Project) -> None:
    project.set_up()
    project.calls()
    moved = project.folder.with_name("moved")
    project.folder.rename(moved)
    project.folder = moved
    assert project.set_up().returncode == 0
    assert project.calls() == ["venv --python", "pip sync"]


def test_environment_whose_python_is_gone_is_made_anew(project: Project) -> None:
    project.set_up()
    project.calls()
    (project.folder / ".venv/bin/python").unlink()
    assert project.set_up().returncode == 0
    assert project.calls() == ["venv --python", "pip sync"]


def test_python_without_venv_and_no_uv_ends_with_a_line(project: Project) -> None:
    (Path(project.environment["PATH"].split(":")[0]) / "uv").unlink()
    failed = project.set_up()
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1
    assert "python3.10-venv" in failed.stderr
