"""Tells what the conversations in the tracker store say: `make stats`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from actions.settings import SettingsError
from insight.conversations.address import StoreError, find_store
from insight.conversations.events import Event, Faults, read_event
from insight.conversations.store import ConversationStore, open_store
from insight.conversations.turns import follow
from insight.skills import Skills
from insight.stats.figures import Figures, figures_of
from insight.stats.page import render
from insight.stats.periods import Period, PeriodError, read_period
from insight.stats.questions import Questions, cluster
from insight.stats.tally import OUT_OF_SCOPE, Tally
from insight.stats.terminal import told
from insight.training_data.elements import TrainingData
from insight.training_data.reading import read_training_data
from privacy.masking import text_masker
from privacy.names import NamesUnavailableError
from privacy.settings import read_masking_settings
from scripts.console import give_up, say
from scripts.display import show
from scripts.project import ROOT
from scripts.report.writing import write_whole


class Reading:
    """Reads a store's events, and counts them and what is wrong with some of them."""

    def __init__(self, store: ConversationStore, period: Period) -> None:
        """Takes an open store."""
        self._store = store
        self._period = period
        self.faults = Faults()
        self.events = 0

    def __iter__(self) -> Iterator[Event]:
        """Yields the events that can be read."""
        for row in self._store.rows(self._period.since, self._period.until):
            self.events += 1
            event = read_event(row, self.faults)
            if event is not None:
                yield event


def collect(reading: Reading, skills: Skills, out_of_scope: str = OUT_OF_SCOPE) -> Figures | None:
    """Sums up a store; None where nobody said anything in the period."""
    tally = Tally(skills, out_of_scope).add_all(follow(reading))
    notes = reading.faults.told()
    if not tally.all.turns:
        return None
    questions = Questions([])
    if tally.unanswered:
        # Not before it is needed: torch comes with it.
        from custom_components.sentence_encoder import EncoderUnavailableError, SentenceEncoder

        try:
            questions = cluster(
                tally.unanswered, SentenceEncoder(), text_masker(read_masking_settings().names)
            )
        except EncoderUnavailableError as error:
            notes.append(f"What was not answered could not be put together by meaning: {error}")
        if questions.left_out:
            notes.append(
                f"{questions.left_out} rarer messages that were not answered are not shown."
            )
    return figures_of(tally, questions, reading.events, notes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where there was something to tell."""
    options = _options(arguments)
    root = Path(options.project).absolute()
    try:
        period = read_period(options.since, options.period, options.until, time.time())
        url = find_store(root / options.endpoints, options.store)
        skills = Skills(_training_data(root, options.data))
        with open_store(url) as store:
            reading = Reading(store, period)
            figures = collect(reading, skills, options.out_of_scope)
    except (PeriodError, StoreError, NamesUnavailableError, SettingsError) as error:
        give_up(str(error))
    if figures is None:
        for line in reading.faults.told():
            say(line)
        give_up(
            f"In these {reading.events} events nobody said anything."
            if reading.events
            else "The tracker store has no events"
            + (" of that time." if period != Period() else ": nobody has talked yet.")
        )
    if options.json:
        say(json.dumps(dataclasses.asdict(figures), ensure_ascii=False, indent=1))
        return 0
    for line in told(figures):
        say(line)
    output = root / options.output
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, render(figures))
    say(f"\nThe page is {output}")
    show(output.as_uri())
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m insight.stats", description=__doc__)
    parser.add_argument("--since", default="", help="from this day or moment on: 2026-01-31")
    parser.add_argument("--until", default="", help="until this day, all of it, or this moment")
    parser.add_argument("--period", default="", help="what ends now: 24h, 7d, 4w, 3m")
    parser.add_argument("--store", default="", help="a database's address, or an SQLite file")
    parser.add_argument("--json", action="store_true", help="print JSON, and write no page")
    parser.add_argument("--output", default="var/stats.html", help="where the page goes")
    parser.add_argument("--project", default=str(ROOT), help="a Rasa project's folder")
    parser.add_argument("--endpoints", default="endpoints.yml", help="its endpoints")
    parser.add_argument(
        "--data", nargs="*", default=["domain.yml", "domain", "data"], help="its training data"
    )
    parser.add_argument(
        "--out-of-scope", default=OUT_OF_SCOPE, help="the intent of what is not its business"
    )
    return parser.parse_args(arguments)


def _training_data(root: Path, paths: Sequence[str]) -> TrainingData:
    # For the names of skills only: what cannot be read there is no affair of this report.
    found = [root / path for path in paths]
    return read_training_data(root, [path for path in found if path.exists()])


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    sys.exit(main())
