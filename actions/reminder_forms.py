"""The forms of the reminders skill: to set, to change and to cancel."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.clock import now_for
from actions.correcting import CONVERSATION
from actions.forms import SkillForm, Slots
from actions.other_questions import is_other_question
from actions.reading import intent_of, text_of
from actions.reminder_changes import Target, choose_target, new_time
from actions.reminder_effects import in_talk
from actions.reminder_matching import Meant, meant
from actions.reminder_often import OFTEN, often_from_slot, often_in, times_of
from actions.reminder_reading import (
    LONGEST_WHAT,
    bare_text,
    kind_of,
    kind_to_set,
    points_back,
    texts_of,
)
from actions.reminder_times import (
    NEGATIVE,
    NO_SUCH_TIME,
    PAST,
    TOO_FAR,
    TOO_OFTEN,
    Times,
    time_from_number,
    times_in,
)
from actions.storage.database import StorageError, ask_database
from actions.storage.reminders import REMINDER, Reminder, ReminderRepository

logger = logging.getLogger(__name__)

WHAT, WHEN, KIND = "reminder_what", "reminder_when", "reminder_kind"
TARGETS, NEW_TIME, CONFIRM = "reminder_targets", "reminder_new_time", "confirm_cancel_reminders"

_DIGRESSIONS = (CONVERSATION | {"goodbye"}) - {"nlu_fallback", "out_of_scope", "correct"}
_ASKING = re.compile(r"(?:ask|show|list|tell|get|query|cancel|change)_|EXTERNAL")
_MOST_WORDS = 15


class ReminderForm(SkillForm):
    """What the three forms share."""

    def requested(self, tracker: Tracker, slot: str) -> bool:
        """Whether the message answers the question for a slot."""
        return not self.starts_now(tracker) and tracker.get_slot(REQUESTED_SLOT) == slot


class ValidateSetReminderForm(ReminderForm):
    """Fills `set_reminder_form`: what (of a reminder only), and when."""

    trigger = "set_reminder"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_set_reminder_form"

    def answers(self, tracker: Tracker) -> bool:
        """As for every form; but to "of what?", nearly any sentence is an answer.

        "Buy milk" is for a list anywhere else.
        """
        if super().answers(tracker):
            return True
        message = tracker.latest_message
        intent, text = intent_of(message), text_of(message)
        if tracker.get_slot(REQUESTED_SLOT) != WHAT or not text:
            return False
        return not (
            intent in _DIGRESSIONS
            or _ASKING.match(intent)
            or is_other_question(message)
            or len(text.split()) > _MOST_WORDS
        )

    async def extract_reminder_what(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the words; a timer and an alarm may do without."""
        message = tracker.latest_message
        texts = texts_of(message)
        if self.starts_now(tracker):
            return {WHAT: texts if texts or kind_to_set(message) != REMINDER else None}
        if not self.answers(tracker):
            return {}
        if not self.requested(tracker, WHAT):
            return {WHAT: texts} if texts else {}
        if not texts and intent_of(message) != "affirm":
            bare = bare_text(message)
            texts = [bare] if bare else []
        if not texts and _says_time(message, now_for(tracker)):
            return {}  # an answer all the same, to the next question
        return {WHAT: texts or None}

    async def extract_reminder_when(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the times; what cannot be is said."""
        message, now = tracker.latest_message, now_for(tracker)
        starts = self.starts_now(tracker)
        if not starts and not self.answers(tracker):
            return {}
        kind = kind_to_set(message) if starts else str(tracker.get_slot(KIND) or "")
        asked = self.requested(tracker, WHEN)
        often = often_in(message) or (None if starts else often_from_slot(tracker.get_slot(OFTEN)))
        if often:
            found = times_of(often, message, now, asked=asked)
        else:
            found = times_in(message, now, kind)
        if not found.whens and not found.trouble and asked and not often:
            found = time_from_number(message, now, kind)
        if found.trouble:
            say_trouble(dispatcher, found)
        if found.whens:
            return {WHEN: [when.to_slot() for when in found.whens]}
        return {WHEN: None} if starts or asked else {}

    async def validate_reminder_what(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Refuses more words than Parley keeps."""
        texts = value if isinstance(value, list) else None
        if texts and any(len(text) > LONGEST_WHAT for text in texts):
            dispatcher.utter_message(
                response="utter_reminder_text_too_long", most=str(LONGEST_WHAT)
            )
            texts = None
        return self.accepted(WHAT, texts, tracker)

    async def validate_reminder_when(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Keeps the kind with the time, for the question and for the end."""
        slots = self.accepted(WHEN, value or None, tracker)
        message = tracker.latest_message
        if self.starts_now(tracker):
            slots[KIND] = kind_to_set(message)
        elif not tracker.get_slot(KIND):
            slots[KIND] = kind_of(message) or REMINDER
        often = often_in(message)
        if often or self.starts_now(tracker):
            slots[OFTEN] = often.to_slot() if often else None
        return slots


class ValidateCancelReminderForm(ReminderForm):
    """Fills `cancel_reminder_form`: which; and a yes, unless it is clear which one."""

    trigger = "cancel_reminder"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_cancel_reminder_form"

    async def extract_reminder_targets(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Finds what is meant; an answer that names others moves the question to them."""
        starts = self.starts_now(tracker)
        named = bool(texts_of(tracker.latest_message))
        if not starts and not (self.answers(tracker) and named):
            return {}
        found = await self._meant(tracker)
        ids = [reminder.id for reminder in found.reminders] if found else []
        return {TARGETS: ids or None} if starts or ids else {}

    async def extract_confirm_cancel_reminders(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes yes and no; where it is clear what is meant, it is a yes by itself."""
        if self.starts_now(tracker) or texts_of(tracker.latest_message):
            if not self.starts_now(tracker) and not self.answers(tracker):
                return {}
            found = await self._meant(tracker)
            return {CONFIRM: True if found and _is_clear(found, tracker) else None}
        if not self.requested(tracker, CONFIRM):
            return {}
        intent = intent_of(tracker.latest_message)
        if intent in ("affirm", "deny"):
            return {CONFIRM: intent == "affirm"}
        return {CONFIRM: None} if self.answers(tracker) else {}

    async def validate_reminder_targets(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Without anything to cancel, or with too much, the action says so."""
        slots = self.accepted(TARGETS, value or None, tracker)
        found = await self._meant(tracker) if self.starts_now(tracker) else None
        if not value or (found and len(found.reminders) > 1 and not found.every):
            slots[REQUESTED_SLOT] = None
        return slots

    async def validate_confirm_cancel_reminders(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes a yes or a no."""
        return self.accepted(CONFIRM, value if isinstance(value, bool) else None, tracker)

    async def _meant(self, tracker: Tracker) -> Meant | None:
        there = await waiting_or_none(tracker)
        return meant_to_cancel(tracker, there) if there is not None else None


class ValidateChangeReminderForm(ReminderForm):
    """Fills `change_reminder_form`: which one, and its new time."""

    trigger = "change_reminder"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_change_reminder_form"

    async def extract_reminder_targets(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Finds the one that is meant."""
        if not self.starts_now(tracker):
            return {}
        target = await self._target(tracker)
        return {TARGETS: [target.id] if target else None}

    async def extract_reminder_new_time(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the new time, or how much earlier or later."""
        starts = self.starts_now(tracker)
        if not starts and not self.answers(tracker):
            return {}
        target = await self._target(tracker)
        if target is None:
            return {NEW_TIME: None} if starts else {}
        asked = self.requested(tracker, NEW_TIME)
        found = new_time(target, tracker.latest_message, now_for(tracker), asked=asked)
        if found.trouble:
            say_trouble(dispatcher, found)
        if found.whens:
            return {NEW_TIME: [found.whens[-1].to_slot()]}
        return {NEW_TIME: None} if starts or asked else {}

    async def validate_reminder_targets(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Without one to change, the action says so, or which there are to choose from."""
        slots = self.accepted(TARGETS, value or None, tracker)
        if not value:
            slots[REQUESTED_SLOT] = None
        return slots

    async def validate_reminder_new_time(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the time."""
        return self.accepted(NEW_TIME, value or None, tracker)

    async def _target(self, tracker: Tracker) -> Reminder | None:
        now = now_for(tracker)
        ids = [] if self.starts_now(tracker) else list(tracker.get_slot(TARGETS) or [])
        try:
            if ids:
                named: list[Reminder] = await ask_reminders(tracker, lambda r: r.named(ids))
                return next(iter(named), None)
            choice: Target = await ask_reminders(tracker, lambda r: choose_target(r, tracker, now))
        except StorageError as error:
            logger.error("The reminders cannot be read: %s", error)
            return None
        return choice.target


async def ask_reminders(tracker: Tracker, question: Callable[[ReminderRepository], Any]) -> Any:
    """Asks for something of the user's reminders; may raise `StorageError`."""
    return await ask_database(lambda db: question(ReminderRepository(db, tracker.sender_id)))


async def waiting_or_none(tracker: Tracker) -> list[Reminder] | None:
    """What is waiting, or None where the database is away (the form's action will say so)."""
    try:
        found: list[Reminder] = await ask_reminders(tracker, lambda r: r.waiting())
    except StorageError as error:
        logger.error("The reminders cannot be read: %s", error)
        return None
    return found


def meant_to_cancel(tracker: Tracker, there: list[Reminder]) -> Meant:
    """What a message wants cancelled; where it does not say, what is talked of."""
    found = meant(tracker.latest_message, there, by_time=True)
    if not found.named and not found.every and len(found.reminders) > 1:
        talked_of = set(in_talk(tracker)) if points_back(tracker.latest_message) else set()
        chosen = [reminder for reminder in found.reminders if reminder.id in talked_of]
        if len(chosen) == 1:
            return Meant(chosen, named=True, every=False)
    return found


def say_trouble(dispatcher: CollectingDispatcher, found: Times) -> None:
    """Says why a time cannot be."""
    if found.trouble == NO_SUCH_TIME:
        dispatcher.utter_message(response="utter_no_such_time", words=found.words)
    elif found.trouble == NEGATIVE:
        dispatcher.utter_message(response="utter_time_of_nothing")
    elif found.trouble == PAST:
        dispatcher.utter_message(response="utter_time_is_past")
    elif found.trouble == TOO_FAR:
        dispatcher.utter_message(response="utter_time_too_far")
    elif found.trouble == TOO_OFTEN:
        dispatcher.utter_message(response="utter_recurrence_unusable")


def _is_clear(found: Meant, tracker: Tracker) -> bool:
    """Whether nobody needs to be asked: one is meant, and the message says which."""
    if len(found.reminders) != 1:
        return False
    return found.named or kind_of(tracker.latest_message) == found.reminders[0].kind


def _says_time(message: Any, now: datetime) -> bool:
    found = times_in(message, now)
    return bool(found.whens or found.trouble)
