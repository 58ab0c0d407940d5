"""All benchmarks that make up the tables of `benchmarks/README.md`, one after the other.

    python -m benchmarks.suite [--data ../shared/benchmarks] [--results benchmarks/results]
        [--only latency] [--full] [--seeds 3] [--limit N]

Each writes `<results>/<name>.json`; what was measured before and is not asked for now stays.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import intents, latency, options, review, sentiment, speech, tables
from benchmarks.table import say

PUBLIC_SOURCES = """\
The data sets are public; put each into a folder of JSON Lines files (benchmarks/README.md says
which fields) and name the folder above them: make bench DATA=FOLDER
  banking77, banking77-oos  github.com/jianguoz/Few-Shot-Intent-Detection (CC BY 4.0)
  atis                      github.com/monologg/JointBERT (data/atis)
  tweeteval-sentiment       github.com/cardiffnlp/tweeteval (datasets/sentiment)
  speech-commands       github.com/Picovoice/speech-to-intent-benchmark (Apache-2.0)"""


@dataclass(frozen=True)
class Part:
    """One benchmark of the suite."""

    name: str
    """Of the file of results."""
    run: Callable[[Sequence[str]], int]
    folder: str | None
    """The data set below the data folder; None where the project's own data serve."""
    arguments: tuple[str, ...] = ()
    takes_seeds: bool = True
    is_long: bool = False
    """Takes an hour or more: only with --full."""


PARTS = (
    Part(
        "banking77-10",
        intents.main,
        "banking77",
        ("--train", "train_10", "--systems", "parley"),
    ),
    # DIET trains for minutes: once, next to the others.
    Part(
        "banking77-10-side-by-side",
        intents.main,
        "banking77",
        ("--train", "train_10", "--systems", "parley,diet,tfidf", "--seeds", "1"),
        takes_seeds=False,
    ),
    Part("sentiment", sentiment.main, "tweeteval-sentiment"),
    Part("latency", latency.main, None, takes_seeds=False),
    Part(
        "speech",
        speech.main,
        "speech-commands",
        ("--noise", "pink", "--noise", "white", "--noise", "babble"),
        takes_seeds=False,
    ),
    Part(
        "banking77-5",
        intents.main,
        "banking77",
        ("--train", "train_5", "--systems", "parley"),
    ),
    Part("review", review.main, "banking77", ("--messages", "train"), False, is_long=True),
    Part("banking77-full", intents.main, "banking77", ("--systems", "parley"), is_long=True),
    Part("banking77-oos", intents.main, "banking77-oos", ("--systems", "parley"), is_long=True),
    Part("atis", intents.main, "atis", ("--systems", "parley"), is_long=True),
    Part(
        "atis-side-by-side",
        intents.main,
        "atis",
        ("--systems", "parley,diet", "--seeds", "1"),
        takes_seeds=False,
        is_long=True,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the suite; 0 if all of it could be measured, 2 if data is missing, 1 on failure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/benchmarks"))
    parser.add_argument("--results", type=Path, default=tables.RESULTS)
    parser.add_argument("--only", action="append", choices=[part.name for part in PARTS])
    parser.add_argument("--full", action="store_true", help="the long ones too")
    parser.add_argument("--seeds", type=options.positive, default=3)
    parser.add_argument("--limit", type=options.positive, help="at most so many texts, for a try")
    chosen = parser.parse_args(arguments)
    wanted = [
        part
        for part in PARTS
        if (part.name in chosen.only if chosen.only else chosen.full or not part.is_long)
    ]
    if chosen.limit and chosen.results.resolve() == tables.RESULTS.resolve():
        say("A try with --limit is no result: name another folder with --results.")
        return 2
    missing, failed = [], []
    for number, part in enumerate(wanted, 1):
        say(f"[{number}/{len(wanted)}] {part.name}")
        if part.folder is not None and not (chosen.data / part.folder).is_dir():
            say(f"  left out: there is no {chosen.data / part.folder}")
            missing.append(part.name)
            continue
        status = part.run(_arguments(part, chosen))
        if status != 0:
            failed.append(part.name)
    if missing:
        say(f"Not measured for lack of data: {', '.join(missing)}.\n{PUBLIC_SOURCES}")
    if failed:
        say(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 2 if missing else 0


def _arguments(part: Part, chosen: argparse.Namespace) -> list[str]:
    found = [*part.arguments, "--json", str(chosen.results / f"{part.name}.json")]
    if part.folder is not None:
        folder = chosen.data / part.folder
        found += ["--data", str(folder)]
        has_splits = all((folder / f"{name}.jsonl").is_file() for name in ("train", "test"))
        if part.run is sentiment.main and not has_splits:
            found += ["--holdout", "0.25"]
    if part.takes_seeds:
        found += ["--seeds", str(chosen.seeds)]
    if chosen.limit:
        found += ["--limit", str(chosen.limit)]
    return found


if __name__ == "__main__":
    sys.exit(main())
