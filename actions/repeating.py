"""Saying the last thing again, and starting over."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import CHOICES
from actions.conversation import LIST_NAME
from actions.ending_forms import leave_all_forms

Events = list[dict[str, Any]]

IN_TALK = (
    LIST_NAME,
    CHOICES,
    "suggested_intent",
    "home_talk",
    "event_in_talk",
    *("weather_in_talk", "sum_in_talk", "conversion_in_talk"),
)
"""The slots, of all skills, that hold what is talked of."""


class ActionRepeat(Action):
    """Says once more what Parley said last."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_repeat"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says it; a form's question is left to the form, which asks it again by itself."""
        said = last_said(tracker)
        if not said:
            dispatcher.utter_message(response="utter_nothing_to_repeat")
            return []
        for message in said[:-1] if tracker.active_loop_name else said:
            data = message.get("data") or {}
            dispatcher.utter_message(
                text=message.get("text"),
                buttons=data.get("buttons") or [],
                image=data.get("image"),
                json_message=data.get("custom") or {},
            )
        return []


class ActionStartOver(Action):
    """Leaves what is under way and forgets what is talked of; what is kept stays kept."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_start_over"

    async def run(
        self, dispatcher: CollectingDispatcher, _tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Forgets it."""
        dispatcher.utter_message(response="utter_started_over")
        return [*leave_all_forms(), *(SlotSet(slot, None) for slot in IN_TALK)]


def last_said(tracker: Tracker) -> list[dict[str, Any]]:
    """What Parley said between the user's last two messages, as the tracker's events."""
    said: list[dict[str, Any]] = []
    seen_latest = False
    for event in reversed(tracker.applied_events()):
        kind = event.get("event")
        if kind == "user":
            if seen_latest and said:
                break
            seen_latest = True
        elif kind == "session_started":
            break
        elif seen_latest and kind == "bot":
            said.insert(0, event)
    return said
