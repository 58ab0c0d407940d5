"""Help: what can be said just now, what a skill can do, or what there is in all."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.reading import text_of

TOPICS = {
    "utter_help_reminders": "timer timers alarm alarms reminder reminders remind wake",
    "utter_help_calendar": "calendar appointment appointments meeting meetings event events",
    "utter_help_home": "home house light lights lamp lamps heating scene scenes device devices",
    "utter_help_weather": "weather forecast rain umbrella",
    "utter_help_time_and_numbers": "time date dates unit units calculate maths sums numbers",
    "utter_help_knowledge": "document documents notes manual manuals knowledge files",
    "utter_help_lists": "list lists shopping groceries",
    "utter_help_handoff": "person human people",
}
"""Words that name a skill in a question for help, by the response that helps with it."""

_WORD = re.compile(r"[a-z]+")


class ActionHelp(Action):
    """Helps with the question that is open; else with the skill that is named; else with all."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_help"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Says it."""
        topic = topic_of(text_of(tracker.latest_message))
        if topic:
            dispatcher.utter_message(response=topic)
        elif tracker.active_loop_name:
            dispatcher.utter_message(response="utter_help_in_form")
        else:
            dispatcher.utter_message(response="utter_capabilities")
        return []


def topic_of(text: str) -> str | None:
    """The response about the skill that a question for help names, if it names one."""
    words = set(_WORD.findall(text.lower()))
    return next((topic for topic, names in TOPICS.items() if words & set(names.split())), None)
