"""Answering what is in the calendar: at a time, when something is, what is next."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.calendar_effects import say_out_of_reach
from actions.calendar_finding import events_between
from actions.calendar_matching import AHEAD, by_title, names_nothing, nearest
from actions.calendar_objects import Event
from actions.calendar_speaking import MOST_SPOKEN, speak_event, speak_events, speak_window
from actions.calendar_talk import IN_TALK, event_entity, known_of, says_next, title_in
from actions.calendar_times import DAY, cannot_be, window
from actions.channels import fitting, most_named
from actions.choices import Choice, offer
from actions.clients.calendar import AWAY, UNCERTAIN, CalendarError
from actions.clock import now_for, zone_of
from actions.reading import text_of

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

_FREE = re.compile(r"(?i)\b(?:free|available|busy|time for|booked|occupied|make it)\b")


class ActionAskCalendar(Action):
    """Answers a question about the calendar."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_calendar"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Answers it, or says why not."""
        dispatcher = fitting(dispatcher, tracker)
        message, now = tracker.latest_message, now_for(tracker)
        words, name = cannot_be(message), title_in(message)
        if names_nothing(name):
            name = ""
        chosen = known_of(message).get("found")
        if chosen:
            event = Event.from_json(chosen, zone_of(tracker))
            dispatcher.utter_message(response="utter_event_is", events=speak_event(event, now))
            return [SlotSet(IN_TALK, chosen)]
        asked = window(message, now)
        try:
            if asked is not None:
                start, end, moment = asked
                return await self._then(dispatcher, tracker, now, name, start, end, moment.grain)
            if words:
                dispatcher.utter_message(response="utter_event_time_impossible", words=words)
                return []
            if name or says_next(message):
                return await self._next(dispatcher, tracker, now, name)
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return await self._then(dispatcher, tracker, now, name, midnight, midnight + DAY, "day")
        except CalendarError as error:
            logger.error("%s: %s", self.name(), error)
            say_out_of_reach(dispatcher, AWAY if error.reason == UNCERTAIN else error.reason)
            return []

    async def _then(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        now: datetime,
        name: str,
        start: datetime,
        end: datetime,
        grain: str,
    ) -> Events:
        """What there is in a stretch of time."""
        events = await events_between(tracker, start, end)
        when = speak_window(start, end, now, grain)
        one_day = end - start <= DAY + timedelta(hours=2)
        most = most_named(tracker)
        if name:
            events = list(by_title(name, events).events)
            if not events:
                dispatcher.utter_message(response="utter_no_such_event_then", event=name, when=when)
                return []
        elif _FREE.search(text_of(tracker.latest_message)):
            return self._whether_free(dispatcher, now, events, when, one_day=one_day, most=most)
        if not events:
            dispatcher.utter_message(response="utter_nothing_then", when=when)
            return []
        spoken = speak_events(events, now, on_one_day=one_day, most=most)
        dispatcher.utter_message(response="utter_events_then", when=when, events=spoken)
        return in_talk(events, now)

    def _whether_free(
        self,
        dispatcher: CollectingDispatcher,
        now: datetime,
        events: list[Event],
        when: str,
        *,
        one_day: bool,
        most: int | None,
    ) -> Events:
        taken = [event for event in events if event.busy and not event.all_day]
        beside = [event for event in events if event.all_day or not event.busy]
        if taken:
            spoken = speak_events(taken, now, on_one_day=one_day, most=most)
            dispatcher.utter_message(response="utter_not_free", when=when, events=spoken)
        elif beside:
            spoken = speak_events(beside, now, on_one_day=one_day, most=most)
            dispatcher.utter_message(response="utter_free_but", when=when, events=spoken)
        else:
            dispatcher.utter_message(response="utter_free", when=when)
        return in_talk(taken, now)

    async def _next(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, now: datetime, name: str
    ) -> Events:
        """What comes next, of all or of a name."""
        events = [e for e in await events_between(tracker, now, now + AHEAD) if e.start >= now]
        found = list(nearest(by_title(name, events).events))
        if not found and name:
            dispatcher.utter_message(response="utter_no_such_event", event=name)
            return []
        if not found:
            dispatcher.utter_message(response="utter_nothing_ahead")
            return []
        if not name:
            found = found[:1]
            dispatcher.utter_message(response="utter_next_event", event=speak_event(found[0], now))
        else:
            spoken = speak_events(found, now, most=most_named(tracker))
            dispatcher.utter_message(response="utter_event_is", events=spoken)
        return in_talk(found, now)


def in_talk(events: list[Event], now: datetime) -> Events:
    """One event is what "it" stands for from now on; of several, one may be chosen."""
    if len(events) == 1:
        return [SlotSet(IN_TALK, events[0].to_json()), offer([])]
    choices = [
        Choice(speak_event(event, now), "ask_calendar", [event_entity(event)])
        for event in events[:MOST_SPOKEN]
    ]
    return [offer(choices)] if choices else []
