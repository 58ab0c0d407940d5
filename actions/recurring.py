"""When something that recurs is due next, in the time zone of the person it is for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

_BY_THE_CLOCK = ("FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY")
_SHORTEST = timedelta(minutes=1)


class UnusableRuleError(ValueError):
    """A recurrence that cannot be kept: no RFC 5545 rule, or more often than once a minute."""


def next_occurrence(
    rule: str, first: datetime, previous: datetime, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The first occurrence after now.

    What recurs by days keeps its time of day on the wall, also where the clocks are changed; a
    time that this skips is the same number of minutes after the change. What recurs by hours or
    minutes keeps its distance.

    Args:
        rule: An RFC 5545 rule.
        first: The first occurrence.
        previous: The occurrence before, from which is counted on.
        now: After when.
        zone: The time zone in which it recurs.

    Returns:
        The occurrence, aware, in that zone; None where there is no further one.

    Raises:
        UnusableRuleError: If the rule is none.
    """
    text = rule.removeprefix("RRULE:").upper()
    after = max(now, previous)
    if text.startswith(_BY_THE_CLOCK) or any(f";{part}" in text for part in _BY_THE_CLOCK):
        # Counted from the occurrence before, so that years of minutes are not gone through.
        counted_from = first if "COUNT=" in text else previous
        start = counted_from.astimezone(timezone.utc).replace(tzinfo=None)
        naive = _parsed(text, start).after(after.astimezone(timezone.utc).replace(tzinfo=None))
        return naive.replace(tzinfo=timezone.utc).astimezone(zone) if naive else None
    start = first.astimezone(zone).replace(tzinfo=None)
    found = _parsed(text, start).after(after.astimezone(zone).replace(tzinfo=None))
    while found is not None:
        aware: datetime = found.replace(tzinfo=zone)
        # In the hour that is there twice, the wall shows a time before now once more.
        if aware.astimezone(timezone.utc) > after.astimezone(timezone.utc):
            return aware.astimezone(timezone.utc).astimezone(zone)
        found = _parsed(text, start).after(found)
    return None


def _parsed(text: str, start: datetime) -> rrule:
    try:
        parsed = rrulestr(_without_zone(text), dtstart=start)
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableRuleError(f"Not a recurrence: {text}: {error}.") from None
    if not isinstance(parsed, rrule):
        raise UnusableRuleError(f"More than one rule: {text}.")
    times = list(parsed.xafter(start - timedelta(seconds=1), count=2))
    if len(times) == 2 and times[1] - times[0] < _SHORTEST:
        raise UnusableRuleError(f"More often than once a minute: {text}.")
    return parsed


def _without_zone(text: str) -> str:
    # dateutil wants UNTIL to be as naive as the start; an end is meant by the day anyway.
    return ";".join(
        part.rstrip("Z") if part.startswith("UNTIL=") else part for part in text.split(";")
    )
