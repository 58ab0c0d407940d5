"""How timers, alarms and reminders are put into words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from actions.clock import between
from actions.speaking import join, speak_name
from actions.speaking_times import speak_duration, speak_moment, speak_recurrence, speak_time
from actions.storage.reminders import ALARM, TIMER, Reminder

_YOURS = {
    "my": "your",
    "mine": "yours",
    "me": "you",
    "myself": "yourself",
    "i": "you",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "am": "are",
}
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")


def speak_what(what: str) -> str:
    """What to be reminded of, said to the person whose words they are: "take your pills"."""

    def turned(match: re.Match[str]) -> str:
        word = match.group()
        return _YOURS.get(word.casefold().replace("’", "'"), word)

    return speak_name(_WORD.sub(turned, what))


def speak_thing(reminder: Reminder) -> str:
    """Names it: "the pasta timer", "the alarm", 'the reminder "call mum"'."""
    return f"the {_bare(reminder)}"


def speak_your(reminder: Reminder) -> str:
    """Names it as the person's: "your pasta timer"."""
    return f"your {_bare(reminder)}"


def speak_due(reminder: Reminder, now: datetime) -> str:
    """When it is due: a timer by what is left, what recurs by its recurrence, else the moment."""
    due = reminder.due_at.astimezone(now.tzinfo)
    if reminder.rrule:
        return speak_recurrence(reminder.rrule, due)
    if reminder.kind == TIMER:
        return f"in {speak_left(reminder, now)}"
    return speak_moment(due, now)


def speak_left(reminder: Reminder, now: datetime) -> str:
    """How much time is left."""
    return speak_duration(max(between(now, reminder.due_at), timedelta(seconds=1)))


def speak_entry(reminder: Reminder, now: datetime) -> str:
    """It, among others: "a pasta timer with four minutes left"."""
    if reminder.kind == TIMER:
        name = f"{speak_what(reminder.what)} timer" if reminder.what else "timer"
        return f"{_article(name)} {name} with {speak_left(reminder, now)} left"
    when = speak_due(reminder, now)
    if reminder.kind == ALARM:
        return f"an alarm{_named(reminder)} {when}"
    if reminder.what:
        return f'"{speak_what(reminder.what)}" {when}'
    return f"a reminder {when}"


def speak_entries(reminders: Sequence[Reminder], now: datetime, most: int | None = None) -> str:
    """All of them; beyond the most, the rest is counted."""
    return join([speak_entry(reminder, now) for reminder in reminders], most)


def speak_things(reminders: Sequence[Reminder]) -> str:
    """Their names; several without a name are counted."""
    names = [speak_thing(reminder) for reminder in reminders]
    told: list[str] = []
    for name in dict.fromkeys(names):
        number = names.count(name)
        told.append(name if number == 1 else f"{number} {name.removeprefix('the ')}s")
    return join(told)


def speak_clock(moment: datetime) -> str:
    """The time on the clock."""
    return speak_time(moment)


def _bare(reminder: Reminder) -> str:
    if reminder.kind == TIMER:
        return f"{speak_what(reminder.what)} timer" if reminder.what else "timer"
    if reminder.kind == ALARM:
        due = speak_time(reminder.local_due)
        return f"alarm{_named(reminder)} at {due}"
    return f'reminder "{speak_what(reminder.what)}"' if reminder.what else "reminder"


def _named(reminder: Reminder) -> str:
    return f' "{speak_what(reminder.what)}"' if reminder.what else ""


def _article(name: str) -> str:
    return "an" if name[:1].casefold() in "aeiou" else "a"
