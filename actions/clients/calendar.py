"""A calendar that somebody keeps, wherever it is: what Parley asks of it, and how it fails."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from actions.settings import SettingsError
from actions.settings.calendar import CalendarSettings, read_calendar_settings

Result = TypeVar("Result")

AWAY, UNCERTAIN, CHANGED, NOT_YOURS = "away", "uncertain", "changed", "not_yours"
"""Why something could not be done: the calendar cannot be reached or read; it did not say whether
it was done; the event is not as it was; the calendar is somebody else's."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 40


class CalendarError(Exception):
    """A calendar could not do what was asked; `reason` is one of the names above."""

    def __init__(self, message: str, reason: str = AWAY) -> None:
        """Takes a message for the log, without what is in the calendar."""
        super().__init__(message)
        self.reason = reason


class Calendar(Protocol):
    """Objects (`calendar_objects.py`) in a calendar.

    The methods block, and raise `CalendarError` only.
    """

    def objects(self, start: datetime, end: datetime) -> list[str]:
        """All objects that may have something between two moments."""

    def object(self, uid: str) -> str | None:
        """The object with a UID, if there is one."""

    def write(self, uid: str, text: str | None, expected: str | None) -> None:
        """Keeps an object, or removes it.

        Args:
            uid: Which.
            text: What it is to be; None removes it.
            expected: What it was; None: not there. Another object by now is left as it is.
        """


async def ask_calendar(sender: str, question: Callable[[Calendar], Result]) -> Result:
    """Asks somebody's calendar in a thread, with a limit on the wait.

    Args:
        sender: Who asks.
        question: What is asked; it is called with the calendar.

    Returns:
        What the question gave.

    Raises:
        CalendarError: If the calendar is away, or not this person's to use.
    """
    settings = _settings()
    limit = settings.timeout
    calendar = open_calendar(settings, sender, time.monotonic() + limit * 0.9)
    try:
        return await asyncio.wait_for(asyncio.to_thread(question, calendar), limit)
    except asyncio.TimeoutError:
        # The thread begins nothing more after its deadline; what it had begun may be done.
        raise CalendarError(f"No answer within {limit:g} s.", UNCERTAIN) from None


def open_calendar(settings: CalendarSettings, sender: str, deadline: float) -> Calendar:
    """The calendar that a sender may use; nothing is asked of it yet.

    Args:
        settings: Where it is.
        sender: Who asks.
        deadline: When to give up, on the monotonic clock.

    Raises:
        CalendarError: If it is not this person's to use.
    """
    from actions.clients.caldav_calendar import CaldavCalendar
    from actions.clients.ics_calendar import IcsCalendar

    place = settings.calendar
    shared = place.startswith(("http://", "https://")) or place.endswith(".ics")
    if shared and settings.owners and sender not in settings.owners:
        raise CalendarError("Asked by somebody who is not an owner.", NOT_YOURS)
    if place.startswith(("http://", "https://")):
        return CaldavCalendar(place, settings.user, settings.password, deadline)
    return IcsCalendar(Path(place) if shared else Path(place) / file_name(sender), deadline)


def file_name(sender: str) -> str:
    """A file name for a sender's calendar: safe, and no other sender's on any file system."""
    readable = _UNSAFE.sub("-", sender).strip("-")[:_LONGEST_NAME] or "somebody"
    return f"{readable}-{hashlib.sha256(sender.encode()).hexdigest()[:16]}.ics"


def _settings() -> CalendarSettings:
    try:
        return read_calendar_settings()
    except SettingsError as error:
        raise CalendarError(str(error)) from None
