"""The reminders skill: setting, listing, changing, cancelling, once it is known what is meant."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import buttons_by_place, fitting, most_named
from actions.choices import Choice, offer
from actions.clock import between, now_for, zone_of
from actions.conversation import channel_of
from actions.ending_forms import EndsForm
from actions.reading import Message, text_of
from actions.reminder_changes import Target, changed, choose_target, is_once_more
from actions.reminder_effects import in_talk, note_cancelled, note_changed, note_set
from actions.reminder_forms import (
    CONFIRM,
    KIND,
    NEW_TIME,
    TARGETS,
    WHAT,
    WHEN,
    ask_reminders,
    meant_to_cancel,
)
from actions.reminder_matching import meant
from actions.reminder_often import DAILY, OFTEN, often_from_slot
from actions.reminder_reading import CHANGE, ID, SNOOZE, change_of, kind_of
from actions.reminder_speaking import (
    speak_due,
    speak_entries,
    speak_entry,
    speak_left,
    speak_things,
    speak_what,
    speak_your,
)
from actions.reminder_times import When, from_slot
from actions.speaking_times import speak_duration, speak_number, speak_until
from actions.storage.database import StorageError
from actions.storage.reminders import (
    ALARM,
    MOST_WAITING,
    TIMER,
    Reminder,
    TooManyRemindersError,
)

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

CANNOT_PUSH = frozenset({"rest"})
"""Channels that only answer: what is due is said at the person's next message."""

_KIND_NAMES = {TIMER: "timers", ALARM: "alarms", None: "timers, alarms or reminders"}
_LEFT = re.compile(r"(?i)\bhow (?:long|much|many)\b|\bleft\b|\bremaining\b")


class ReminderAction(Action, ABC):
    """An action on the user's reminders, which says so when they cannot be reached."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Does it; may raise `StorageError`."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Does it, or says why not."""
        dispatcher = fitting(dispatcher, tracker)
        try:
            return await self.act(dispatcher, tracker)
        except StorageError as error:
            logger.error("%s: the reminders are out of reach: %s", self.name(), error)
            dispatcher.utter_message(response="utter_reminders_unavailable")
            return []


class SubmitReminderAction(EndsForm, ReminderAction, ABC):
    """The action at the end of a form, after which nothing is pending."""


class ActionAskReminderWhen(Action):
    """Asks when; of a timer, for how long."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_set_reminder_form_reminder_when"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks."""
        often = often_from_slot(tracker.get_slot(OFTEN))
        if often and often.rule == DAILY:
            times = speak_number(often.times)
            dispatcher.utter_message(response="utter_ask_reminder_times", times=times)
        elif often:
            dispatcher.utter_message(response="utter_ask_reminder_days")
        elif tracker.get_slot(KIND) == TIMER:
            dispatcher.utter_message(response="utter_ask_timer_length")
        elif tracker.get_slot(KIND) == ALARM:
            dispatcher.utter_message(response="utter_ask_alarm_when")
        else:
            dispatcher.utter_message(response="utter_ask_reminder_when")
        return []


class ActionAskConfirmCancelReminders(Action):
    """Asks whether to cancel, and names what."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_confirm_cancel_reminders"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks; without the names, where they cannot be read."""
        ids = list(tracker.get_slot(TARGETS) or [])
        try:
            there: list[Reminder] = await ask_reminders(tracker, lambda r: r.named(ids))
        except StorageError as error:
            logger.error("The reminders cannot be read: %s", error)
            there = []
        things = speak_entries(there, now_for(tracker), most_named(tracker)) if there else "it"
        fitting(dispatcher, tracker).utter_message(
            response="utter_ask_confirm_cancel_reminders", things=things
        )
        return []


