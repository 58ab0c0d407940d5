"""What a change is to change, and to what: moving, prolonging, shortening, snoozing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rasa_sdk import Tracker

from actions.clock import later
from actions.reading import Message
from actions.reminder_effects import in_talk
from actions.reminder_matching import meant
from actions.reminder_reading import LESS, MORE, SNOOZE, change_of, points_back
from actions.reminder_times import (
    NEGATIVE,
    PAST,
    Times,
    When,
    length_in,
    moved,
    time_from_number,
    times_in,
)
from actions.storage.reminders import DELIVERED, TIMER, WAITING, Reminder, ReminderRepository

SNOOZED_FOR = timedelta(minutes=10)
"""Where it is not said for how long."""

STILL_RINGING = timedelta(minutes=10)
"""How long after a delivery "five more minutes" means that one, rather than what is running."""

CAN_BE_SNOOZED = timedelta(hours=12)
"""How long after a delivery it can be snoozed."""


@dataclass(frozen=True)
class Target:
    """What a change is meant for."""

    target: Reminder | None
    """The one; None where it is none or not clear."""

    candidates: list[Reminder]
    """Those that it might be."""

    snoozes: bool
    """Whether something is wanted again that was delivered already."""


def choose_target(repository: ReminderRepository, tracker: Tracker, now: datetime) -> Target:
    """Finds what a message wants changed.

    Args:
        repository: The user's reminders.
        tracker: The conversation.
        now: The present moment.

    Raises:
        StorageError: If they cannot be read.
    """
    message = tracker.latest_message
    change = change_of(message)
    delivered = repository.delivered_since(now - CAN_BE_SNOOZED)
    waiting = repository.waiting()
    found = meant(message, waiting, by_time=False)
    rang = meant(message, delivered, by_time=False)
    rang_just_now = [r for r in rang.reminders if _delivered_at(r) > now - STILL_RINGING]
    if change == SNOOZE and rang.reminders:
        return Target(rang.reminders[0], rang.reminders[:1], snoozes=True)
    if change == MORE and rang_just_now and not found.named:
        return Target(rang_just_now[0], rang_just_now[:1], snoozes=True)
    candidates = found.reminders
    if not found.named and len(candidates) > 1:
        talked_of = set(in_talk(tracker)) if points_back(message) else set()
        # "Five more minutes" is for a timer, unless another kind was named.
        timers = [r for r in candidates if r.kind == TIMER] if change in (MORE, LESS) else []
        chosen = [r for r in candidates if r.id in talked_of]
        candidates = chosen if len(chosen) == 1 else timers if len(timers) == 1 else candidates
    if len(candidates) == 1:
        return Target(candidates[0], candidates, snoozes=False)
    if not candidates and change == MORE and rang.reminders:
        return Target(rang.reminders[0], rang.reminders[:1], snoozes=True)
    return Target(None, candidates, snoozes=False)


def new_time(target: Reminder, message: Message, now: datetime, *, asked: bool) -> Times:
    """The new time of a reminder, by the message.

    Args:
        target: What is changed.
        message: The message.
        now: The present moment, in the person's time zone.
        asked: Whether it answers "to when?".
    """
    change = change_of(message)
    over = target.state == DELIVERED or target.due_at <= now
    length = length_in(message)
    due = target.due_at.astimezone(now.tzinfo)
    if change == SNOOZE or (change == MORE and (over or _recurs_and_rang(target, now))):
        if length is not None:
            put_off = [When(later(now, length))]
            return Times(put_off) if length > timedelta(0) else Times([], NEGATIVE)
        said = times_in(message, now)
        return said if said.whens or said.trouble else Times([When(later(now, SNOOZED_FOR))])
    if change in (MORE, LESS) and length is not None and not asked:
        if length <= timedelta(0):
            return Times([], NEGATIVE)
        due = later(due, length if change == MORE else -length)
        return Times([When(due, target.rrule)]) if due > now else Times([], PAST)
    found = moved(due, message, now)
    if not found.whens and not found.trouble:
        found = _by_number(target, message, now, asked=asked)
    if not found.whens:
        return found
    # What recurs goes on recurring, at another time.
    return replace(found, whens=[replace(w, rrule=w.rrule or target.rrule) for w in found.whens])


def changed(target: Reminder, when: When, *, snoozes: bool) -> Reminder:
    """The reminder with its new time; waiting again, if it was over."""
    was_over = snoozes or target.state == DELIVERED
    rule = None if was_over or not when.rrule else without_time_of_day(when.rrule)
    return replace(
        target,
        due_at=when.due,
        first_at=when.due,
        rrule=rule,
        state=WAITING,
        snoozed=target.snoozed + (1 if was_over else 0),
    )


def without_time_of_day(rule: str) -> str:
    """The rule without a time of day of its own: that of the first time counts."""
    parts = rule.split(";")
    return ";".join(p for p in parts if not p.upper().startswith(("BYHOUR", "BYMINUTE")))


def is_once_more(target: Reminder, *, snoozes: bool) -> bool:
    """Whether putting it off takes a reminder of its own: what recurs keeps its next time."""
    return snoozes and target.state == WAITING


def _by_number(target: Reminder, message: Message, now: datetime, *, asked: bool) -> Times:
    found = time_from_number(message, now, target.kind)
    if target.kind == TIMER or not found.whens:
        return found if asked or found.whens else Times([])
    due = target.due_at.astimezone(now.tzinfo)
    hour = found.whens[0].due.hour % 12
    moment = due.replace(hour=hour + (12 if due.hour >= 12 else 0), minute=0, second=0)
    return Times([When(moment)]) if moment > now else found


def _recurs_and_rang(target: Reminder, now: datetime) -> bool:
    return target.rrule is not None and _delivered_at(target) > now - STILL_RINGING


def _delivered_at(reminder: Reminder) -> datetime:
    return reminder.delivered_at or reminder.created_at
