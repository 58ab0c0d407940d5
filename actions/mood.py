"""The user's mood, as the classifier reads it off every message."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

SENTIMENT = "sentiment"


class ActionTrackSentiment(Action):
    """Keeps the sentiment of the latest message in the slot `sentiment`.

    Rasa calls it after every message, as the slot's mapping in `domain.yml` says.
    """

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_track_sentiment"

    async def run(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Sets the slot; to nothing for a payload such as `/affirm`, which has no mood."""
        sentiment = tracker.latest_message.get(SENTIMENT) or {}
        return [SlotSet(SENTIMENT, sentiment.get("name"))]
