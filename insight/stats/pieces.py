"""The pieces that a time is cut into, to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from dateutil.tz import tzlocal

_MOST_HOURS = 48
_MOST_DAYS = 62
_MOST_WEEKS = 120


@dataclass(frozen=True)
class Pieces:
    """Pieces of equal kind that a time is cut into."""

    unit: str
    """`hour`, `day`, `week` or `month`."""
    zone: tzinfo = timezone.utc

    def of(self, at: float) -> str:
        """The piece that a moment is in, by its first hour or day."""
        moment = datetime.fromtimestamp(at, self.zone)
        if self.unit == "hour":
            return moment.strftime("%Y-%m-%dT%H:00")
        if self.unit == "week":
            moment -= timedelta(days=moment.weekday())
        return moment.strftime("%Y-%m-01" if self.unit == "month" else "%Y-%m-%d")

    def all(self, first: float, last: float) -> list[str]:
        """All pieces from one moment to another, those in which nothing happened too."""
        # Shorter than a day: one that daylight saving takes an hour from would be left out.
        step = 3600 if self.unit == "hour" else 6 * 3600
        pieces = dict.fromkeys(self.of(at) for at in _range(first, last, step))
        return list(pieces)


def pieces_for(first: float, last: float, zone: tzinfo | None = None) -> Pieces:
    """Pieces that are neither many nor few, in this machine's time zone unless given."""
    zone = zone or tzlocal()
    hours = (last - first) / 3600
    if hours <= _MOST_HOURS:
        return Pieces("hour", zone)
    if hours <= _MOST_DAYS * 24:
        return Pieces("day", zone)
    return Pieces("week" if hours <= _MOST_WEEKS * 24 * 7 else "month", zone)


def _range(first: float, last: float, step: int) -> list[float]:
    count = int((last - first) / step) + 1
    return [*(first + number * step for number in range(count)), last]
