"""The user's mood, as the classifier reads it off every message, and the course it takes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.mood_course import follow

SENTIMENT = "sentiment"
COURSE = "mood_course"
APOLOGY_DUE = "apology_due"


def mood_slots(tracker: Tracker) -> dict[str, Any]:
    """What the mood's slots are after the latest message.

    The sentiment is nothing for a payload such as `/affirm`.
    """
    sentiment = tracker.latest_message.get(SENTIMENT) or {}
    mood = follow(tracker.events)
    due = mood.course == "angry" and mood.cross and not mood.apologised
    return {
        SENTIMENT: sentiment.get("name"),
        COURSE: mood.course,
        # Never False: to Rasa that is something else than unset.
        APOLOGY_DUE: True if due else None,
    }


class ActionTrackSentiment(Action):
    """Keeps the mood of the latest message, and its course, in slots.

    For an assistant of your own, as docs/joint-bert.md has it; Parley's own sets them in
    `actions/ahead.py`, with whatever else is due with every message.
    """

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_track_sentiment"

    async def run(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Sets the slots."""
        return [SlotSet(name, value) for name, value in mood_slots(tracker).items()]
