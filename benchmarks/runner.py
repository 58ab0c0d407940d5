"""Runs jobs in processes of their own, and writes down what they were run on."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets import LabelledText, write_texts

ROOT = Path(__file__).resolve().parent.parent

Record = dict[str, Any]

_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


class WorkerFailedError(Exception):
    """A process failed; the message ends with what it said last."""


def train(
    pipeline: Sequence[dict[str, Any]],
    texts: Iterable[LabelledText],
    folder: Path,
    threads: int | None = None,
) -> tuple[Path, float]:
    """Trains a pipeline with `rasa train nlu`'s own code.

    Returns:
        The model's path, and the seconds that training took as a whole.
    """
    data = folder / "texts.json"
    write_texts(texts, data)
    job = {"pipeline": list(pipeline), "texts": str(data), "folder": str(folder)}
    outcome = run_job("train", job, folder, threads)
    return Path(outcome["model"]), float(outcome["train_seconds"])


def parse(model: Path, texts: Sequence[str], folder: Path) -> Record:
    """Parses texts one at a time; results, milliseconds each, and the peak of memory."""
    return run_job("parse", {"model": str(model), "texts": list(texts)}, folder)


def train_and_parse(
    pipeline: Sequence[dict[str, Any]], train_texts: Iterable[LabelledText], texts: Sequence[str]
) -> Record:
    """Trains a pipeline and parses texts; what `parse` returns, seconds and size of the model."""
    with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as place:
        model, seconds = train(pipeline, train_texts, Path(place))
        size = model.stat().st_size / 2**20
        return {
            **parse(model, texts, Path(place)),
            "train_seconds": seconds,
            "artifact_mb": size,
        }


def classify(train_texts: Sequence[LabelledText], texts: Sequence[str]) -> Record:
    """Lets the TF-IDF baseline learn and answer, without Rasa; in the form of `parse`."""
    with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as place:
        job = {
            "train_texts": [one.text for one in train_texts],
            "train_labels": [str(one.label) for one in train_texts],
            "texts": list(texts),
        }
        return run_job("classify", job, Path(place))


def costs(asked: Record, count: int) -> Record:
    """Returns the figures of cost; the times are those of the first `count` texts."""
    times = asked["milliseconds"][:count]
    found = {
        "train_seconds": asked["train_seconds"],
        "parse_ms_p50": float(np.percentile(times, 50)),
        "parse_ms_p99": float(np.percentile(times, 99)),
        "peak_rss_mb": asked["peak_rss_mb"],
    }
    return found | {key: asked[key] for key in ("artifact_mb",) if key in asked}


def run_job(task: str, job: Record, folder: Path, threads: int | None = None) -> Record:
    """Runs a task of `benchmarks.worker` in a process of its own.

    Args:
        task: A key of `benchmarks.worker.TASKS`.
        job: What it is given.
        folder: Where its files may lie while it runs.
        threads: How many threads PyTorch and TensorFlow take; None: what they choose.

    Raises:
        WorkerFailedError: It failed.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="job-") as place:
        request, reply, log = (Path(place, name) for name in ("job.json", "reply.json", "log"))
        request.write_text(json.dumps(job), encoding="utf-8")
        with log.open("wb") as output:
            status = subprocess.call(
                [sys.executable, "-m", "benchmarks.worker", task, str(request), str(reply)],
                cwd=ROOT,
                env=_environment(threads),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if status != 0:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:].strip()
            raise WorkerFailedError(f"The {task} process ended with status {status}:\n{said}")
        outcome: Record = json.loads(reply.read_text(encoding="utf-8"))
        return outcome


def _environment(threads: int | None) -> dict[str, str]:
    quiet = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "PASSIVE",
        "JAX_PLATFORMS": "cpu",
    }
    limits = {} if threads is None else dict.fromkeys(_THREADS, str(threads))
    return {**quiet, **os.environ, **limits}


def circumstances() -> Record:
    """Returns what a figure depends on besides the code: commit, machine, versions."""
    return {
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "machine": f"{_processor()}, {_processors()} CPUs, {platform.system()}",
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **_versions("torch", "transformers", "tensorflow", "rasa"),
    }


def _versions(*names: str) -> dict[str, str]:
    found = {}
    for name in names:
        # TensorFlow's distribution has other names on other machines.
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _processors() -> int:
    """Returns how many CPUs this process may use, which is what counts."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
