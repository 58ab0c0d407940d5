"""What time it is for the person who writes, and local times as moments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import tz
from tzlocal import get_localzone_name

TIMEZONE = "timezone"
"""The message metadata's key for the person's time zone, an IANA name."""

REFERENCE_TIME = "reference_time"
"""The message metadata's key for another "now", ISO 8601."""

ENVIRONMENT = "PARLEY_TIMEZONE"
"""The variable for the time zone of people whose channel does not say theirs."""


@dataclass(frozen=True)
class Now:
    """The moment from which times are told."""

    moment: datetime
    """Aware, in the person's time zone."""

    zone: ZoneInfo
    day_first: bool = True
    """Whether 3/4 is the 3rd of April."""

    @property
    def wall(self) -> datetime:
        """What the clock on the wall says: naive."""
        return self.moment.replace(tzinfo=None)

    @property
    def today(self) -> date:
        """The date on the wall."""
        return self.moment.date()

    def local(self, wall: datetime) -> datetime:
        """A wall time as a moment.

        A time that the change to summer time leaves out is later by what it leaves out; of two
        at the change back, it is the first.
        """
        return tz.resolve_imaginary(wall.replace(tzinfo=self.zone))

    def elapsed(self, distance: timedelta) -> datetime:
        """The moment so much time from now, as a stopwatch measures it."""
        return (self.moment.astimezone(timezone.utc) + distance).astimezone(self.zone)


def now_from(metadata: object, configured: str | None, day_first: bool) -> Now:
    """Now, for a message with that metadata.

    The time zone is the metadata's, else the configured one, else the environment's, else this
    machine's. A name that no zone has is passed over.
    """
    given: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    zone = (
        find_zone(given.get(TIMEZONE))
        or find_zone(configured)
        or find_zone(os.environ.get(ENVIRONMENT))
        or find_zone(get_localzone_name())
        or ZoneInfo("UTC")
    )
    return Now(_reference(given.get(REFERENCE_TIME), zone), zone, day_first)


def find_zone(name: object) -> ZoneInfo | None:
    """The time zone of an IANA name, None where there is none."""
    try:
        return ZoneInfo(name) if name and isinstance(name, str) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _reference(given: object, zone: ZoneInfo) -> datetime:
    if given:
        try:
            moment = datetime.fromisoformat(str(given).replace("Z", "+00:00"))
            # The ends of the calendar leave no room for "tomorrow".
            if 1900 < moment.year < 9000:
                aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
                return aware.astimezone(zone)
        except ValueError:
            pass  # the channel's mistake: the clock on the wall is always there
    return datetime.now(zone)
