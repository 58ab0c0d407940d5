"""`make promote` and `make rollback`: another model comes into use, and why."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from actions.settings.delivery import read_delivery_settings
from actions.settings.reading import SettingsError
from promotion.comparing import Comparison, compare
from promotion.heldout import CONVERSATIONS, held_out, learnt_entities
from promotion.reading import ReadingFailedError, ask
from promotion.serving import ServerRefusedError, change_model
from promotion.shelf import candidate_for, commit_told, promote, roll_back
from promotion.showing import show
from scripts.console import complain, give_up, say
from scripts.freshness import digest_sources, judge, newest_model
from scripts.project import ROOT, setting
from scripts.quiet import quieten
from scripts.train import MODELS, one_training_at_a_time

REFUSED = 3
"""Exit status where the candidate is worse, and stays one."""


def main() -> int:
    """Promote or roll back; 0 where the right model is in use in the end."""
    parser = argparse.ArgumentParser(prog="make promote", description=__doc__)
    parser.add_argument("--rollback", action="store_true", help="back to the model before")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    quieten()
    MODELS.mkdir(exist_ok=True)
    try:
        with one_training_at_a_time(MODELS):
            if chosen.rollback:
                return go_back(MODELS)
            return go_on(MODELS, force=setting("FORCE", "0") != "0")
    except KeyboardInterrupt:
        complain("Broken off; the model in use stays as it is.")
        return 130


def go_on(models: Path, force: bool) -> int:
    """Train, compare, and promote what is no worse; the exit status."""
    sources = digest_sources(Path.cwd())
    current = newest_model(models)
    if judge(models, sources).model is not None and not force:
        say(f"{current} is made of these data: there is nothing to promote.")
        return 0
    candidate, trained = candidate_for(models, sources)
    say(f"{'Trained' if trained else 'Waiting'}: {candidate.name} ({commit_told(candidate)}).")
    if current is not None:
        comparison = _compared(current, candidate)
        show(comparison, say)
        say("")
        if comparison.objections:
            say(f"{candidate.name} is worse than {current.name} ({commit_told(current)}):")
            for objection in comparison.objections:
                say(f"  {objection}")
            if not force:
                say("It stays a candidate; `make promote FORCE=1` takes it all the same.")
                return REFUSED
    in_use = promote(models, candidate)
    say(f"In use: {in_use} ({commit_told(in_use)}). `make rollback` goes back.")
    return _tell_server(in_use)


def go_back(models: Path) -> int:
    """Put the model before into use again; the exit status."""
    found = roll_back(models, digest_sources(Path.cwd()))
    if found is None:
        give_up(f"There is no model in {models} to go back to.")
    in_use, withdrawn = found
    say(f"In use: {in_use} ({commit_told(in_use)}), until the data change.")
    say(f"The other one lies in {withdrawn}.")
    return _tell_server(in_use)


def _compared(current: Path, candidate: Path) -> Comparison:
    wanted, learnt = held_out(), learnt_entities()
    texts = [one.text for one in wanted]
    say(f"Asking both models {len(texts)} held-out sentences and the test conversations …")
    try:
        old, _ = ask(current, texts, CONVERSATIONS, learnt)
        new, conversations = ask(candidate, texts, CONVERSATIONS, learnt)
    except ReadingFailedError as error:
        give_up(f"{error}\nThe model in use stays as it is.")
    return compare(wanted, conversations, old, new)


def _tell_server(model: Path) -> int:
    try:
        settings = read_delivery_settings()
        took_it = change_model(settings.api_url, settings.api_token, model)
    except (SettingsError, ServerRefusedError) as error:
        complain(str(error))
        return 1
    if took_it:
        say(f"The server at {settings.api_url} answers with it from now on.")
    else:
        say("No server runs; the next one that starts takes it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
