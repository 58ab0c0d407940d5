"""A tracker store with many made-up conversations, of the shape and size of real ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy import create_engine, insert
from sqlalchemy.engine import URL

from insight.training_data.elements import Example
from insight.training_data.reading import read_training_data
from scripts.project import ROOT

_SLOTS_A_TURN = 12
"""So many slots are set in a turn of Parley's, most of them to nothing."""
_RANKED = 10
_CHANNELS = ("rest", "web", "telegram", "slack", "voice")
_DAYS = 60
_AT_ONCE = 5000
_UNANSWERED = 0.08
_FORMS = 0.3
_LEFT = 0.2
_EVENT = SQLTrackerStore.SQLEvent.__table__

Stored = dict[str, Any]


def fill(url: URL, events: int, seed: int, now: float) -> int:
    """Writes conversations into a new database; the number of events.

    Args:
        url: The database.
        events: How many are wanted; the last conversation is told to its end.
        seed: Of everything that is random.
        now: When the last of them may be, in seconds since 1970.
    """
    engine = create_engine(url)
    _EVENT.metadata.create_all(engine)
    written = 0
    with engine.begin() as connection:
        part: list[Stored] = []
        for row in _rows(random.Random(seed), now):
            part.append(row)
            done = written + len(part) >= events and row["action_name"] == "action_listen"
            if done or len(part) >= _AT_ONCE:
                connection.execute(insert(_EVENT), part)
                written, part = written + len(part), []
            if done:
                break
    engine.dispose()
    return written


def _rows(chance: random.Random, now: float) -> Iterator[Stored]:
    data = read_training_data(ROOT, [ROOT / "data" / "nlu"])
    names = sorted({example.intent.split("/")[0] for example in data.examples})
    number = 0
    while True:
        number += 1
        writer = _Writer(f"somebody-{number}", now - chance.random() * _DAYS * 86400)
        channel = chance.choice(_CHANNELS)
        yield writer.row("action", name="action_session_start", policy=None, confidence=1.0)
        yield writer.row("session_started")
        yield writer.row("action", name="action_listen", policy=None, confidence=None)
        for _ in range(chance.randint(1, 12)):
            yield from _turn(writer, chance, chance.choice(data.examples), names, channel)


def _turn(
    writer: _Writer, chance: random.Random, example: Example, names: list[str], channel: str
) -> Iterator[Stored]:
    intent = example.intent.split("/")[0]
    if chance.random() < _UNANSWERED:
        intent = chance.choice(("nlu_fallback", "out_of_scope"))
    writer.at += chance.uniform(1, 40)
    yield writer.row(
        "user",
        intent=intent,
        text=example.text,
        parse_data=_parsed(example.text, intent, names, chance),
        input_channel=channel,
        message_id=f"{chance.getrandbits(128):032x}",
    )
    for slot in range(_SLOTS_A_TURN):
        yield writer.row("slot", name=f"slot_{slot}", value=None)
    yield writer.row("user_featurization", use_text_for_featurization=False)
    writer.at += chance.lognormvariate(-1.5, 0.8)
    action = "action_ask_back" if intent == "nlu_fallback" else f"action_{intent}"
    if chance.random() < _FORMS:
        form = f"{intent}_form"
        ends = "action_cancel" if chance.random() < _LEFT else form
        yield writer.row("action", name=form, policy="RulePolicy", confidence=1.0)
        yield writer.row("active_loop", name=form)
        yield writer.row("action", name=ends, policy="RulePolicy", confidence=1.0)
        yield writer.row("active_loop", name=None)
    yield writer.row("action", name=action, policy="RulePolicy", confidence=1.0)
    answer = {"utter_action": "utter_done", "template": "utter_done"}
    yield writer.row("bot", text="Done: " + example.text, data={}, metadata=answer)
    yield writer.row("action", name="action_listen", policy="RulePolicy", confidence=1.0)


class _Writer:
    """Writes one conversation's events as Rasa does."""

    def __init__(self, sender: str, at: float) -> None:
        self._sender = sender
        self.at = at

    def row(self, kind: str, intent: str | None = None, **more: Any) -> Stored:
        self.at += 0.0001
        metadata = {"model_id": "0" * 32, "assistant_id": "parley", **more.pop("metadata", {})}
        event = {"event": kind, "timestamp": self.at, "metadata": metadata, **more}
        return {
            "sender_id": self._sender,
            "type_name": kind,
            "timestamp": self.at,
            "intent_name": intent,
            "action_name": more.get("name"),
            "data": json.dumps(event),
        }


def _parsed(text: str, intent: str, names: list[str], chance: random.Random) -> Stored:
    ranking = [intent, *chance.sample(names, _RANKED - 1)]
    mood = chance.choices(("positive", "neutral", "negative"), (2, 7, 1))[0]
    return {
        "intent": {"name": intent, "confidence": 0.93},
        "entities": [],
        "text": text,
        "metadata": {},
        "text_tokens": [[start, start + 5] for start in range(0, len(text), 6)],
        "intent_ranking": [{"name": name, "confidence": 0.0123456789} for name in ranking],
        "in_scope": 0.97,
        "sentiment": {"name": mood, "confidence": 0.9, "ranking": []},
    }


def sqlite_url(path: Path) -> URL:
    """The address of an SQLite database."""
    return URL.create("sqlite", database=str(path))
