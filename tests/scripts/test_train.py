"""A training happens when it is needed, and one that fails changes nothing."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import train
from scripts.freshness import record_path

TRAINS = """
import pathlib, sys
print("learning")
print("saved at", sys.argv[1])
(pathlib.Path(sys.argv[1]) / sys.argv[2]).write_bytes(b"a model")
"""
FAILS_HALFWAY = TRAINS + "sys.exit(3)"
MAKES_NOTHING = "print('nothing to learn')"

Pretend = Callable[..., None]


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """Puts a short program in place of `rasa train`, in a project of one file."""
    monkeypatch.chdir(tmp_path)
    Path("config.yml").write_text("language: en\n", encoding="utf-8")

    def use(program: str, model: str = "one.tar.gz") -> None:
        def command(output: Path, *, force: bool) -> list[str]:
            return [sys.executable, "-c", program, str(output), model, str(force)]

        monkeypatch.setattr(train, "rasa_train_command", command)

    return use


def test_trains_once(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(TRAINS)
    model = train.ensure_model()
    assert model == Path("models/one.tar.gz")
    assert record_path(model).exists()
    assert capsys.readouterr().out.splitlines() == [
        "Training: nothing is trained yet.",
        "learning",
        "Trained models/one.tar.gz.",
    ]

    pretend(FAILS_HALFWAY)  # would fail, were it called
    assert train.ensure_model() == model
    assert capsys.readouterr().out == "The model models/one.tar.gz is current.\n"


def test_says_what_changed(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(TRAINS)
    train.ensure_model()
    Path("data").mkdir()
    for name in "abcde":
        Path("data", f"{name}.yml").write_text(name, encoding="utf-8")
    capsys.readouterr()
    pretend(TRAINS, "two.tar.gz")
    assert train.ensure_model() == Path("models/two.tar.gz")
    assert capsys.readouterr().out.splitlines()[0] == (
        "Training: data/a.yml is new, data/b.yml is new, data/c.yml is new and 2 more."
    )


def test_force_trains_a_current_model_anew(pretend: Pretend) -> None:
    pretend(TRAINS)
    train.ensure_model()
    pretend(TRAINS, "two.tar.gz")
    assert train.ensure_model(force=True) == Path("models/two.tar.gz")


@pytest.mark.parametrize(("program", "status"), [(FAILS_HALFWAY, 3), (MAKES_NOTHING, 1)])
def test_failed_training_leaves_the_former_model(
    pretend: Pretend, program: str, status: int
) -> None:
    pretend(TRAINS)
    model = train.ensure_model()
    before = {path: path.read_bytes() for path in Path("models").rglob("*.*")}
    pretend(program, "two.tar.gz")
    with pytest.raises(SystemExit) as ended:
        train.ensure_model(force=True)
    assert ended.value.code == status
    assert {path: path.read_bytes() for path in Path("models").rglob("*.*")} == before
    pretend(program)
    assert train.ensure_model() == model


def test_clears_what_a_killed_training_left(pretend: Pretend) -> None:
    left = Path("models/.training-left")
    left.mkdir(parents=True)
    (left / "half.tar.gz").write_bytes(b"half")
    pretend(TRAINS)
    train.ensure_model()
    assert not left.exists()


def test_second_training_waits_for_the_first(
    pretend: Pretend, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(TRAINS)
    Path("models").mkdir()
    holds_the_lock = (
        "import fcntl, time\n"
        "lock = open('models/.lock', 'w'); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print('held', flush=True); time.sleep(1)"
    )
    with subprocess.Popen([sys.executable, "-c", holds_the_lock], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        start = time.monotonic()
        train.ensure_model()
    assert time.monotonic() - start > 0.5
    assert "waiting for it" in capsys.readouterr().out


def test_rasa_is_called_with_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("domain").mkdir()
    command = train.rasa_train_command(Path("out"), force=True)
    assert command[-5:] == ["--out", "out", "--domain", "domain", "--force"]
    Path("domain.yml").touch()
    assert train.rasa_train_command(Path("out"), force=False)[-2:] == ["--out", "out"]
