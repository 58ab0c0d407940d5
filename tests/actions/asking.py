"""Talks about weather, times and numbers: messages with values in them, at a known moment."""

from __future__ import annotations

from typing import Any

from tests.actions.conftest import Talk

FRIDAY = "2026-11-20T15:00:00"
BERLIN = "Europe/Berlin"


def value(kind: str, text: str, said: str, content: Any, **info: Any) -> dict[str, Any]:
    """A value as `ValueExtractor` finds it in a text."""
    start = text.index(said)
    return {
        "entity": kind,
        "start": start,
        "end": start + len(said),
        "value": content,
        "additional_info": info,
    }


def day(text: str, said: str, date: str) -> dict[str, Any]:
    """A day that was said."""
    info = {"type": "value", "grain": "day", "date_given": True, "time_given": False}
    return value("time", text, said, f"{date}T00:00:00+01:00", **info)


def stretch(text: str, said: str, start: str, end: str, grain: str = "hour") -> dict[str, Any]:
    """A stretch of time that was said."""
    content = {"from": f"{start}+01:00", "to": f"{end}+01:00"}
    info = {"type": "interval", "grain": grain, "date_given": True, "time_given": True}
    return value("time", text, said, content, **info)


def hour(text: str, said: str, moment: str) -> dict[str, Any]:
    """An hour that was said."""
    info = {"type": "value", "grain": "hour", "date_given": False, "time_given": True}
    return value("time", text, said, f"{moment}+01:00", **info)


def place(text: str, said: str) -> dict[str, Any]:
    """A place that was said."""
    return value("place", text, said, said)


def ask(talk: Talk, intent: str, text: str, *entities: dict[str, Any], at: str = FRIDAY) -> Talk:
    """The user asks something, in Berlin, on a Friday afternoon."""
    talk.user(text, intent, entities=list(entities))
    talk.events[-1]["metadata"] = {"reference_time": at, "timezone": BERLIN}
    return talk
