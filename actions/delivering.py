"""Saying what is due: when it is, or at the next message where the channel only answers.

The delivery process (`actions/deliver.py`) has Rasa run `action_deliver_reminder`. Rasa holds the
conversation's lock meanwhile, sends what is said through the conversation's channel, and keeps the
slot `reminders_said` only if that succeeded: the process reads there what was said, and notes it
as delivered. Where the process ends in between, the next attempt finds in the slot what was said
already, and does not say it twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import fitting
from actions.clock import between, now_for
from actions.conversation import is_external
from actions.reminder_speaking import speak_what, speak_your
from actions.speaking_times import speak_moment, speak_time
from actions.storage.database import StorageError, ask_database
from actions.storage.reminders import ALARM, TIMER, Key, Reminder, ReminderRepository

logger = logging.getLogger(__name__)

DUE_INTENT = "EXTERNAL_reminder_due"
"""What the delivery process says; whoever else says it learns what is due for them, no more."""

SAID = "reminders_said"
"""The slot: [[id, the time it was due, ISO 8601], …] of the latest deliveries."""

LATE = timedelta(minutes=1)
"""From when on a delivery says that it is late."""

_REMEMBERED = 50


class ActionDeliverReminder(Action):
    """Says what is due in this conversation."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_deliver_reminder"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Says it; to a person who asks for it by the intent's name, also that there is nothing."""
        by_process = is_external(tracker.events)
        try:
            said = await say_due(dispatcher, tracker)
            if not by_process:
                await _confirm(tracker, said)
        except StorageError as error:
            logger.error("The reminders are out of reach: %s", error)
            return []
        if not said and not by_process:
            dispatcher.utter_message(response="utter_ask_rephrase")
        return [_remember(tracker, said)]


async def say_what_is_due(
    dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[dict[str, Any]]:
    """Says at a message what is due and could not be delivered, ahead of the answer.

    Returns:
        The events that remember it.
    """
    # A form that starts has slots filled again; what is said then, Rasa drops.
    if is_external(tracker.events) or not _is_first_after_message(tracker.events):
        return []
    try:
        said = await say_due(dispatcher, tracker)
        await _confirm(tracker, said)
    except StorageError as error:
        logger.error("The reminders are out of reach: %s", error)
        return []
    return [_remember(tracker, said)] if said else []


async def say_due(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Key]:
    """Claims what is due in the conversation and says it, unless it was said already.

    Returns:
        The deliveries, to be confirmed once they have reached the person.

    Raises:
        StorageError: If it cannot be read.
    """
    now = now_for(tracker)
    due = await ask_database(lambda db: ReminderRepository(db, tracker.sender_id).claim_due(now))
    before = said_in(tracker.get_slot(SAID))
    for reminder in due:
        if (reminder.id, reminder.due_at) not in before:
            _say(fitting(dispatcher, tracker), reminder, now)
    return [(reminder.id, reminder.due_at) for reminder in due]


def said_in(slot: object) -> list[Key]:
    """The deliveries that the slot `reminders_said` holds."""
    entries = slot if isinstance(slot, list) else []
    return [(int(number), datetime.fromisoformat(str(due))) for number, due in entries]


def _say(dispatcher: CollectingDispatcher, reminder: Reminder, now: datetime) -> None:
    # Where the process speaks, no message says in which time zone the person is.
    due = reminder.local_due
    now = now.astimezone(due.tzinfo)
    if between(due, now) >= LATE:
        thing = (
            f"reminder: {speak_what(reminder.what)}"
            if reminder.what and reminder.kind not in (TIMER, ALARM)
            else speak_your(reminder).removeprefix("your ")
        )
        dispatcher.utter_message(
            response="utter_reminder_late", thing=thing, when=speak_moment(due, now)
        )
    elif reminder.kind == TIMER:
        dispatcher.utter_message(response="utter_timer_done", thing=speak_your(reminder))
    elif reminder.kind == ALARM or not reminder.what:
        name = f" {speak_what(reminder.what)}." if reminder.what else ""
        dispatcher.utter_message(response="utter_alarm_rings", clock=speak_time(due), name=name)
    else:
        dispatcher.utter_message(response="utter_reminder_due", what=speak_what(reminder.what))


async def _confirm(tracker: Tracker, said: Iterable[Key]) -> None:
    keys = list(said)
    if keys:
        now = now_for(tracker)
        await ask_database(lambda db: ReminderRepository(db, tracker.sender_id).confirm(keys, now))


def _remember(tracker: Tracker, said: Iterable[Key]) -> dict[str, Any]:
    kept = dict.fromkeys([*said_in(tracker.get_slot(SAID)), *said])
    entries = [[number, due.isoformat()] for number, due in list(kept)[-_REMEMBERED:]]
    event: dict[str, Any] = SlotSet(SAID, entries or None)
    return event


def _is_first_after_message(events: Iterable[dict[str, Any]]) -> bool:
    for event in reversed(list(events)):
        if event.get("event") == "user":
            return True
        if event.get("event") != "slot":
            return False
    return False
