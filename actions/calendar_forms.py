"""The forms of the calendar skill: to add, to move and to cancel."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.calendar_finding import (
    Found,
    around,
    find_meant,
    in_the_way,
    is_series,
    present_or_new,
)
from actions.calendar_moving import moved_event, read_move
from actions.calendar_objects import Event
from actions.calendar_talk import (
    CONFIRM,
    DOUBT,
    EVENT,
    FOUND,
    KNOWN,
    LONGEST_TITLE,
    PLACE,
    TIMES,
    TITLE,
    WHEN,
    beside,
    event_in_talk,
    events_in_slot,
    known_of,
    place_in,
    says_everything,
    title_from_words,
    title_in,
    title_of_request,
)
from actions.calendar_times import DAY, When, cannot_be, read_when, says_all_day
from actions.clients.calendar import CalendarError
from actions.clock import now_for, zone_of
from actions.correcting import CONVERSATION
from actions.forms import ATTEMPTS, SkillForm, Slots
from actions.other_questions import is_other_question
from actions.reading import Message, intent_of, text_of
from actions.values import durations, numbers, recurrences, times

logger = logging.getLogger(__name__)

_DIGRESSIONS = CONVERSATION - {"nlu_fallback", "out_of_scope", "correct", "affirm"}
_ASKING = re.compile(r"(?:ask|show|list|tell|get|query)_|EXTERNAL")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MOST_WORDS_BESIDE_A_TIME = 4
_MOST_WORDS_OF_A_TITLE = 10
_MOST_WORDS_OF_ANOTHER_REQUEST = 4


class CalendarForm(SkillForm):
    """What the three forms share."""

    def requested(self, tracker: Tracker, slot: str) -> bool:
        """Whether the message answers the question for a slot."""
        return not self.starts_now(tracker) and tracker.get_slot(REQUESTED_SLOT) == slot

    def answers(self, tracker: Tracker) -> bool:
        """As for every form; and few words about a time, or a name where one was asked for.

        The classifier cannot tell "Friday at seven" from what other skills make of it.
        """
        message = tracker.latest_message
        if super().answers(tracker):
            return True
        text, intent = text_of(message), intent_of(message)
        if not text or intent in _DIGRESSIONS or is_other_question(message):
            return intent == "deny" and _says_time(message)
        if _says_time(message):
            return len(_WORD.findall(beside(message))) <= _MOST_WORDS_BESIDE_A_TIME
        if tracker.get_slot(REQUESTED_SLOT) not in (TITLE, FOUND) or _ASKING.match(intent):
            return False
        unknown = intent in ("nlu_fallback", "out_of_scope")
        most = _MOST_WORDS_OF_A_TITLE if unknown else _MOST_WORDS_OF_ANOTHER_REQUEST
        return len(_WORD.findall(text)) <= most

    async def extract_confirm_event(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes a yes or a no to the question; with another time it is neither."""
        if self.starts_now(tracker):
            return {CONFIRM: None}
        message = tracker.latest_message
        if not self.requested(tracker, CONFIRM) or _says_time(message):
            return {}
        if intent_of(message) in ("affirm", "deny"):
            return {CONFIRM: intent_of(message) == "affirm"}
        return {CONFIRM: None} if self.answers(tracker) else {}

    async def validate_confirm_event(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes a yes or a no; at the start the other slots have decided whether to ask."""
        if not self.requested(tracker, CONFIRM):
            return {}
        return self.accepted(CONFIRM, value if isinstance(value, bool) else None, tracker)

    async def validate_event_when(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Keeps a day without an hour for later; asks about a time that is past or taken."""
        if not isinstance(value, Mapping):
            slots = self.accepted(WHEN, None, tracker)
            return {**slots, KNOWN: None} if self.starts_now(tracker) else slots
        when = When.from_json(value, zone_of(tracker))
        if when.open:
            if tracker.get_slot(KNOWN) == value and not self.starts_now(tracker):
                return self.accepted(WHEN, None, tracker)
            return {WHEN: None, KNOWN: value, ATTEMPTS: 0}
        slots = {**self.accepted(WHEN, value, tracker), KNOWN: None}
        try:
            doubt = await self.doubt(tracker, when)
        except CalendarError as error:
            return {**slots, **self.out_of_reach(error)}
        return {**slots, DOUBT: doubt, CONFIRM: None if doubt else True}

    async def doubt(self, tracker: Tracker, when: When) -> dict[str, Any] | None:
        """Why one had better ask before an event is put there."""
        now = now_for(tracker)
        moving = next(iter(events_in_slot(tracker, zone_of(tracker))), None)
        past = when.end <= now if when.all_day else when.start < now
        if past and not when.rule:
            return {"reason": "past"}
        taken = await in_the_way(tracker, when, moving)
        if taken:
            return {"reason": "conflict", "events": [event.to_json() for event in taken]}
        return None

    def out_of_reach(self, error: CalendarError) -> Slots:
        """Ends the form; its action says why."""
        logger.error("%s: %s", self.name(), error)
        return {CONFIRM: error.reason, REQUESTED_SLOT: None}


class ValidateAddEventForm(CalendarForm):
    """Fills `add_event_form`: what, and when."""

    trigger = "add_event"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_add_event_form"

    async def extract_event_title(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the title."""
        message = tracker.latest_message
        named = title_in(message)
        if self.starts_now(tracker):
            return {TITLE: named or title_of_request(message) or None}
        if not self.answers(tracker):
            return {}
        if named:
            return {TITLE: named}
        if not self.requested(tracker, TITLE):
            return {}
        if intent_of(message) == "affirm":
            return {TITLE: None}
        bare = title_from_words(beside(message, TIMES))
        return {TITLE: bare} if bare or not _says_time(message) else {}

    async def extract_event_when(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the time; what cannot be is said."""
        message, now = tracker.latest_message, now_for(tracker)
        starts, asked = self.starts_now(tracker), self.requested(tracker, WHEN)
        if not starts and not self.answers(tracker):
            return {}
        words = cannot_be(message)
        if words and not times(message):
            dispatcher.utter_message(response="utter_event_time_impossible", words=words)
            return {WHEN: None} if starts or asked else {}
        if not starts and not _says_time(message):
            return {WHEN: None} if asked else {}
        known = None if starts else _known(tracker)
        title = str(tracker.get_slot(TITLE) or title_in(message))
        when = read_when(message, now, title, known, asked)
        if when and when.open and known_of(message).get("all_day"):
            when = When(when.start, when.start + DAY, all_day=True, rule=when.rule)
        return {WHEN: when.to_json() if when else None} if when or starts or asked else {}

    async def validate_event_title(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Refuses a title that is longer than Parley keeps."""
        if value and len(str(value)) > LONGEST_TITLE:
            dispatcher.utter_message(response="utter_event_title_too_long", most=str(LONGEST_TITLE))
            value = None
        place = place_in(tracker.latest_message)
        slots = self.accepted(TITLE, value or None, tracker)
        if self.starts_now(tracker):
            # Another form that gave way to this one may have left what it found.
            return {**slots, PLACE: place, FOUND: None}
        return {**slots, PLACE: place} if place else slots


class FindingForm(CalendarForm):
    """A form that is about an event of the calendar."""

    async def extract_events_found(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Finds the event; an answer that names another moves the question to that."""
        message, now = tracker.latest_message, now_for(tracker)
        starts, asked = self.starts_now(tracker), self.requested(tracker, FOUND)
        if not starts and not (self.answers(tracker) and (asked or title_in(message))):
            return {}
        if asked and not title_in(message) and not times(message):
            named = title_from_words(text_of(message))
            entities = [{"entity": EVENT, "value": named}] if named else []
            message = {**message, "entities": entities}
        try:
            found = await self.find(tracker, message, now)
        except CalendarError as error:
            logger.error("%s: %s", self.name(), error)
            return {FOUND: {"trouble": error.reason}}
        if found is None:
            return {FOUND: None}
        events = [event.to_json() for event in found.events]
        name = title_in(message)
        return {FOUND: {"events": events, "certain": found.certain, "name": name}}

    async def find(self, tracker: Tracker, message: Message, now: datetime) -> Found | None:
        """The events that are meant; None where the message does not say."""
        raise NotImplementedError

    async def validate_events_found(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Goes on with one event; with none or several the form's action says so."""
        if not isinstance(value, Mapping):
            return self.accepted(FOUND, None, tracker)
        if "trouble" in value:
            return {FOUND: None, CONFIRM: value["trouble"], REQUESTED_SLOT: None}
        slots = self.accepted(FOUND, value, tracker)
        if len(value["events"]) != 1:
            slots[REQUESTED_SLOT] = None
        return slots


class ValidateMoveEventForm(FindingForm):
    """Fills `move_event_form`: which event, and to when."""

    trigger = "move_event"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_move_event_form"

    async def find(self, tracker: Tracker, message: Message, now: datetime) -> Found | None:
        """The event by its name and by the time that it has now."""
        there = await around(tracker, message, now)
        name = title_in(message)
        talked_of = event_in_talk(tracker, zone_of(tracker))
        candidates = there if name or talked_of is None else [talked_of]
        move = read_move(message, now, lambda moment: present_or_new(candidates, name, moment))
        return await find_meant(tracker, message, now, move.present)

    async def extract_event_when(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the new time, or how much earlier or later; what cannot be is said."""
        message, now = tracker.latest_message, now_for(tracker)
        starts, asked = self.starts_now(tracker), self.requested(tracker, WHEN)
        events = events_in_slot(tracker, zone_of(tracker))
        if len(events) != 1 or not (starts or self.answers(tracker)):
            return {WHEN: None} if starts else {}
        ready = known_of(message).get("when")
        if ready:
            return {WHEN: ready}
        words = cannot_be(message)
        if words and not times(message):
            dispatcher.utter_message(response="utter_event_time_impossible", words=words)
            return {WHEN: None} if starts or asked else {}
        if not starts and not _says_time(message):
            return {WHEN: None} if asked else {}
        when = self._new_time(tracker, events[0], now, later=not starts)
        return {WHEN: when.to_json() if when else None} if when or starts or asked else {}

    def _new_time(self, tracker: Tracker, event: Event, now: datetime, later: bool) -> When | None:
        message = tracker.latest_message
        known = _known(tracker) if later else None
        if later and (known or not (times(message) or durations(message))):
            midnight = event.start.replace(hour=0, minute=0, second=0)
            day = known or When(midnight, midnight + DAY, open=True)
            when = read_when(message, now, event.title, day, asked=True)
            if when and not when.open and not when.all_day and not durations(message):
                said = any(moment.end and moment.time_given for moment in times(message))
                length = event.end - event.start
                if not said and not event.all_day:
                    return When(when.start, when.start + length)
            return when
        return new_time(tracker, event, now, asked=later)


class ValidateCancelEventForm(FindingForm):
    """Fills `cancel_event_form`: which event; and a yes, unless there is no doubt."""

    trigger = "cancel_event"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_cancel_event_form"

    async def find(self, tracker: Tracker, message: Message, now: datetime) -> Found | None:
        """The event by its name and its time."""
        return await find_meant(tracker, message, now, tuple(times(message)))

    async def validate_events_found(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """As for every form; and asks, unless there is no doubt about what is meant."""
        slots = await super().validate_events_found(value, dispatcher, tracker, domain)
        if not isinstance(value, Mapping) or not value.get("events"):
            return slots
        message = tracker.latest_message
        events = [Event.from_json(one, zone_of(tracker)) for one in value["events"]]
        if len(events) > 1 and says_everything(message):
            slots.pop(REQUESTED_SLOT, None)
        series = len(events) == 1 and is_series(events[0], message)
        sure = len(events) == 1 and value["certain"] and not series
        return {
            **slots,
            DOUBT: {"reason": "series" if series else "cancel"},
            CONFIRM: True if sure else None,
        }


def new_time(tracker: Tracker, event: Event, now: datetime, asked: bool = False) -> When | None:
    """The time that the latest message gives an event."""
    message = tracker.latest_message

    def is_present(moment: Any) -> bool:
        return present_or_new([event], "", moment)

    move = read_move(message, now, is_present, asked=asked)
    return moved_event(message, event, move.new, now)


def _known(tracker: Tracker) -> When | None:
    value = tracker.get_slot(WHEN) or tracker.get_slot(KNOWN)
    return When.from_json(value, zone_of(tracker)) if isinstance(value, Mapping) else None


def _says_time(message: Message) -> bool:
    return bool(
        times(message)
        or recurrences(message)
        or durations(message)
        or numbers(message)
        or cannot_be(message)
        or says_all_day(message)
    )
