"""Writes the report of a model beside it."""

import os
import tempfile
from pathlib import Path

from scripts.report.archive import read_diagnosis
from scripts.report.figures import figures_of
from scripts.report.page import render
from scripts.report.places import Places

DATA = Path("data")
"""The training data's folder, below the working directory."""


def report_path(model: Path) -> Path:
    """Where the report of a model lies."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".html")


def write_report(model: Path) -> Path | None:
    """Write the report of a model; None where its training left no figures.

    Args:
        model: An archive of Rasa's, below the project's folder as the working directory.

    Raises:
        UnreadableDiagnosisError: The archive cannot be read, or is of another version.
    """
    diagnosis = read_diagnosis(model)
    if diagnosis is None:
        return None
    figures = figures_of(diagnosis, Places(DATA, Path()))
    page = render(figures, model.name.removesuffix(".tar.gz"), model.stat().st_mtime)
    path = report_path(model)
    write_whole(path, page)
    return path


def write_whole(path: Path, page: str) -> None:
    """Write a page whole or not at all: it may be open in a browser."""
    descriptor, unfinished = tempfile.mkstemp(prefix=".report-", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(page)
    Path(unfinished).replace(path)
