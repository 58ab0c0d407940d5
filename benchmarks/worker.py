"""Does one job in a process of its own, so that memory and threads are its own.

Called by `benchmarks.runner`; writes its figures as JSON. Rasa's pipelines go through Rasa's own
training and parsing, so that what Rasa costs is counted for every one of them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.memory import peak_rss_mb

TASKS = {
    "train": "benchmarks.worker",
    "parse": "benchmarks.worker",
    "classify": "benchmarks.tfidf",
    "predict_actions": "benchmarks.dialogue",
    "time_parsing": "benchmarks.stages",
    "time_products": "benchmarks.arithmetic",
    "hear": "benchmarks.hearing",
    "hear_spoken": "benchmarks.hearing",
}
"""Where the function for each task is; imported only in the process that needs it."""

WARM_UP = 20
"""Messages before the clock counts."""


def train(job: dict[str, Any]) -> dict[str, Any]:
    """Trains a pipeline on a file of texts; the model's path and the seconds."""
    # Nothing is to come from a former training's cache.
    os.environ["RASA_CACHE_DIRECTORY"] = tempfile.mkdtemp(prefix="cache-", dir=job["folder"])
    log_like_a_server()
    # With all components, whose modules take longer to load than some trainings.
    import rasa.engine.recipes.default_components  # noqa: F401
    from rasa.model_training import train_nlu

    for component in job["pipeline"]:
        module, _, _ = component["name"].rpartition(".")
        if module:
            importlib.import_module(module)

    config = Path(job["folder"], "config.yml")
    config.write_text(
        yaml.safe_dump(
            {
                "recipe": "default.v1",
                "assistant_id": "benchmark",
                "language": "en",
                "importers": [
                    {"name": "benchmarks.importer.LabelledTextImporter", "texts": job["texts"]}
                ],
                "pipeline": job["pipeline"],
            }
        ),
        encoding="utf-8",
    )
    start = time.perf_counter()
    model = train_nlu(str(config), job["texts"], job["folder"])
    seconds = time.perf_counter() - start
    if model is None:
        raise SystemExit("Rasa trained nothing.")
    return {"model": model, "train_seconds": seconds}


def parse(job: dict[str, Any]) -> dict[str, Any]:
    """Parses texts one at a time through `Agent.parse_message`, as a server would."""
    log_like_a_server()
    from rasa.core.agent import Agent

    results, milliseconds = ask(Agent.load(job["model"]), job["texts"])
    return {"results": results, "milliseconds": milliseconds, "peak_rss_mb": peak_rss_mb()}


def ask(agent: Any, texts: list[str]) -> tuple[list[dict[str, Any]], list[float]]:
    """Parses texts one after the other; the results, and the milliseconds each took."""
    results: list[dict[str, Any]] = []
    milliseconds: list[float] = []

    async def ask_all() -> None:
        for text in texts[:WARM_UP]:
            await agent.parse_message(text)
        for text in texts:
            start = time.perf_counter()
            results.append(await agent.parse_message(text))
            milliseconds.append(1000 * (time.perf_counter() - start))

    asyncio.run(ask_all())
    return results, milliseconds


def log_like_a_server() -> None:
    """Sets up logging as `rasa run` does.

    Without it, structlog renders each parse's debug messages: time that no server spends.
    """
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.INFO)


def main() -> None:
    """Does the job that a file describes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("job", type=Path)
    parser.add_argument("outcome", type=Path)
    arguments = parser.parse_args()
    job = json.loads(arguments.job.read_text(encoding="utf-8"))
    task = getattr(importlib.import_module(TASKS[arguments.task]), arguments.task)
    arguments.outcome.write_text(json.dumps(task(job)), encoding="utf-8")


if __name__ == "__main__":
    main()
