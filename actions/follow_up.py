"""Going on with a question: "and tomorrow?", "and in Hamburg?"."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.reading import text_of
from actions.replaying import say_for_user

Events = list[dict[str, Any]]

FOLLOWED = {
    "action_ask_calendar": "ask_calendar",
    "action_tell_weather": "ask_weather",
    "action_tell_weather_there": "ask_weather",
    "action_tell_time": "ask_time",
    "action_tell_date": "ask_date",
    "action_convert_units": "convert_units",
    "action_calculate": "calculate",
}
"""By the action that answered: the intent of what goes on with it. The action of the intent
knows what is in talk."""

MOST_MESSAGES = 3
"""How many messages back an answer may lie."""


class ActionFollowUp(Action):
    """Asks the question before with what is said now."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_follow_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says it on the user's behalf, or asks for other words where nothing went before."""
        intent = intent_in_talk(tracker)
        if intent is None:
            dispatcher.utter_message(response="utter_ask_rephrase")
            return []
        message = tracker.latest_message
        return say_for_user(
            intent,
            message.get("entities") or [],
            text_of(message),
            sentiment=message.get("sentiment"),
        )


def intent_in_talk(tracker: Tracker) -> str | None:
    """The intent of the question that was answered last, if that was a moment ago."""
    messages = 0
    for event in reversed(tracker.applied_events()):
        kind = event.get("event")
        messages += kind == "user"
        if kind == "session_started" or messages > MOST_MESSAGES:
            return None
        if kind == "action" and event.get("name") in FOLLOWED:
            return FOLLOWED[str(event.get("name"))]
    return None
