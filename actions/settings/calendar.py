"""What the environment says of the calendar: where it is, and whose."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.settings.reading import PROJECT_ROOT, read_seconds

CALENDAR_VARIABLE = "PARLEY_CALENDAR"
CALENDAR_USER_VARIABLE = "PARLEY_CALENDAR_USER"
CALENDAR_PASSWORD_VARIABLE = "PARLEY_CALENDAR_PASSWORD"
CALENDAR_OWNERS_VARIABLE = "PARLEY_CALENDAR_OWNERS"
CALENDAR_TIMEOUT_VARIABLE = "PARLEY_CALENDAR_TIMEOUT"

DEFAULT_CALENDAR = str(PROJECT_ROOT / "var" / "calendars")
DEFAULT_CALENDAR_TIMEOUT = 10.0


@dataclass(frozen=True)
class CalendarSettings:
    """The calendar's settings."""

    calendar: str
    """Where it is: an http(s) address of a CalDAV calendar, the path of an .ics file, or a
    folder with an .ics file for each person."""

    user: str
    """For the CalDAV server; may be empty."""

    password: str = field(repr=False)
    """For the CalDAV server; may be empty."""

    owners: frozenset[str]
    """The senders who may use the one calendar of an address or a file; none named: all."""

    timeout: float
    """Seconds that an action waits for the calendar before it gives up."""


def read_calendar_settings(environment: Mapping[str, str] | None = None) -> CalendarSettings:
    """Reads the calendar's settings from the environment.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    owners = (variables.get(CALENDAR_OWNERS_VARIABLE) or "").split(",")
    return CalendarSettings(
        calendar=(variables.get(CALENDAR_VARIABLE) or "").strip() or DEFAULT_CALENDAR,
        user=variables.get(CALENDAR_USER_VARIABLE) or "",
        password=variables.get(CALENDAR_PASSWORD_VARIABLE) or "",
        owners=frozenset(owner.strip() for owner in owners if owner.strip()),
        timeout=read_seconds(variables, CALENDAR_TIMEOUT_VARIABLE, DEFAULT_CALENDAR_TIMEOUT),
    )
