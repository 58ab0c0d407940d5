"""Tells what the conversations in the tracker store say: `make stats`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from actions.settings import SettingsError
from insight.conversations.periods import Period, PeriodError, read_period
from insight.conversations.reading import Reading
from insight.conversations.store import open_store
from insight.conversations.turns import follow
from insight.options import add_options, training_data
from insight.skills import Skills
from insight.stats.figures import Figures, figures_of
from insight.stats.page import render
from insight.stats.questions import Questions, cluster
from insight.stats.tally import OUT_OF_SCOPE, Tally
from insight.stats.terminal import told
from operations.tracker_address import StoreError, find_store
from privacy.masking import text_masker
from privacy.names import NamesUnavailableError
from privacy.settings import read_masking_settings
from scripts.console import give_up, say
from scripts.display import show
from scripts.project import process_environment
from scripts.report.writing import write_whole


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
                f"Messages without an answer that are rarer, and not shown: {questions.left_out}."
            )
    return figures_of(tally, questions, reading.events, notes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where there was something to tell."""
    options = _options(arguments)
    root = Path(options.project).absolute()
    try:
        period = read_period(options.since, options.period, options.until, time.time())
        url = find_store(root / options.endpoints, options.store)
        skills = Skills(training_data(root, options.data))
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
    add_options(parser, output="var/stats.html")
    parser.add_argument(
        "--out-of-scope", default=OUT_OF_SCOPE, help="the intent of what is not its business"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    # Before TensorFlow is imported, which comes with some of Rasa.
    os.environ.update(process_environment())
    sys.exit(main())
