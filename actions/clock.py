"""What time it is for the person who speaks: the moment, and their time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rasa_sdk import Tracker
from tzlocal import get_localzone_name

from actions.settings import read_settings

TIMEZONE = "timezone"
"""The message metadata's key for the person's time zone, an IANA name; a channel sends it."""

REFERENCE_TIME = "reference_time"
"""The message metadata's key for another "now", ISO 8601."""


def zone_of(tracker: Tracker) -> ZoneInfo:
    """The person's time zone: the channel's word for it, else the setting, else this machine's."""
    return _zone(str(_metadata(tracker).get(TIMEZONE) or "")) or _home_zone()


def now_for(tracker: Tracker) -> datetime:
    """The present moment, aware, in the person's time zone."""
    zone = zone_of(tracker)
    given = _metadata(tracker).get(REFERENCE_TIME)
    if given:
        try:
            moment = datetime.fromisoformat(str(given).replace("Z", "+00:00"))
        except ValueError:
            pass  # the channel's mistake: the clock on the wall is always there
        else:
            return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    return datetime.now(zone)


def later(moment: datetime, length: timedelta) -> datetime:
    """So much time after a moment, also where the clocks are changed in between.

    Python adds to what the wall shows: an hour over the change would be two, or none.
    """
    return (moment.astimezone(timezone.utc) + length).astimezone(moment.tzinfo)


def between(earlier: datetime, later: datetime) -> timedelta:
    """How much time really passes between two moments."""
    return later.astimezone(timezone.utc) - earlier.astimezone(timezone.utc)


def _metadata(tracker: Tracker) -> Mapping[str, Any]:
    """The metadata of the person's latest message.

    What Parley says on a user's behalf came through no channel, and Rasa alone added to its
    metadata: the message before it tells.
    """
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            found: Mapping[str, Any] = event.get("metadata") or {}
            if event.get("input_channel") or TIMEZONE in found or REFERENCE_TIME in found:
                return found
    return {}


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _home_zone() -> ZoneInfo:
    return _zone(read_settings().timezone) or _zone(get_localzone_name()) or ZoneInfo("UTC")
