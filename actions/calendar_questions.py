"""The questions of the calendar forms that need more than words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.calendar_objects import Event
from actions.calendar_speaking import speak_event, speak_events, speak_window
from actions.calendar_talk import DOUBT, KNOWN, TITLE, events_in_slot
from actions.calendar_times import When
from actions.channels import buttons, fitting, most_named
from actions.clock import now_for, zone_of

Events = list[dict[str, Any]]


class ActionAskEventWhen(Action):
    """Asks when, or at what time of a day that is known."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_event_when"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks."""
        dispatcher = fitting(dispatcher, tracker)
        known, now = tracker.get_slot(KNOWN), now_for(tracker)
        events = events_in_slot(tracker, zone_of(tracker))
        title = events[0].title if events else str(tracker.get_slot(TITLE) or "that")
        if isinstance(known, Mapping):
            when = When.from_json(known, zone_of(tracker))
            day = speak_window(when.start, when.end, now, "day")
            dispatcher.utter_message(
                response="utter_ask_event_time",
                event=title,
                day=day,
                buttons=buttons(tracker, [("All day", "all day")]),
            )
        elif tracker.active_loop_name == "move_event_form":
            dispatcher.utter_message(response="utter_ask_event_new_time", event=title)
        else:
            dispatcher.utter_message(response="utter_ask_event_when", event=title)
        return []


class ActionAskConfirmEvent(Action):
    """Asks whether to add, move or cancel all the same, and says what gives reason to ask."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_confirm_event"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks."""
        dispatcher, most = fitting(dispatcher, tracker), most_named(tracker)
        doubt, now, zone = tracker.get_slot(DOUBT) or {}, now_for(tracker), zone_of(tracker)
        found = events_in_slot(tracker, zone)
        reason = doubt.get("reason")
        if reason == "conflict":
            taken = [Event.from_json(one, zone) for one in doubt["events"]]
            dispatcher.utter_message(
                response="utter_ask_event_conflict", events=speak_events(taken, now, most=most)
            )
        elif reason == "past":
            dispatcher.utter_message(response="utter_ask_event_past")
        elif reason == "series":
            dispatcher.utter_message(response="utter_ask_cancel_series", event=found[0].title)
        elif len(found) > 1:
            dispatcher.utter_message(
                response="utter_ask_cancel_events", events=speak_events(found, now, most=most)
            )
        else:
            event = speak_event(found[0], now) if found else ""
            dispatcher.utter_message(response="utter_ask_cancel_event", event=event)
        return []
