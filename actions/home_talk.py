"""What of the home is talked of: the devices and the room named last, and what was wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.home_devices import Device, Home

HOME_TALK = "home_talk"
"""The slot: {"devices": […], "room": …, "command": {…}}."""


def note_talk(
    devices: Sequence[Device], room: str | None, command: Mapping[str, Any]
) -> dict[str, Any]:
    """The event that remembers what was talked of, for "it", "there" and "too"."""
    talk = {"devices": [d.name for d in devices], "room": room, "command": dict(command)}
    event: dict[str, Any] = SlotSet(HOME_TALK, talk)
    return event


def devices_in_talk(tracker: Tracker, home: Home) -> list[Device]:
    """The devices that "it" or "them" stands for; those still in the file."""
    named = [home.device(str(name)) for name in _talk(tracker).get("devices") or []]
    return [device for device in named if device]


def room_in_talk(tracker: Tracker) -> str | None:
    """The room that "there" stands for."""
    return _talk(tracker).get("room")


def command_in_talk(tracker: Tracker) -> dict[str, Any] | None:
    """What was wanted last, which "the bedroom too" wants once more."""
    return _talk(tracker).get("command")


def _talk(tracker: Tracker) -> dict[str, Any]:
    """What was noted in this session: nobody means yesterday's lamp by "it"."""
    for event in reversed(tracker.events):
        if event.get("event") in ("session_started", "restart"):
            return {}
        if event.get("event") == "slot" and event.get("name") == HOME_TALK:
            return event.get("value") or {}
    return {}
