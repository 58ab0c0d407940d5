"""What command lines of benchmarks have in common."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def parser(description: str | None, *, data: bool = True) -> argparse.ArgumentParser:
    """Returns a parser with the options that every benchmark knows."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--data", type=Path, required=data, help="folder of JSON Lines files")
    made.add_argument("--json", type=Path, help="where to write the records")
    made.add_argument("--limit", type=positive, help="at most so many texts of each split")
    made.add_argument(
        "--set",
        type=settings,
        default={},
        metavar="JSON",
        help="""other settings of Parley's component, as '{"epochs": 3}'""",
    )
    return made


def positive(text: str) -> int:
    """Reads a whole number of one or more."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not one or more")
    return number


def share(text: str) -> float:
    """Reads a share: more than 0, less than 1."""
    if not 0.0 < (number := float(text)) < 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def settings(text: str) -> dict[str, Any]:
    """Reads settings, a JSON object."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"{text} is not a JSON object")
    return found
