"""`make review`: looks through what people said, the most instructive first."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scripts.console import give_up, say
from scripts.endpoints import ENDPOINTS
from scripts.freshness import newest_model
from scripts.project import ROOT, setting
from scripts.quiet import quieten
from scripts.train import MODELS

MEMORY = Path("var/review.db")
LOCK = Path("var/review.lock")
NEWEST = 1_000_000
"""Events that are looked through, unless told otherwise."""

MOST = 200
"""Messages that are shown at a time: more is no sitting."""


def main() -> int:
    """Review until the person has enough; 0 also where there is nothing to do."""
    parser = argparse.ArgumentParser(prog="make review", description=__doc__)
    parser.add_argument("--list", action="store_true", help="show what there is, ask nothing")
    parser.add_argument("--fresh", action="store_true", help="read all anew by the newest model")
    parser.add_argument("--newest", type=int, default=NEWEST, help="look through so many events")
    parser.add_argument("--most", type=int, default=MOST, help="show so many messages")
    parser.add_argument("--endpoints", type=Path, default=ENDPOINTS, help="names the tracker store")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    quieten()
    fresh = chosen.fresh or setting("FRESH", "0") != "0"
    try:
        return review(chosen.endpoints, chosen.newest, chosen.most, fresh, chosen.list)
    except KeyboardInterrupt:
        say("")
        return 130


def review(endpoints: Path, newest: int, most: int, fresh: bool, only_list: bool) -> int:
    """Review the messages of a tracker store; the exit status."""
    # Here, so that `--help` does not wait for what the encoder imports.
    from custom_components.sentence_encoder import EncoderUnavailableError, SentenceEncoder
    from operations.tracker_address import StoreError
    from review.data_files import DataFiles, DataFilesError
    from review.dialogue import Dialogue
    from review.listing import show_list
    from review.memory import Memory
    from review.messages import messages_of
    from review.parsing import read_anew
    from review.queue import make_queue
    from review.screen import Screen
    from review.session import Session
    from review.store import Store

    files = DataFiles(Path(), LOCK)
    memory = Memory(MEMORY)
    try:
        session = Session(files, memory)
        messages, broken = [], 0
        for conversation in Store.of(endpoints).conversations(newest):
            messages += messages_of(conversation)
            broken += conversation.broken
        if fresh and messages:
            model = newest_model(MODELS)
            if model is None:
                give_up("There is no model to read the messages anew: `make train` makes one.")
            say(f"Reading {len(messages)} messages anew by {model.name} …")
            messages = read_anew(messages, model)
        encode = SentenceEncoder().encode
        known = sorted(session.catalog.texts)
        queue = make_queue(messages, session.catalog, memory.decided, encode, known, most)
    except (StoreError, DataFilesError, EncoderUnavailableError) as error:
        give_up(str(error))
    if broken:
        say(f"{broken} events of the tracker store are broken, and were left out.")
    say(f"{queue.read} messages looked through, {len(queue.items)} are worth a look.")
    screen = Screen()
    if only_list:
        show_list(screen, queue)
    elif queue.items:
        Dialogue(screen, session, files, queue).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
