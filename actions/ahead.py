"""What is said ahead of an answer, whichever skill gives it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import is_external, slot_before_message
from actions.delivering import say_what_is_due
from actions.handoff import HANDED_OFF, handoff_settings
from actions.mood import APOLOGY_DUE
from actions.reading import intent_of

SOOTHED_BY_RULES = frozenset({"complain", "praise", "out_of_scope", "nlu_fallback", "ask_human"})
"""Intents whose answer sees to an angry user by itself (data/rules/mood.yml, out_of_scope.yml)."""


class ActionSpeakAhead(Action):
    """Says a word where the course of the talk wants one, before the message is answered.

    What fell due and could not be delivered comes first.

    An angry request is a request: it is done by its skill, in a form or not, and no rule for
    each intent there is could apologise first. Rasa calls this action when a message's slots
    have been filled; of all actions before the first prediction, it alone may speak.
    """

    def name(self) -> str:
        """Rasa's name of the action, which is how it is called at that moment."""
        return "action_validate_slot_mappings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Says what is due, that Parley has the talk again, or that it is sorry.

        Never while a person has the talk: what is due waits for its end.
        """
        # Nobody is soothed, or told of the talk, while a reminder is delivered.
        if tracker.get_slot(HANDED_OFF) or is_external(tracker.events):
            return []
        due = await say_what_is_due(dispatcher, tracker)
        if slot_before_message(tracker, HANDED_OFF):
            dispatcher.utter_message(response="utter_taken_back_after_a_while")
        soothed = intent_of(tracker.latest_message) in SOOTHED_BY_RULES
        if not tracker.get_slot(APOLOGY_DUE) or soothed:
            return due
        dispatcher.utter_message(response="utter_apologise")
        if handoff_settings() is not None:
            dispatcher.utter_message(response="utter_mention_person")
        return [*due, SlotSet(APOLOGY_DUE, None)]
