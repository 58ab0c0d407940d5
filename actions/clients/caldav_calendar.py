"""A calendar on a CalDAV server (RFC 4791), asked through the `caldav` library."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote, urljoin

import caldav
import requests
from caldav.lib import error as caldav_errors

from actions.calendar_objects import ObjectError, fingerprint
from actions.clients.calendar import AWAY, CHANGED, UNCERTAIN, CalendarError

Result = TypeVar("Result")

_MOST_SECONDS_A_REQUEST = 4.0
_GONE = (404, 410)
_PRECONDITION_FAILED = 412
_ICALENDAR = "text/calendar; charset=utf-8"


class CaldavCalendar:
    """One calendar of a server.

    No request is begun after the deadline: what somebody was told is not done must not be done
    a little later.
    """

    def __init__(self, url: str, user: str, password: str, deadline: float) -> None:
        """Takes the calendar's address; nothing is asked yet.

        Args:
            url: Of the calendar itself, not of the server.
            user: Empty where the server asks for none.
            password: The same.
            deadline: When to give up, on the monotonic clock.
        """
        # The library writes requests and replies into its log: titles, places, passwords.
        logging.getLogger("caldav").setLevel(logging.CRITICAL)
        self._url = url if url.endswith("/") else f"{url}/"
        self._deadline = deadline
        with _translated():
            self._client = caldav.DAVClient(
                self._url, username=user or None, password=password or None
            )
            self._calendar = self._client.calendar(url=self._url)

    def objects(self, start: datetime, end: datetime) -> list[str]:
        """The objects that have something between two moments."""
        try:
            found = self._ask(
                lambda: self._calendar.search(event=True, start=start, end=end, expand=False)
            )
        except LookupError:
            raise CalendarError("The server has no such calendar.") from None
        return [str(one.data) for one in found if one.data]

    def object(self, uid: str) -> str | None:
        """The object with a UID, if there is one."""
        found = self._find(uid)
        return found[1] if found else None

    def write(self, uid: str, text: str | None, expected: str | None) -> None:
        """Keeps or removes an object; see `Calendar`."""
        if expected is None:
            self._create(uid, text)
            return
        found = self._find(uid)
        if found is None or not _same(found[1], expected):
            raise CalendarError("The event is not as it was.", CHANGED)
        url, _, tag = found
        unchanged = {"If-Match": tag} if tag else {}
        if text is None:
            self._change(url, "DELETE", "", unchanged)
        else:
            self._change(url, "PUT", text, {"Content-Type": _ICALENDAR, **unchanged})

    def _create(self, uid: str, text: str | None) -> None:
        if text is None:
            return
        url = urljoin(self._url, f"{quote(uid, safe='')}.ics")
        self._change(url, "PUT", text, {"Content-Type": _ICALENDAR, "If-None-Match": "*"})

    def _find(self, uid: str) -> tuple[str, str, str | None] | None:
        """Where an object is, its text, and the server's tag for this state of it."""
        try:
            url = str(self._ask(lambda: self._calendar.event_by_uid(uid)).url)
        except LookupError:
            return None
        reply = self._ask(lambda: self._client.request(url))
        if reply.status in _GONE:
            return None
        _refuse_failure(reply.status)
        return url, str(reply.raw), reply.headers.get("ETag")

    def _change(self, url: str, method: str, body: str, headers: dict[str, str]) -> None:
        reply = self._ask(lambda: self._client.request(url, method, body, headers), changes=True)
        if reply.status == _PRECONDITION_FAILED or reply.status in _GONE:
            raise CalendarError("The event is not as it was.", CHANGED)
        _refuse_failure(reply.status)

    def _ask(self, request: Callable[[], Result], *, changes: bool = False) -> Result:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise CalendarError("Out of time before the next request.")
        self._client.timeout = min(left, _MOST_SECONDS_A_REQUEST)
        with _translated(changes=changes):
            return request()


def _same(there: str, expected: str) -> bool:
    try:
        return fingerprint(there) == fingerprint(expected)
    except ObjectError as error:
        raise CalendarError(str(error)) from None


def _refuse_failure(status: int) -> None:
    if not 200 <= status < 300:
        raise CalendarError(f"The server answered {status}.")


@contextmanager
def _translated(*, changes: bool = False) -> Iterator[None]:
    """Raises `CalendarError` for whatever goes wrong, `LookupError` for what is not there."""
    try:
        yield
    except CalendarError:
        raise
    except caldav_errors.NotFoundError:
        raise LookupError from None
    except caldav_errors.DAVError as error:
        raise CalendarError(f"The server refused: {type(error).__name__}.") from None
    except requests.RequestException as error:
        # Its words name addresses, which may hold a password.
        unknown = changes and not isinstance(error, requests.ConnectTimeout)
        reason = UNCERTAIN if unknown and isinstance(error, requests.Timeout) else AWAY
        raise CalendarError(
            f"The server cannot be reached: {type(error).__name__}.", reason
        ) from None
    except Exception as error:  # a reply that is no CalDAV trips the library in many ways
        raise CalendarError(f"The reply cannot be read: {type(error).__name__}.") from None
