"""Trains a model where there is no current one.

`FORCE=1` trains anyway, and from scratch: Rasa's own cache is passed over too.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.console import complain, give_up, say
from scripts.freshness import Digests, digest_sources, judge, write_record
from scripts.project import ROOT, process_environment, python_module, setting

MODELS = Path("models")
_REASONS_TOLD = 3
_PROGRESS = re.compile(r"[\w ]+: +\d+%\||[\w ]+: \d+it |\s*$")
"""A step of a progress bar; Python reads the carriage return before it as a line's end."""


def ensure_model(models: Path = MODELS, *, force: bool = False) -> Path:
    """The current model, trained now if there is none.

    Args:
        models: Folder of the trained models, below the working directory.
        force: Train even if the newest model is current.

    Raises:
        SystemExit: The training failed. Former models and their records are untouched.
    """
    models.mkdir(parents=True, exist_ok=True)
    with one_training_at_a_time(models):
        sources = digest_sources(Path.cwd())
        verdict = judge(models, sources)
        if verdict.model is not None and not force:
            say(f"The model {verdict.model} is current.")
            return verdict.model
        say(f"Training: {_tell(verdict.reasons or ('FORCE is set',))}.")
        model = train_into(models, sources, force=force)
        say(f"Trained {model}.")
        report(model)
        return model


def rasa_train_command(output: Path, *, force: bool) -> list[str]:
    """How Rasa is called to train into a folder."""
    command = python_module("scripts.rasa_program", "train", "--out", str(output))
    if not Path("domain.yml").exists() and Path("domain").is_dir():
        command += ["--domain", "domain"]
    return [*command, "--force"] if force else command


def train_into(models: Path, sources: Digests, *, force: bool) -> Path:
    """Train a model and write its record.

    Args:
        models: The folder that it goes to.
        sources: What it is made from.
        force: Train from scratch.

    Raises:
        SystemExit: The training failed; nothing in the folder has changed.
    """
    # In a folder of its own: a training that fails or is broken off leaves nothing
    # that could be taken for a model.
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as folder:
        output = Path(folder)
        status = _run(rasa_train_command(output, force=force), unsaid=str(output))
        made = list(output.glob("*.tar.gz"))
        if status != 0 or len(made) != 1:
            complain("The training failed; the former model stays as it is.")
            raise SystemExit(status if status > 0 else 1)
        model = models / made[0].name
        made[0].replace(model)
    write_record(model, sources)
    return model


def report(model: Path) -> None:
    """Write the training report beside a model, where its training left figures for one."""
    # The model is there and good: whatever the report runs into is no failure of the training.
    try:
        # Here, as `make chat` with a current model has no use for what it imports.
        from scripts.report import write_report

        written = write_report(model)
    except Exception as error:
        complain(f"The training report could not be written: {error}")
        return
    if written is not None:
        say(f"Report: {written} (`make report` opens it).")


def _run(command: list[str], unsaid: str) -> int:
    """Run a command; its output passes through, but for lines with `unsaid`.

    That is the folder which the model is about to leave. Progress bars are written to
    standard error, which stays the terminal's own; without a terminal each of their steps
    would be a line of a log, and they are left out.
    """
    on_terminal = sys.stderr.isatty()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if on_terminal else subprocess.STDOUT,
        env=process_environment(),
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if unsaid not in line and not _PROGRESS.match(line):
                say(line.rstrip("\n"))
    return process.returncode


@contextlib.contextmanager
def one_training_at_a_time(models: Path) -> Iterator[None]:
    """Nobody else trains into this folder meanwhile, nor puts another model in its place."""
    with (models / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another training is at work here: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left_behind in models.glob(".training-*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        yield


def _tell(reasons: Sequence[str]) -> str:
    told = ", ".join(reasons[:_REASONS_TOLD])
    more = len(reasons) - _REASONS_TOLD
    return f"{told} and {more} more" if more > 0 else told


def main() -> int:
    """Train if need be; 0 where a current model is there in the end."""
    os.chdir(ROOT)
    if not Path("config.yml").exists():
        give_up("There is no config.yml here, so nothing to train.")
    try:
        ensure_model(force=setting("FORCE", "0") != "0")
    except KeyboardInterrupt:
        complain("The training was broken off; the former model stays as it is.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
