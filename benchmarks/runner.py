"""Runs trainings and parses in processes of their own, and writes down what they were run on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.datasets import LabelledText, as_training_data

ROOT = Path(__file__).resolve().parent.parent

Record = dict[str, Any]


class WorkerFailedError(Exception):
    """A training or parsing process failed; the message ends with what it said last."""


def train(
    pipeline: Sequence[dict[str, Any]], texts: Sequence[LabelledText], folder: Path
) -> tuple[Path, float]:
    """Trains a pipeline with `rasa train nlu`'s own code.

    Returns:
        The model's path, and the seconds that training took as a whole.
    """
    data = folder / "training.json"
    data.write_text(as_training_data(texts).nlu_as_json(), encoding="utf-8")
    outcome = _run(
        "train", {"pipeline": list(pipeline), "data": str(data), "folder": str(folder)}, folder
    )
    return Path(outcome["model"]), float(outcome["train_seconds"])


def parse(model: Path, texts: Sequence[str], folder: Path) -> dict[str, Any]:
    """Parses texts one at a time; results, milliseconds each, and the peak of memory."""
    return _run("parse", {"model": str(model), "texts": list(texts)}, folder)


def _run(task: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=folder, prefix="job-") as place:
        request, reply, log = (Path(place, name) for name in ("job.json", "reply.json", "log"))
        request.write_text(json.dumps(job), encoding="utf-8")
        with log.open("wb") as output:
            status = subprocess.call(
                [sys.executable, "-m", "benchmarks.worker", task, str(request), str(reply)],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if status != 0:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise WorkerFailedError(f"The {task} process ended with status {status}:\n{said}")
        outcome: dict[str, Any] = json.loads(reply.read_text(encoding="utf-8"))
        return outcome


def _environment() -> dict[str, str]:
    quiet = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "PASSIVE",
        "JAX_PLATFORMS": "cpu",
    }
    return {**quiet, **os.environ}


def circumstances() -> Record:
    """Returns what a figure depends on besides the code: commit, machine, versions."""
    import torch
    import transformers

    return {
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "machine": f"{_processor()}, {os.cpu_count()} CPUs, {platform.system()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def write_records(records: Sequence[Record], path: Path) -> None:
    """Writes records as a JSON list, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(path.suffix + ".new")
    unfinished.write_text(json.dumps(list(records), indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
