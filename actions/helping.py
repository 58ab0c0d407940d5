"""Help: what can be said just now, what a skill can do, or what there is in all."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.reading import text_of

TOPICS = {
    "reminders": "timer timers alarm alarms reminder reminders remind wake",
    "calendar": "calendar appointment appointments meeting meetings event events schedule",
    "home": "home house light lights lamp lamps heating plug plugs scene scenes device devices",
    "weather": "weather forecast rain umbrella",
    "time_and_numbers": "time date dates unit units calculate maths sums convert numbers",
    "knowledge": "document documents notes manual manuals knowledge files",
    "lists": "list lists shopping groceries",
    "handoff": "person human people",
}
"""Words that name a skill in a question for help; the response is `utter_help_<skill>`."""

_WORD = re.compile(r"[a-z]+")


class ActionHelp(Action):
    """Helps with the question that is open; else with the skill that is named; else with all."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_help"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Says it."""
        topic = topic_of(text_of(tracker.latest_message))
        form = tracker.active_loop_name
        if topic:
            dispatcher.utter_message(response=f"utter_help_{topic}")
        elif form:
            named = f"utter_help_in_{form}"
            known = named in (domain.get("responses") or {})
            dispatcher.utter_message(response=named if known else "utter_help_in_form")
        else:
            dispatcher.utter_message(response="utter_capabilities")
        return []


def topic_of(text: str) -> str | None:
    """The skill that a question for help names, if any."""
    words = set(_WORD.findall(text.lower()))
    return next((topic for topic, names in TOPICS.items() if words & set(names.split())), None)
