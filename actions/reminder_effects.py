"""What the reminders skill notes of each change, and how it is taken back."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clock import between, now_for
from actions.effects import LAST_EFFECT, note_effect
from actions.reminder_reading import ID, as_entities, recurrence_entity, time_entity
from actions.reminder_speaking import speak_due, speak_things, speak_your
from actions.storage.database import StorageError, ask_database
from actions.storage.reminders import TIMER, WAITING, Reminder, ReminderRepository

logger = logging.getLogger(__name__)

SKILL = "reminders"
_SET, _CHANGED, _CANCELLED = "set", "changed", "cancelled"
_MOMENTS = ("due_at", "first_at", "delivered_at")
_PLAIN = ("rrule", "state", "snoozed")

Entities = Sequence[Mapping[str, Any]]


def note_set(reminders: Sequence[Reminder], now: datetime, said: Entities = ()) -> dict[str, Any]:
    """The event that notes what was set, and how to say the same in one message.

    Args:
        reminders: What was set.
        now: The present moment, in the person's time zone.
        said: The entities of the message. A timer's length stays in its own unit: after "an
            hour", "no, two" is two hours.
    """
    undo = {"did": _SET, "ids": [reminder.id for reminder in reminders]}
    first = reminders[0]
    entities = as_entities(first.kind, None)
    entities += [e for r in reminders if r.what for e in as_entities(r.kind, r.what)[1:]]
    lengths = [dict(entity) for entity in said if entity.get("entity") == "duration"]
    if first.kind == TIMER:
        entities += lengths or [_length(reminder, now) for reminder in reminders]
    else:
        due = dict.fromkeys((r.due_at, r.rrule) for r in reminders)
        for moment, rule in due:
            local = moment.astimezone(now.tzinfo)
            entities.append(
                recurrence_entity(rule, local) if rule else time_entity(local, first.zone)
            )
    return note_effect(SKILL, undo, "set_reminder", entities)


def note_cancelled(reminders: Sequence[Reminder]) -> dict[str, Any]:
    """The event that notes what was cancelled."""
    ids = [reminder.id for reminder in reminders]
    entities = [{"entity": ID, "value": str(number)} for number in ids]
    return note_effect(SKILL, {"did": _CANCELLED, "ids": ids}, "cancel_reminder", entities)


def note_changed(before: Reminder, said: Entities) -> dict[str, Any]:
    """The event that notes a change, by what there was before."""
    was: dict[str, Any] = {name: getattr(before, name) for name in _PLAIN}
    for name in _MOMENTS:
        moment = getattr(before, name)
        was[name] = moment.isoformat() if moment else None
    entities = [{"entity": ID, "value": str(before.id)}]
    entities += [dict(e) for e in said if e.get("entity") in ("time", "duration", "recurrence")]
    undo = {"did": _CHANGED, "ids": [before.id], "was": was}
    return note_effect(SKILL, undo, "change_reminder", entities)


def in_talk(tracker: Tracker) -> list[int]:
    """The reminders that "it" stands for: those that were set or changed last."""
    effect = tracker.get_slot(LAST_EFFECT)
    if not isinstance(effect, dict) or effect.get("skill") != SKILL:
        return []
    undo = effect.get("undo") or {}
    return [] if undo.get("did") == _CANCELLED else [int(number) for number in undo["ids"]]


async def undo_reminders(
    dispatcher: CollectingDispatcher, tracker: Tracker, undo: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Cancels what was set, brings back what was cancelled, puts back what was changed."""
    now = now_for(tracker)
    ids = [int(number) for number in undo["ids"]]

    def take_back(repository: ReminderRepository) -> list[Reminder]:
        if undo["did"] == _SET:
            return repository.cancel(ids)
        back = [_as_it_was(reminder, undo) for reminder in repository.named(ids)]
        return [reminder for reminder in back if repository.put(reminder)]

    try:
        taken = await ask_database(lambda db: take_back(ReminderRepository(db, tracker.sender_id)))
    except StorageError as error:
        logger.error("The reminders are out of reach: %s", error)
        dispatcher.utter_message(response="utter_reminders_unavailable")
        return []
    if not taken:
        dispatcher.utter_message(response="utter_nothing_to_undo")
    elif undo["did"] == _SET:
        dispatcher.utter_message(response="utter_reminders_taken_back", things=speak_things(taken))
    elif undo["did"] == _CANCELLED:
        dispatcher.utter_message(response="utter_reminders_put_back", things=speak_things(taken))
    else:
        dispatcher.utter_message(
            response="utter_reminder_as_before",
            thing=speak_your(taken[0]),
            when=speak_due(taken[0], now),
        )
    return []


def _as_it_was(reminder: Reminder, undo: Mapping[str, Any]) -> Reminder:
    if undo["did"] == _CANCELLED:
        return replace(reminder, state=WAITING)
    was = dict(undo["was"])
    for name in _MOMENTS:
        was[name] = datetime.fromisoformat(was[name]) if was[name] else None
    return replace(reminder, **was)


def _length(reminder: Reminder, now: datetime) -> dict[str, Any]:
    seconds = between(now, reminder.due_at).total_seconds()
    info = {"unit": "minute", "amount": seconds / 60}
    return {"entity": "duration", "value": seconds, "additional_info": info}
