"""What one model makes of sentences and test conversations, found out in a process of its own.

`python -m promotion.reading JOB OUTCOME`: two models at once would need twice the memory, and the
second would be asked with what the first has imported and warmed up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from promotion.comparing import Read, Reading
from scripts.project import process_environment, python_module


class ReadingFailedError(Exception):
    """A model could not be asked; the message ends with what was said last."""


def ask(
    model: Path, texts: Sequence[str], stories: Path, learnt: frozenset[str]
) -> tuple[Reading, list[str]]:
    """Asks a model.

    Args:
        model: Its archive.
        texts: The sentences.
        stories: The folder of the test conversations.
        learnt: The entities that are compared.

    Returns:
        What it makes of them, and the names of all test conversations.

    Raises:
        ReadingFailedError: It cannot be loaded, or failed.
    """
    with tempfile.TemporaryDirectory(prefix="parley-promotion-") as place:
        job, outcome, log = (Path(place, name) for name in ("job.json", "outcome.json", "log"))
        told = {"model": str(model), "texts": list(texts), "stories": str(stories)}
        job.write_text(json.dumps(told), encoding="utf-8")
        with log.open("wb") as output:
            status = subprocess.call(
                python_module("promotion.reading", str(job), str(outcome)),
                env=process_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if status != 0 or not outcome.exists():
            said = log.read_text(encoding="utf-8", errors="replace")[-1500:].strip()
            raise ReadingFailedError(f"{model.name} could not be asked:\n{said}")
        found = json.loads(outcome.read_text(encoding="utf-8"))
    sentences = [Read.of(parsed, learnt) for parsed in found["sentences"]]
    return Reading(sentences, frozenset(found["broken"])), list(found["conversations"])


async def _read(job: dict[str, Any]) -> dict[str, Any]:
    from rasa.core import test as rasa_test
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(job["model"])
    sentences = [await agent.parse_message(text) for text in job["texts"]]
    names: list[str] = []
    broken: list[str] = []
    if Path(job["stories"]).is_dir() and agent.domain is not None:
        # As `rasa test core` does it, which keeps the names of what failed for itself.
        generator = rasa_test._create_data_generator(
            job["stories"], agent, use_conversation_test_files=True
        )
        trackers = generator.generate_story_trackers()
        names = sorted({tracker.sender_id for tracker in trackers})
        evaluation, _, _ = await rasa_test._collect_story_predictions(trackers, agent, use_e2e=True)
        broken = sorted({tracker.sender_id for tracker in evaluation.failed_stories})
    return {"sentences": sentences, "conversations": names, "broken": broken}


def main() -> int:
    """Does the job that a file describes."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with contextlib.redirect_stdout(sys.stderr):
        found = asyncio.run(_read(job))
    unfinished = Path(f"{sys.argv[2]}.new")
    unfinished.write_text(json.dumps(found, default=_plain), encoding="utf-8")
    os.replace(unfinished, sys.argv[2])
    return 0


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's."""
    return value.item() if hasattr(value, "item") else str(value)


if __name__ == "__main__":
    sys.exit(main())
