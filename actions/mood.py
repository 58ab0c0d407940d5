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


class ActionTrackSentiment(Action):
    """Keeps the mood of the latest message, and its course, in slots.

    Rasa calls it after every message, as the slots' mappings in `domain.yml` say, before any
    policy predicts.
    """

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_track_sentiment"

    async def run(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Sets the slots; the sentiment to nothing for a payload such as `/affirm`."""
        sentiment = tracker.latest_message.get(SENTIMENT) or {}
        mood = follow(tracker.events)
        due = mood.course == "angry" and mood.cross and not mood.apologised
        return [
            SlotSet(SENTIMENT, sentiment.get("name")),
            SlotSet(COURSE, mood.course),
            # Never False: to Rasa that is something else than unset.
            SlotSet(APOLOGY_DUE, True if due else None),
        ]
