"""What the tests of calendars put into one, and what they look up there."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from actions.calendar_objects import Event, new_event, occurrences
from actions.clients.calendar import Calendar

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
LATER = 60.0

FROM, TO = datetime(2026, 11, 1, tzinfo=BERLIN), datetime(2027, 4, 30, tzinfo=BERLIN)

OTHERS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Somebody//Else//EN\r
X-WR-CALNAME:Home\r
BEGIN:VTODO\r
UID:todo-1\r
SUMMARY:Water the plants\r
END:VTODO\r
BEGIN:VEVENT\r
UID:other-1\r
DTSTAMP:20261101T000000Z\r
SUMMARY:Choir\\, as ever and always and on and on and on and on and on and on a\r
 nd on\r
DTSTART:20261125T180000Z\r
DTEND:20261125T193000Z\r
X-COLOUR;X-SHADE=light:violet\r
PRIORITY:rather high\r
BEGIN:VALARM\r
UID:alarm-1\r
ACTION:DISPLAY\r
TRIGGER:-PT15M\r
DESCRIPTION:Sing\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""

CHOIR = re.sub(r"BEGIN:VTODO.*END:VTODO\r\n|PRIORITY.*?\r\n", "", OTHERS, flags=re.DOTALL)
"""As a server takes it: one thing in an object."""


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def deadline(seconds: float = LATER) -> float:
    return time.monotonic() + seconds


def there(calendar: Calendar, zone: ZoneInfo = BERLIN) -> list[tuple[str, datetime, datetime]]:
    found = occurrences(calendar.objects(FROM, TO), FROM, TO, zone)
    return [(event.title, event.start, event.end) for event in found]


def put(calendar: Calendar, title: str, start: datetime, hours: float = 1, **more: str) -> Event:
    uid, text = new_event(title, start, start + timedelta(hours=hours), **more)  # type: ignore[arg-type]
    calendar.write(uid, text, None)
    return first(calendar, title)


def first(calendar: Calendar, title: str) -> Event:
    found = occurrences(calendar.objects(FROM, TO), FROM, TO, BERLIN)
    return next(event for event in found if event.title == title)


def kept(calendar: Calendar, uid: str) -> str:
    text = calendar.object(uid)
    assert text is not None
    return text
