"""What a written conversation may expect to have really changed, by skill."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from tests.conversations.conftest import Assistant
from tests.services.handoff import HandoffService
from tests.services.mosquitto import Mosquitto
from tests.services.radicale import Radicale

Effect = Callable[[Assistant, str, Any], None]
"""Compares what there is (assistant, sender) with what is written; asserts."""


def lists(assistant: Assistant, sender: str, expected: dict[str, list[str]]) -> None:
    """The things on each list of the database, by their names."""
    there = {
        name: [item for item, _, _ in things] for name, things in assistant.items(sender).items()
    }
    assert there == expected


def checked(assistant: Assistant, sender: str, expected: dict[str, list[str]]) -> None:
    """What is checked off on each list that has such things."""
    with sqlite3.connect(assistant.lists) as database:
        rows = database.execute(CHECKED_ITEMS, (sender,)).fetchall()
    there: dict[str, list[str]] = {}
    for name, item in rows:
        there.setdefault(name, []).append(item)
    assert there == expected


def handoff(assistant: Assistant, sender: str, expected: dict[str, Any]) -> None:
    """How often a conversation has arrived at Slack (`sent`), and what it then held (`holds`)."""
    service = assistant.services["handoff"]
    assert isinstance(service, HandoffService)
    arrived = service.about(sender)
    assert len(arrived) == expected["sent"]
    for pattern in expected.get("holds", ()):
        told = "\n".join(block["text"]["text"] for block in arrived[-1]["blocks"])
        assert re.search(pattern, told), f"no {pattern!r} in:\n{told}"


def home(assistant: Assistant, _sender: str, expected: dict[str, Any]) -> None:
    """What a subscriber got since the last look (`sent`), what devices have become (`is`)."""
    broker = assistant.services["mosquitto"]
    assert isinstance(broker, Mosquitto)
    sent = broker.house.take()
    if "sent" in expected:
        assert sent == expected["sent"]
    known = {**broker.house.zigbee, **broker.house.others}
    for name, values in (expected.get("is") or {}).items():
        assert {key: known[name].get(key) for key in values} == values, name


def reminders(assistant: Assistant, sender: str, expected: list[str]) -> None:
    """What is waiting: "timer pasta 2026-11-20 15:08", in its own time zone; a rule at the end."""
    with sqlite3.connect(assistant.lists) as database:
        rows = database.execute(WAITING_REMINDERS, (sender,)).fetchall()
    there = []
    for kind, what, due, zone, rule in rows:
        local = datetime.fromisoformat(due).replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
        there.append(" ".join(filter(None, [kind, what, f"{local:%Y-%m-%d %H:%M}", rule])))
    assert there == expected, there


WAITING_REMINDERS = """
SELECT kind, what, due_at, zone, rrule FROM reminders
WHERE user_id = ? AND state = 'waiting' ORDER BY due_at, id
"""


def calendar(assistant: Assistant, _sender: str, expected: list[str]) -> None:
    """What the CalDAV server has: "2026-11-27 19:00-20:00 dinner", "2026-11-28 day off".

    Times are as they stand there, in the zone of the event; a rule stands at the end. The
    occurrences of a series that differ from it, or are left out, follow it.
    """
    server = assistant.services["radicale"]
    assert isinstance(server, Radicale)
    there = []
    for event in icalendar.Calendar.from_ical(server.everything()).walk("VEVENT"):
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        when = f"{start:%Y-%m-%d}"
        if isinstance(start, datetime):
            when = f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"
        rule = event["RRULE"].to_ical().decode() if "RRULE" in event else ""
        left_out = event["EXDATE"].to_ical().decode() if "EXDATE" in event else ""
        there.append(" ".join(filter(None, [when, str(event["SUMMARY"]), rule, left_out])))
    assert sorted(there) == sorted(expected), there


CHECKED_ITEMS = """
SELECT lists.name, list_items.name FROM lists JOIN list_items ON list_items.list_id = lists.id
WHERE lists.user_id = ? AND list_items.done ORDER BY lists.id, list_items.id
"""

EFFECTS: dict[str, Effect] = {
    "lists": lists,
    "checked": checked,
    "handoff": handoff,
    "home": home,
    "reminders": reminders,
    # calendar
    "calendar": calendar,
}
