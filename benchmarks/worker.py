"""Trains or asks one pipeline in a process of its own, so that memory and threads are its own.

Called by `benchmarks.runner`; writes its figures as JSON. Everything goes through Rasa's own
training and parsing, so that what Rasa costs is counted for every system alike.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml


def train(job: dict[str, Any]) -> dict[str, Any]:
    """Trains a pipeline on a file of Rasa's training data; the model's path and the seconds."""
    # Nothing is to come from a former training's cache.
    os.environ["RASA_CACHE_DIRECTORY"] = tempfile.mkdtemp(prefix="cache-", dir=job["folder"])
    from rasa.model_training import train_nlu

    config = Path(job["folder"], "config.yml")
    config.write_text(
        yaml.safe_dump(
            {
                "recipe": "default.v1",
                "assistant_id": "benchmark",
                "language": "en",
                "pipeline": job["pipeline"],
            }
        ),
        encoding="utf-8",
    )
    start = time.perf_counter()
    model = train_nlu(str(config), job["data"], job["folder"])
    seconds = time.perf_counter() - start
    if model is None:
        raise SystemExit("Rasa trained nothing.")
    return {"model": model, "train_seconds": seconds}


def parse(job: dict[str, Any]) -> dict[str, Any]:
    """Parses texts one at a time through `Agent.parse_message`, as a server would."""
    from rasa.core.agent import Agent

    agent = Agent.load(job["model"])
    warm_up = job["texts"][:20]
    results: list[dict[str, Any]] = []
    milliseconds: list[float] = []

    async def ask_all() -> None:
        for text in warm_up:
            await agent.parse_message(text)
        for text in job["texts"]:
            start = time.perf_counter()
            results.append(await agent.parse_message(text))
            milliseconds.append(1000 * (time.perf_counter() - start))

    asyncio.run(ask_all())
    # Kibibytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    return {"results": results, "milliseconds": milliseconds, "peak_rss_mb": peak}


def main() -> None:
    """Does the job that a file describes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["train", "parse"])
    parser.add_argument("job", type=Path)
    parser.add_argument("outcome", type=Path)
    arguments = parser.parse_args()
    job = json.loads(arguments.job.read_text(encoding="utf-8"))
    outcome = train(job) if arguments.task == "train" else parse(job)
    arguments.outcome.write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
