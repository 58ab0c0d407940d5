"""Writes the tables between the markers of a Markdown file anew from the results.

    python -m benchmarks.tables [FILE …] [--results benchmarks/results] [--check]

A table stands between `<!-- results: NAME -->` and `<!-- end -->`, where NAME is that of
`benchmarks/results/NAME.json`. Nothing between them is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    dialogue,
    encoders,
    endurance,
    intents,
    latency,
    load,
    review,
    runner,
    sentiment,
    speech,
    voices,
)
from benchmarks.table import markdown, say

RESULTS = runner.ROOT / "benchmarks" / "results"
README = runner.ROOT / "benchmarks" / "README.md"
NOT_YET = "Not measured yet."

_MARKED = re.compile(
    r"(?P<begin><!-- results: (?P<name>[\w.-]+) -->\n)(?P<old>.*?)(?P<end><!-- end -->)", re.S
)


class ResultsError(Exception):
    """A file of results cannot be read; the message names it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrites files; with `--check` only says whether they are as they should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, default=[README])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if out of date")
    chosen = parser.parse_args(arguments)
    stale = False
    for path in chosen.files:
        try:
            old = path.read_text(encoding="utf-8")
            new = with_tables(old, chosen.results)
        except (OSError, ResultsError) as error:
            say(str(error))
            return 2
        if new == old:
            continue
        stale = True
        if chosen.check:
            say(f"{path} is not what the results say: python -m benchmarks.tables")
        else:
            path.write_text(new, encoding="utf-8")
            say(f"{path}: tables written anew.")
    return 1 if chosen.check and stale else 0


def with_tables(text: str, results: Path) -> str:
    """Returns a Markdown text with its tables as the results have them.

    Raises:
        ResultsError: A file of results is broken, or of no benchmark that is known.
    """

    def replaced(marked: re.Match[str]) -> str:
        path = results / f"{marked['name']}.json"
        table = render(_read(path), path) if path.is_file() else NOT_YET
        return f"{marked['begin']}{table}\n{marked['end']}"

    return _MARKED.sub(replaced, text)


def render(records: list[dict[str, Any]], path: Path) -> str:
    """Returns the table of one file of results, and a line on what it was measured with."""
    benchmark = records[0].get("benchmark")
    if benchmark == "intents":
        table = markdown(records, intents.COLUMNS)
    elif benchmark == "sentiment":
        table = markdown(records, sentiment.COLUMNS)
    elif benchmark == "encoders":
        table = markdown(records, encoders.COLUMNS, encoders.KEYS)
    elif benchmark == "dialogue":
        table = markdown(records, dialogue.COLUMNS, dialogue.KEYS)
    elif benchmark == "speech":
        table = markdown(records, speech.COLUMNS, speech.KEYS)
    elif benchmark == "review":
        table = f"{markdown(records, review.COLUMNS, review.KEYS)}\n\n{review.verdict(records)}"
    elif benchmark == "endurance":
        table = endurance.table(records)
    elif benchmark == "load":
        table = markdown(records, load.COLUMNS, load.KEYS)
    elif benchmark == "voices":
        table = markdown(records, voices.COLUMNS, voices.KEYS)
    elif benchmark == "latency":
        table = latency.tables(records)
    else:
        raise ResultsError(f"{path}: no benchmark called {benchmark!r} is known.")
    return f"{table}\n\n{circumstances(records)}"


def circumstances(records: Sequence[dict[str, Any]]) -> str:
    """Returns one line on machine, versions and commit; several values where there were such."""

    def values(key: str) -> str:
        return ", ".join(
            dict.fromkeys(str(one[key]) for one in records if one.get(key) is not None)
        )

    changed = " with changes" if any(one.get("changed") for one in records) else ""
    told = [f"Commit {values('commit') or 'unknown'}{changed}", values("machine")]
    told += [f"{key} {values(key)}" for key in ("torch", "tensorflow", "rasa") if values(key)]
    for key, words in (("threads", "threads"), ("rounds", "rounds"), ("messages", "messages")):
        if values(key):
            told.append(f"{values(key)} {words}")
    told.append(f"load before {values('load_before')}")
    told.append(f"data {values('data_sha256')[:12]}")
    return "; ".join(told) + "."


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultsError(f"{path} is not JSON: {error}") from error
    if not isinstance(records, list) or not records or not isinstance(records[0], dict):
        raise ResultsError(f"{path} holds no list of records.")
    return records


if __name__ == "__main__":
    sys.exit(main())
