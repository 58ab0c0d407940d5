"""The calendar skill: adding, asking, moving and cancelling, once it is known what is meant."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.calendar_effects import Change, cancel, move, note_calendar, say_out_of_reach
from actions.calendar_forms import new_time
from actions.calendar_objects import Event, new_event
from actions.calendar_speaking import MOST_SPOKEN, speak_event, speak_events, speak_span, speak_when
from actions.calendar_talk import (
    CONFIRM,
    DOUBT,
    FOUND,
    IN_TALK,
    PLACE,
    TITLE,
    WHEN,
    event_entity,
    events_in_slot,
    time_entity,
)
from actions.calendar_times import When
from actions.channels import buttons_by_place, fitting, most_named
from actions.choices import Choice, offer
from actions.clients.calendar import CalendarError, ask_calendar
from actions.clock import now_for, zone_of
from actions.ending_forms import EndsForm
from actions.speaking import join

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]


class CalendarAction(Action, ABC):
    """An action on the user's calendar; says so where that is out of reach."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    @abstractmethod
    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> Events:
        """Does it; may raise `CalendarError`."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Does it, or says why not."""
        dispatcher = fitting(dispatcher, tracker)
        trouble = tracker.get_slot(CONFIRM)
        if isinstance(trouble, str):  # the form has tried already
            say_out_of_reach(dispatcher, trouble)
            return []
        try:
            return await self.act(dispatcher, tracker, now_for(tracker))
        except CalendarError as error:
            logger.error("%s: %s", self.name(), error)
            say_out_of_reach(dispatcher, error.reason)
            return []


class CalendarSubmit(EndsForm, CalendarAction, ABC):
    """The action at the end of a form, after which nothing is pending."""


class ActionAddEvent(CalendarSubmit):
    """Adds what `add_event_form` gathered."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_add_event"

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> Events:
        """Adds it, unless the user would rather not."""
        title, when = tracker.get_slot(TITLE), _when(tracker)
        if tracker.get_slot(CONFIRM) is False:
            dispatcher.utter_message(response="utter_event_not_added")
            return []
        if not title or when is None or tracker.get_slot(CONFIRM) is not True:
            dispatcher.utter_message(response="utter_given_up")
            return []
        place = tracker.get_slot(PLACE)
        uid, text = new_event(
            str(title), when.start, when.end, all_day=when.all_day, place=place, rule=when.rule
        )
        await ask_calendar(tracker.sender_id, lambda calendar: calendar.write(uid, text, None))
        spoken = f"{speak_when(when, now)}{f', {place}' if place else ''}"
        dispatcher.utter_message(response="utter_event_added", event=str(title), when=spoken)
        event = Event(uid, str(title), when.start, when.end, when.all_day, place)
        said = {"entity": "event", "value": title}
        if when.all_day:
            said["additional_info"] = {"all_day": True}
        places = [{"entity": "place", "value": place}] if place else []
        return [
            SlotSet(IN_TALK, event.to_json()),
            note_calendar(
                "added",
                str(title),
                [Change(uid, None, text)],
                "add_event",
                [said, *time_entity(when), *places],
            ),
        ]


class ActionMoveEvent(CalendarSubmit):
    """Moves what `move_event_form` found."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_move_event"

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> Events:
        """Moves it; or says that there is none, or which there are."""
        events, when = events_in_slot(tracker, zone_of(tracker)), _when(tracker)
        if tracker.get_slot(FOUND) and len(events) != 1:
            return _which(dispatcher, tracker, events, now, "move_event")
        if tracker.get_slot(CONFIRM) is False:
            dispatcher.utter_message(response="utter_event_stays")
            return []
        if not events or when is None or tracker.get_slot(CONFIRM) is not True:
            dispatcher.utter_message(response="utter_given_up")
            return []
        event, to = events[0], when
        changes = await ask_calendar(tracker.sender_id, lambda calendar: move(calendar, event, to))
        spoken = speak_span(to.start, to.end, now, all_day=to.all_day)
        dispatcher.utter_message(response="utter_event_moved", event=event.title, when=spoken)
        there = Event(
            event.uid, event.title, to.start, to.end, to.all_day, event.place, event.occurrence
        )
        return [
            SlotSet(IN_TALK, there.to_json()),
            note_calendar(
                "moved",
                event.title,
                changes,
                "move_event",
                [event_entity(event), *time_entity(to)],
            ),
        ]


class ActionCancelEvent(CalendarSubmit):
    """Takes what `cancel_event_form` found out of the calendar."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_cancel_event"

    async def act(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime
    ) -> Events:
        """Cancels it; or says that there is none, or which there are, or that it stays."""
        events, answer = events_in_slot(tracker, zone_of(tracker)), tracker.get_slot(CONFIRM)
        if tracker.get_slot(FOUND) and not events:
            return _which(dispatcher, tracker, events, now, "cancel_event")
        if answer is False:
            dispatcher.utter_message(response="utter_event_stays")
            return []
        if len(events) > 1 and answer is not True:
            return _which(dispatcher, tracker, events, now, "cancel_event")
        if not events or answer is not True:
            dispatcher.utter_message(response="utter_given_up")
            return []
        series = (tracker.get_slot(DOUBT) or {}).get("reason") == "series"
        changes = await ask_calendar(
            tracker.sender_id, lambda calendar: cancel(calendar, events, series=series)
        )
        titles = join([event.title for event in events])
        spoken = titles if series else speak_events(events, now, most=most_named(tracker))
        dispatcher.utter_message(response="utter_event_cancelled", events=spoken)
        entities = [event_entity(event) for event in events]
        return [
            SlotSet(IN_TALK, None),
            note_calendar("cancelled", titles, changes, "cancel_event", entities),
        ]


def _when(tracker: Tracker) -> When | None:
    value = tracker.get_slot(WHEN)
    return When.from_json(value, zone_of(tracker)) if isinstance(value, Mapping) else None


def _which(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    events: list[Event],
    now: datetime,
    intent: str,
) -> Events:
    """Says that there is no such event, or which there are to choose from."""
    if not events:
        name = (tracker.get_slot(FOUND) or {}).get("name")
        if name:
            dispatcher.utter_message(response="utter_no_such_event", event=name)
        else:
            dispatcher.utter_message(response="utter_no_event_then")
        return []
    shown = events[:MOST_SPOKEN]
    dispatcher.utter_message(
        response="utter_which_event",
        events=speak_events(events, now, most=most_named(tracker)),
        buttons=buttons_by_place(tracker, [speak_event(event, now) for event in shown]),
    )
    choices = []
    for event in shown:
        when = new_time(tracker, event, now) if intent == "move_event" else None
        entity = event_entity(event, when if when and not when.open else None)
        choices.append(Choice(speak_event(event, now), intent, [entity]))
    return [offer(choices)]
