"""What is done with every message before it is answered, whichever skill answers it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import is_external
from actions.delivering import say_what_is_due
from actions.forgetting import forgetting_slots
from actions.handoff import HANDED_OFF, handoff_settings, handoff_slots
from actions.mood import APOLOGY_DUE, mood_slots
from actions.reading import intent_of

SOOTHED_BY_RULES = frozenset({"complain", "praise", "out_of_scope", "nlu_fallback", "ask_human"})
"""Intents whose answer sees to an angry user by itself (data/rules/mood.yml, out_of_scope.yml)."""


class ActionTakeMessage(Action):
    """Follows the mood and the handoff, and says a word where the course of the talk wants one.

    Rasa calls it when a message's other slots have been filled; of all actions before the first
    prediction, it alone may speak. Slots that follow every message are set here as well, not by
    actions of their own: each call carries the whole conversation to the action server.

    What fell due and could not be delivered is said first. An angry request is a request: it is
    done by its skill, in a form or not, and no rule for each intent there is could apologise
    ahead of it.
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
        slots = mood_slots(tracker) | handoff_slots(tracker) | forgetting_slots(tracker)
        due: list[dict[str, Any]] = []
        # Nobody is soothed, or told of the talk, while a reminder is delivered.
        if not slots.get(HANDED_OFF, tracker.get_slot(HANDED_OFF)) and not is_external(
            tracker.events
        ):
            due = await say_what_is_due(dispatcher, tracker)
            if HANDED_OFF in slots:
                dispatcher.utter_message(response="utter_taken_back_after_a_while")
            if slots[APOLOGY_DUE] and intent_of(tracker.latest_message) not in SOOTHED_BY_RULES:
                dispatcher.utter_message(response="utter_apologise")
                if handoff_settings() is not None:
                    dispatcher.utter_message(response="utter_mention_person")
                slots[APOLOGY_DUE] = None
        return [*due, *(SlotSet(name, value) for name, value in slots.items())]
