"""Stored events, read with care: what somebody else wrote, or half a line, ends nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from insight.conversations.store import Row

LATEST = 253_402_300_799.0
"""The last second that a calendar of four digits knows."""

KNOWN = frozenset(
    "action action_execution_rejected active_loop agent bot cancel_reminder entities export "
    "followup form form_validation loop_interrupted pause reminder reset_slots restart resume "
    "rewind session_started slot undo user user_featurization".split()
)
"""The types of events that Rasa 2 and 3 write."""

FALLBACK_INTENT = "nlu_fallback"
"""What Rasa's FallbackClassifier puts ahead of the intents that it does not believe."""

_NULL = '"value": null}'


class Event(NamedTuple):
    """One event, as far as the reports look at it."""

    sender: str
    kind: str
    at: float
    name: str | None = None
    """Of an action, a form or a slot."""
    is_null: bool = False
    """Of a slot: whether it was emptied."""
    text: str = ""
    """What somebody said; of the slot `requested_slot`, which slot is asked for."""
    intent: str = ""
    guess: str = ""
    """What it might have meant, where the intent is that nothing was understood."""
    confidence: float | None = None
    sentiment: str = ""
    channel: str = ""
    is_external: bool = False
    """Whether no person began the turn, but another program."""
    is_on_behalf: bool = False
    """Whether an action said it on the person's behalf: Rasa gives ids to what comes in."""


@dataclass
class Faults:
    """What could not be read, counted."""

    broken: Counter[str] = field(default_factory=Counter)
    """Events that were passed over, by what is wrong with them."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Events of types that Rasa does not have."""

    def told(self) -> list[str]:
        """One line for each fault."""
        lines = [f"Events passed over: {count}, {what}." for what, count in self.broken.items()]
        if self.unknown:
            names = ", ".join(sorted(repr(name) for name in self.unknown)[:5])
            count = sum(self.unknown.values())
            lines.append(f"Events of types that Rasa does not have: {count}, of {names}.")
        return lines


class _Broken(Exception):
    """The event cannot be used; the message says why."""


def read_event(row: Row, faults: Faults) -> Event | None:
    """Reads one stored event; None where it says nothing, and the fault is counted."""
    try:
        return _read(row, faults)
    except _Broken as broken:
        faults.broken[str(broken)] += 1
        return None


def _read(row: Row, faults: Faults) -> Event | None:
    if not isinstance(row.sender, str) or not row.sender:
        raise _Broken("no conversation is named")
    if not isinstance(row.kind, str) or not row.kind:
        raise _Broken("no type is named")
    if row.kind not in KNOWN:
        faults.unknown[row.kind[:40]] += 1
        return None
    if not isinstance(row.at, (int, float)) or not 0 < row.at < LATEST:
        raise _Broken("the time is none")
    name = row.name if isinstance(row.name, str) and row.name else None
    if row.kind == "slot":
        return _slot(row, name)
    if row.kind == "user":
        return _message(row, _loaded(row.data))
    if row.kind in ("action", "active_loop", "form"):
        data = _loaded(row.data)
        told = data.get("name")
        if name is None and isinstance(told, str):
            name = told or None
    return Event(row.sender, row.kind, float(row.at), name)


def _slot(row: Row, name: str | None) -> Event:
    # Most events are slots, of most of which only matters whether there is a value. Rasa writes
    # it last: no need to read the rest.
    data = row.data if isinstance(row.data, str) else ""
    if name != "requested_slot":
        return Event(row.sender, "slot", float(row.at), name, is_null=data.endswith(_NULL))
    value = _loaded(row.data).get("value")
    asked = value if isinstance(value, str) else ""
    return Event(row.sender, "slot", float(row.at), name, is_null=not asked, text=asked)


def _message(row: Row, data: Mapping[str, Any]) -> Event:
    parsed = _mapping(data.get("parse_data"))
    intent = _mapping(parsed.get("intent"))
    confidence = intent.get("confidence")
    channel = _text(data.get("input_channel"))
    return Event(
        sender=row.sender,
        kind="user",
        at=float(row.at),
        text=_text(data.get("text")),
        intent=_text(intent.get("name")),
        guess=_guess(_text(intent.get("name")), parsed.get("intent_ranking")),
        confidence=float(confidence) if isinstance(confidence, (int, float)) else None,
        sentiment=_text(_mapping(parsed.get("sentiment")).get("name")),
        channel=channel,
        is_external=bool(_mapping(data.get("metadata")).get("is_external")),
        is_on_behalf=not data.get("message_id") and not channel,
    )


def _guess(intent: str, ranking: Any) -> str:
    if intent != FALLBACK_INTENT or not isinstance(ranking, list):
        return ""
    names = (_text(_mapping(one).get("name")) for one in ranking)
    return next((name for name in names if name and name != FALLBACK_INTENT), "")


def _loaded(data: Any) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (TypeError, ValueError, RecursionError):
        raise _Broken("the event is no JSON") from None
    if not isinstance(found, Mapping):
        raise _Broken("the event is no JSON object")
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
