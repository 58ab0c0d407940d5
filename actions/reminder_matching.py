"""Which of the reminders that there are a message means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from actions.clock import between
from actions.reading import Message, entities_of, text_of
from actions.reminder_reading import TEXT, ids_of, kind_of, texts_of, wants_all
from actions.storage.reminders import REMINDER, Reminder
from actions.values import durations, times

_ALIKE = 80
"""How alike the words must be (token set ratio, of 100)."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL_WORDS = frozenset(
    "the and for that this with from about timer timers alarm alarms reminder reminders remind "
    "cancel delete remove stop what when how long much time left all every please minutes "
    "minute hour hours more set change move snooze get rid turn off make call".split()
)
_SAME_TIME = timedelta(seconds=30)


@dataclass(frozen=True)
class Meant:
    """What a message means of what there is."""

    reminders: list[Reminder]
    """Those that fit, the next due first."""

    named: bool
    """Whether the message says which: by words, by its time, by an id."""

    every: bool
    """Whether it says that all of them are meant."""


def meant(message: Message, there: Sequence[Reminder], *, by_time: bool) -> Meant:
    """Finds the reminders that a message means.

    Args:
        message: The message.
        there: The reminders to choose from.
        by_time: Whether a time in it says which ("cancel the seven o'clock alarm"), rather than
            what is to be changed.
    """
    ids = ids_of(message)
    if ids:
        return Meant([r for r in there if r.id in ids], named=True, every=False)
    every = wants_all(message)
    kind = kind_of(message)
    of_kind = [reminder for reminder in there if reminder.kind == kind] if kind else list(there)
    named = _named(message, of_kind) or _named(message, there)
    said_words = bool(texts_of(message))
    if said_words or named:
        return Meant(named, named=True, every=every)
    # "Reminder" is what people call all of them.
    found = of_kind or (list(there) if kind == REMINDER else [])
    if by_time and (at_time := _at_time(message, found)) is not None:
        return Meant(at_time, named=True, every=every)
    return Meant(found, named=False, every=every)


def _named(message: Message, there: Sequence[Reminder]) -> list[Reminder]:
    """Those whose words are said: as an entity, else anywhere in the message."""
    texts = [text for text in texts_of(message) if text]
    if not texts and not entities_of(message, TEXT):
        said = set(_words(text_of(message)))
        return [r for r in there if r.what and (words := _words(r.what)) and words <= said]
    found = []
    for reminder in there:
        scores = [_likeness(text, reminder.what) for text in texts if reminder.what]
        if scores and max(scores) >= _ALIKE:
            found.append(reminder)
    exact = [r for r in found if r.what and r.what.casefold() in [t.casefold() for t in texts]]
    return exact or found


def _likeness(text: str, what: str | None) -> float:
    return float(fuzz.token_set_ratio(_spread(text), _spread(what or "")))


def _spread(text: str) -> str:
    words = [word for word in re.findall(r"\w+", text.casefold()) if word not in _SMALL_WORDS]
    return " ".join(words) or text.casefold()


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in _SMALL_WORDS}


def _at_time(message: Message, there: Sequence[Reminder]) -> list[Reminder] | None:
    """Those due at a time, or set for a length, that is said; None where neither is said."""
    moments, lengths = times(message), durations(message)
    if not moments and not lengths:
        return None
    found = []
    for reminder in there:
        due = reminder.local_due
        length = between(reminder.created_at, reminder.due_at)
        at_time = any(_fits(due, m.start, m.date_given, m.time_given) for m in moments)
        if at_time or any(abs(length - said) < _SAME_TIME for said in lengths):
            found.append(reminder)
    return found


def _fits(due: datetime, said: datetime, date_given: bool, time_given: bool) -> bool:
    said = said.astimezone(due.tzinfo)
    if date_given and due.date() != said.date():
        return False
    # "The seven o'clock alarm" may be in the morning or in the evening.
    return not time_given or (due.hour % 12, due.minute) == (said.hour % 12, said.minute)