class ActionSetReminder(SubmitReminderAction):
    """Sets what `set_reminder_form` gathered."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_set_reminder"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Sets, and says when it is due."""
        now = now_for(tracker)
        whens = from_slot(tracker.get_slot(WHEN), now.tzinfo)
        texts, kind = list(tracker.get_slot(WHAT) or []), str(tracker.get_slot(KIND) or "")
        if not whens or not kind:
            dispatcher.utter_message(response="utter_given_up")
            return []
        channel = channel_of(tracker) or "rest"
        blank = Reminder(kind, now, str(zone_of(tracker)), channel, now)
        wanted = [
            replace(blank, what=what, due_at=w.due, first_at=w.due, rrule=w.rrule)
            for what, w in paired(texts, whens)
        ]
        try:
            added: list[Reminder] = await ask_reminders(tracker, lambda r: r.add(wanted, now))
        except TooManyRemindersError:
            dispatcher.utter_message(response="utter_too_many_reminders", most=str(MOST_WAITING))
            return []
        say_set(dispatcher, added, now)
        if channel in CANNOT_PUSH and not in_talk(tracker):
            dispatcher.utter_message(response="utter_said_at_next_message")
        return [note_set(added, now, tracker.latest_message.get("entities") or [])]


class ActionListReminders(ReminderAction):
    """Says what is set: all of it, one kind, or how much is left of one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_list_reminders"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Says it."""
        message, now = tracker.latest_message, now_for(tracker)
        there: list[Reminder] = await ask_reminders(tracker, lambda r: r.waiting())
        found = meant(message, there, by_time=True)
        if not found.reminders:
            say_none(dispatcher, message, there, named=found.named, now=now)
            return []
        only = found.reminders[0] if len(found.reminders) == 1 else None
        if only and not only.rrule and (only.kind == TIMER or _LEFT.search(text_of(message))):
            dispatcher.utter_message(
                response="utter_time_left",
                left=speak_left(only, now).capitalize(),
                thing=speak_your(only),
            )
            return []
        dispatcher.utter_message(
            response="utter_reminders_listed",
            things=speak_entries(found.reminders, now, most_named(tracker)),
        )
        return [_offer(found.reminders, now, "list_reminders")] if only is None else []


