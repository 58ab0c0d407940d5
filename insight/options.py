"""What both reports can be told on their command lines."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from insight.training_data.elements import TrainingData
from insight.training_data.reading import read_training_data
from scripts.project import ROOT


def add_options(parser: argparse.ArgumentParser, output: str) -> None:
    """Adds the options that both have.

    Args:
        parser: What reads the command line.
        output: Where the page goes unless somebody says otherwise.
    """
    parser.add_argument("--since", default="", help="from this day or moment on: 2026-01-31")
    parser.add_argument("--until", default="", help="until this day, all of it, or this moment")
    parser.add_argument("--period", default="", help="what ends now: 24h, 7d, 4w, 3m")
    parser.add_argument("--store", default="", help="a database's address, or an SQLite file")
    parser.add_argument("--json", action="store_true", help="print JSON, and write no page")
    parser.add_argument("--output", default=output, help="where the page goes")
    parser.add_argument("--project", default=str(ROOT), help="a Rasa project's folder")
    parser.add_argument("--endpoints", default="endpoints.yml", help="its endpoints")
    parser.add_argument(
        "--data", nargs="+", default=["domain.yml", "domain", "data"], help="domain and data"
    )


def training_data(root: Path, paths: Sequence[str]) -> TrainingData:
    """Reads those of the paths that are there."""
    found = [root / path for path in paths]
    return read_training_data(root, [path for path in found if path.exists()])
