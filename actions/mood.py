"""The user's mood, as the classifier reads it off every message, and the course it takes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.handoff import HANDED_OFF, handoff_settings
from actions.mood_course import follow
from actions.reading import intent_of

SENTIMENT = "sentiment"
COURSE = "mood_course"
APOLOGY_DUE = "apology_due"

SOOTHED_BY_RULES = frozenset({"complain", "praise", "out_of_scope", "nlu_fallback", "ask_human"})
"""Intents whose answer sees to an angry user by itself (data/rules/mood.yml, out_of_scope.yml)."""


class ActionTrackSentiment(Action):
    """Keeps the mood of the latest message, and its course, in slots.

    Rasa calls it after every message, as the slots' mappings in `domain.yml` say, before any
    policy predicts. An angry request is a request: it is done, by whichever skill, and in a form
    or not. So what there is to say about the anger is said here, ahead of the answer; an action
    that fills slots may speak, but nothing else.
    """

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_track_sentiment"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Sets the slots; the sentiment to nothing for a payload such as `/affirm`."""
        sentiment = tracker.latest_message.get(SENTIMENT) or {}
        mood = follow(tracker.events)
        due = mood.course == "angry" and mood.cross and not mood.apologised
        silent = bool(tracker.get_slot(HANDED_OFF))
        if due and not silent and intent_of(tracker.latest_message) not in SOOTHED_BY_RULES:
            dispatcher.utter_message(response="utter_apologise")
            if handoff_settings() is not None:
                dispatcher.utter_message(response="utter_mention_person")
            due = False
        return [
            SlotSet(SENTIMENT, sentiment.get("name")),
            SlotSet(COURSE, mood.course),
            # Never False: to Rasa that is something else than unset.
            SlotSet(APOLOGY_DUE, True if due else None),
        ]