class ActionChangeReminder(SubmitReminderAction):
    """Moves, prolongs, shortens or snoozes, as `change_reminder_form` gathered."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_change_reminder"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Changes it, or says what there is to change."""
        message, now = tracker.latest_message, now_for(tracker)
        ids = list(tracker.get_slot(TARGETS) or [])
        whens = from_slot(tracker.get_slot(NEW_TIME), now.tzinfo)
        if not ids:
            return await self._say_why_not(dispatcher, tracker, now)
        there: list[Reminder] = await ask_reminders(tracker, lambda r: r.named(ids))
        if not whens or not there:
            dispatcher.utter_message(response="utter_given_up")
            return []
        before = there[0]
        snoozes = change_of(message) == SNOOZE or before.state != "waiting"
        if is_once_more(before, snoozes=snoozes) and before.rrule:
            return await self._once_more(dispatcher, tracker, before, whens[0])
        after = changed(before, whens[0], snoozes=snoozes)
        await ask_reminders(tracker, lambda r: r.put(after))
        if snoozes:
            dispatcher.utter_message(
                response="utter_snoozed",
                thing=speak_your(after),
                when=speak_until(after.due_at, now),
            )
        elif after.kind == TIMER:
            dispatcher.utter_message(
                response="utter_timer_changed", thing=speak_your(after), left=speak_left(after, now)
            )
        else:
            name = speak_your(after) if after.what else f"your {after.kind}"
            dispatcher.utter_message(
                response="utter_reminder_moved", thing=name, when=speak_due(after, now)
            )
        return [note_changed(before, message.get("entities") or [])]

    async def _once_more(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, before: Reminder, when: When
    ) -> Events:
        now = now_for(tracker)
        extra = replace(
            before, due_at=when.due, first_at=when.due, rrule=None, snoozed=1, created_at=now, id=0
        )
        added: list[Reminder] = await ask_reminders(tracker, lambda r: r.add([extra], now))
        dispatcher.utter_message(
            response="utter_snoozed", thing=speak_your(before), when=speak_until(when.due, now)
        )
        return [note_set(added, now)]

    async def _say_why_not(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> Events:
        message = tracker.latest_message
        choice: Target = await ask_reminders(tracker, lambda r: choose_target(r, tracker, now))
        if len(choice.candidates) > 1:
            dispatcher.utter_message(
                response="utter_which_reminder_to_change",
                things=speak_entries(choice.candidates, now),
                buttons=_buttons(tracker, choice.candidates, now),
            )
            kept = ("time", "duration", "recurrence", "number")
            said = [e for e in message.get("entities") or [] if e.get("entity") in kept]
            said = [*said, {"entity": CHANGE, "value": change_of(message)}]
            return [_offer(choice.candidates, now, "change_reminder", said)]
        there: list[Reminder] = await ask_reminders(tracker, lambda r: r.waiting())
        if change_of(message) == SNOOZE:
            dispatcher.utter_message(response="utter_nothing_to_snooze")
        else:
            say_none(dispatcher, message, there, named=bool(there), now=now)
        return []


class ActionCancelReminder(SubmitReminderAction):
    """Cancels what `cancel_reminder_form` gathered, if that is clear or was said yes to."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_cancel_reminder"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Cancels, or says what there is to cancel."""
        now = now_for(tracker)
        ids, confirmed = list(tracker.get_slot(TARGETS) or []), tracker.get_slot(CONFIRM)
        if ids and confirmed is True:
            gone: list[Reminder] = await ask_reminders(tracker, lambda r: r.cancel(ids))
            if not gone:
                dispatcher.utter_message(response="utter_no_reminders", kinds=_KIND_NAMES[None])
                return []
            dispatcher.utter_message(
                response="utter_reminders_cancelled", things=speak_things(gone)
            )
            return [note_cancelled(gone)]
        there: list[Reminder] = await ask_reminders(tracker, lambda r: r.waiting())
        if ids and confirmed is False:
            dispatcher.utter_message(response="utter_reminders_kept")
            return []
        found = meant_to_cancel(tracker, there)
        if len(found.reminders) > 1 and not found.every:
            dispatcher.utter_message(
                response="utter_which_reminder_to_cancel",
                things=speak_entries(found.reminders, now),
                buttons=_buttons(tracker, found.reminders, now),
            )
            return [_offer(found.reminders, now, "cancel_reminder")]
        if not found.reminders:
            say_none(dispatcher, tracker.latest_message, there, named=found.named, now=now)
        else:
            dispatcher.utter_message(response="utter_given_up")
        return []


def paired(texts: Sequence[str], whens: Sequence[When]) -> list[tuple[str | None, When]]:
    """What goes with which time: in their order, where there are as many of both.

    One text with several times is due at each of them; several texts at one time are one each.
    """
    if not texts:
        return [(None, when) for when in whens]
    if len(texts) == len(whens):
        return list(zip(texts, whens, strict=True))
    if len(whens) == 1:
        return [(text, whens[0]) for text in texts]
    joined = " and ".join(texts)
    return [(joined, when) for when in whens]


def say_set(dispatcher: CollectingDispatcher, added: Sequence[Reminder], now: datetime) -> None:
    """Says what was set, and for when."""
    if len(added) > 1:
        dispatcher.utter_message(response="utter_several_set", things=speak_entries(added, now))
        return
    one = added[0]
    when = speak_due(one, now)
    if one.kind == TIMER and not one.rrule:
        length = speak_duration(between(now, one.due_at))
        dispatcher.utter_message(response="utter_timer_set", thing=speak_your(one), length=length)
    elif one.kind == ALARM or not one.what:
        dispatcher.utter_message(response="utter_alarm_set", when=when)
    else:
        dispatcher.utter_message(
            response="utter_reminder_set", what=speak_what(one.what), when=when
        )


def say_none(
    dispatcher: CollectingDispatcher,
    message: Message,
    there: Sequence[Reminder],
    *,
    named: bool,
    now: datetime,
) -> None:
    """Says that there is nothing like that, and what there is."""
    kind = kind_of(message)
    if named and there:
        dispatcher.utter_message(
            response="utter_unknown_reminder", things=speak_entries(there, now)
        )
    else:
        kinds = _KIND_NAMES.get(kind, _KIND_NAMES[None])
        dispatcher.utter_message(response="utter_no_reminders", kinds=kinds)


def _buttons(
    tracker: Tracker, reminders: Sequence[Reminder], now: datetime
) -> list[dict[str, str]]:
    titles = [speak_entry(reminder, now).replace('"', "") for reminder in reminders]
    return buttons_by_place(tracker, titles)


def _offer(
    reminders: Sequence[Reminder],
    now: datetime,
    intent: str,
    said: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    return offer(
        [
            Choice(
                speak_entry(reminder, now),
                intent,
                [{"entity": ID, "value": str(reminder.id)}, *(dict(entity) for entity in said)],
            )
            for reminder in reminders
        ]
    )
