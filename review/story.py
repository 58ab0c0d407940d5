"""`make story`: a conversation, or a part of it, becomes a story, a rule or a test conversation.

    make story                                        the newest conversations
    make story CONVERSATION=ann                       its turns, with their numbers
    make story CONVERSATION=ann FROM=2 TO=4 AS=story  written into data/stories

`AS=rule` takes one turn, `AS=test` goes into tests/stories. `NAME=…` is its name, `ARGS='--skill
lists'` the file's. Where it contradicts what is there, both places are shown and nothing is
written, unless `FORCE=1`; `ARGS=--dry` writes nothing in any case.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from scripts.console import complain, give_up, say
from scripts.endpoints import ENDPOINTS
from scripts.project import ROOT, setting
from scripts.quiet import quieten

NEWEST = 20
CONTRADICTS = 3
"""Exit status where nothing was written because of a contradiction."""

_FOLDERS = {"story": "data/stories", "rule": "data/rules", "test": "tests/stories"}


def main() -> int:
    """List, show or write; 0 where that could be done."""
    parser = argparse.ArgumentParser(
        prog="make story", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--conversation", default=setting("CONVERSATION", ""))
    parser.add_argument("--from", dest="first", type=int, default=_number("FROM", 1))
    parser.add_argument("--to", dest="last", type=int, default=_number("TO", -1))
    parser.add_argument("--as", dest="kind", choices=_FOLDERS, default=setting("AS", "") or None)
    parser.add_argument("--name", default=setting("NAME", ""))
    parser.add_argument("--skill", default="", help="the file that it goes to, by its name")
    parser.add_argument("--endpoints", type=Path, default=ENDPOINTS)
    parser.add_argument("--dry", action="store_true", help="show it, write nothing")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    quieten()
    if chosen.kind is not None and chosen.kind not in _FOLDERS:
        give_up(f"AS={chosen.kind}: it can become a {', a '.join(_FOLDERS)}.")
    return tell(chosen, force=setting("FORCE", "0") != "0")


def tell(chosen: argparse.Namespace, force: bool) -> int:
    """Do what the command line says; the exit status."""
    # Here, so that `--help` does not wait for Rasa.
    from channels.inspector.reading import Excerpt, bounds, turn_starts
    from operations.tracker_address import StoreError
    from review.store import Store

    try:
        store = Store.of(chosen.endpoints)
        if not chosen.conversation:
            for sender in store.newest_ids(NEWEST):
                say(sender)
            say("CONVERSATION=… shows the turns of one.")
            return 0
        found = store.conversation(chosen.conversation)
    except StoreError as error:
        give_up(str(error))
    if found is None:
        give_up(f"There is no conversation '{chosen.conversation}'; `make story` lists the newest.")
    events = [_masked(event) for event in found.events]
    starts = turn_starts(events)
    if not starts:
        give_up("Nothing was said in this conversation.")
    begin, end = bounds(chosen.first, chosen.last, len(starts))
    if chosen.first > len(starts) or begin > end:
        give_up(f"The conversation has {len(starts)} turns: FROM={chosen.first} TO={chosen.last}?")
    if chosen.kind is None:
        _show_turns(events, starts)
        say("FROM=… TO=… AS=story, rule or test makes something of them.")
        return 0
    cut = starts[begin - 1] if begin > 1 else 0
    until = starts[end] if end < len(starts) else len(events)
    excerpt = Excerpt(
        total=len(starts),
        first=begin,
        before=events[:cut],
        events=events[cut:until],
        version="",
        starts=[start - cut for start in starts[begin - 1 : end]],
    )
    return _write(excerpt, chosen, force)


def _write(excerpt: Any, chosen: argparse.Namespace, force: bool) -> int:
    from rasa.utils.log_utils import configure_structlog

    from channels.inspector.stories import Model, NotTellableError, write
    from review.conflicts import DialogueData, DialogueDataError, side_by_side
    from review.data_files import DataFiles
    from review.story_text import StoryTextError, append, free_name, names_in

    configure_structlog(logging.ERROR)
    try:
        data = DialogueData(Path(), _max_history())
        model = Model(data.domain, data.rule_only_slots)
        written = write(excerpt, chosen.kind, chosen.name, model)
        taken = {
            name
            for folder in _FOLDERS.values()
            for path in Path(folder).glob("*.yml")
            for name in names_in(path.read_text(encoding="utf-8"))
        }
        written = replace(written, yaml=free_name(written.yaml, taken))
        names = names_in(written.yaml)
        for line in written.yaml.splitlines()[2:]:
            say(line)
        for note in written.notes:
            say(f"Look: {note}")
        conflicts = []
        if chosen.kind != "test":
            with tempfile.TemporaryDirectory(prefix="parley-story-") as folder:
                new = Path(folder, "new.yml")
                new.write_text(written.yaml, encoding="utf-8")
                conflicts = data.conflicts(new, names)
    except (NotTellableError, DialogueDataError, StoryTextError) as error:
        give_up(str(error))
    width = max(60, min(shutil.get_terminal_size((80, 24)).columns, 120)) - 1
    for conflict in conflicts:
        complain(f"\n{conflict.words}")
        if conflict.old is not None:
            new_place = replace(conflict.new, file="(new)")
            for line in side_by_side(new_place, conflict.old, width):
                complain(line)
    if conflicts and not force:
        complain("\nNothing was written: tell one of the two otherwise, or FORCE=1.")
        return CONTRADICTS
    if chosen.dry:
        return 0
    files = DataFiles(Path(), Path("var/review.lock"))
    skill = chosen.skill or _skill(excerpt, files)
    prefix = "test_" if chosen.kind == "test" else ""
    path = Path(_FOLDERS[chosen.kind], f"{prefix}{skill}.yml")
    try:
        with files.locked():
            append(path, written.yaml)
    except StoryTextError as error:
        give_up(str(error))
    say(f"Written into {path}: {', '.join(names)}.")
    return 0


def _show_turns(events: Sequence[dict[str, Any]], starts: Sequence[int]) -> None:
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(events)], strict=True), 1):
        for event in events[start:end]:
            text = " ".join(str(event.get("text") or "").split())
            if event.get("event") == "user":
                intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
                say(f"{number:>3}  {text}  ({intent})")
            elif event.get("event") == "bot" and text:
                say(f"       {text}")


def _masked(event: dict[str, Any]) -> dict[str, Any]:
    """An event whose text holds no personal data; entities lose the places that moved."""
    from review.masking import redact

    text = event.get("text")
    if event.get("event") not in ("user", "bot") or not isinstance(text, str):
        return event
    masked = redact(text)
    if not masked.findings:
        return event
    parsed = event.get("parse_data")
    if isinstance(parsed, dict):
        parsed = {**parsed, "text": masked.text, "entities": []}
    return {**event, "text": masked.text, **({"parse_data": parsed} if parsed else {})}


def _skill(excerpt: Any, files: Any) -> str:
    """The skill of the first message's intent; `conversation` where it is in none."""
    catalog = files.catalog()
    for event in excerpt.events:
        if event.get("event") == "user":
            intent = str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
            path = files.file_of(intent, catalog) or files.file_of(f"{intent}/", catalog)
            if path is not None:
                return str(path.stem)
    return "conversation"


def _max_history() -> int | None:
    """How far back the policies look: as in config.yml, the furthest of them."""
    config = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8")) or {}
    found = [one.get("max_history") for one in config.get("policies") or []]
    return max((one for one in found if isinstance(one, int)), default=None)


def _number(name: str, default: int) -> int:
    value = setting(name, str(default))
    if not value.lstrip("-").isdecimal() or int(value) == 0:
        give_up(f"{name}={value} is no turn: give a number from 1 on, or -1 for the last.")
    return int(value)


if __name__ == "__main__":
    sys.exit(main())
