"""The folder of models: the one in use, candidates, and those that were withdrawn.

In use is the newest in `models/`, as Rasa itself has it. A candidate lies in `models/candidates/`
until it is promoted; whoever starts a server in the meantime does not see it. What `make rollback`
takes away lies in `models/withdrawn/`, and is never deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from scripts.freshness import Digests, judge, newest_model, pin, record_path, unpin
from scripts.train import report, train_into

CANDIDATES = "candidates"
WITHDRAWN = "withdrawn"


def candidate_for(models: Path, sources: Digests) -> tuple[Path, bool]:
    """A model made of the sources: one that waits already, else one that is trained now.

    Returns:
        The model, and whether it was trained now.

    Raises:
        SystemExit: The training failed.
    """
    folder = models / CANDIDATES
    folder.mkdir(parents=True, exist_ok=True)
    waiting = judge(folder, sources).model
    if waiting is not None:
        return waiting, False
    made = train_into(folder, sources, force=False)
    report(made)
    # Those of older data will never be promoted.
    for other in folder.glob("*.tar.gz"):
        if other.name != made.name:
            for path in belongings(other):
                path.unlink()
    return made, True


def promote(models: Path, candidate: Path) -> Path:
    """Makes a candidate the model in use.

    The record goes first: a model that is there without one would be trained anew. Killed in
    between, the candidate is not there yet, and the old model is in use.
    """
    target = models / candidate.name
    for path in sorted(belongings(candidate), key=lambda path: path == candidate):
        if path == candidate:
            # Rasa takes the newest: another may have been made since this one was.
            os.utime(path)
        os.replace(path, models / path.name)
    unpin(models)
    return target


def roll_back(models: Path, sources: Digests) -> tuple[Path, Path] | None:
    """Takes the newest model away, so that the one before is in use again.

    It counts as current until the sources change.

    Returns:
        The model that is in use now, and where the other one lies; None where there is none
        to go back to.
    """
    withdrawn = newest_model(models)
    if withdrawn is None or len(list(models.glob("*.tar.gz"))) < 2:
        return None
    folder = models / WITHDRAWN
    folder.mkdir(exist_ok=True)
    for path in sorted(belongings(withdrawn), key=lambda path: path != withdrawn):
        os.replace(path, folder / path.name)
    former = newest_model(models)
    assert former is not None
    pin(former, sources)
    return former, folder / withdrawn.name


def commit_told(model: Path) -> str:
    """From which commit a model's data came, in words."""
    try:
        record = json.loads(record_path(model).read_text(encoding="utf-8"))
        commit = record["commit"]
    except (OSError, ValueError, KeyError):
        return "data of an unknown commit"
    if not commit:
        return "data outside of git"
    changed = " and changes on top" if record.get("changed") else ""
    return f"data of commit {str(commit)[:12]}{changed}"


def belongings(model: Path) -> list[Path]:
    """A model, and what lies beside it: its record, its report."""
    return [path for path in _beside(model) if path.exists()]


def _beside(model: Path) -> Iterator[Path]:
    yield record_path(model)
    yield record_path(model).with_suffix(".html")
    yield model
