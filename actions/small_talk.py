"""Small talk and questions about Parley: says the answer that the selector found by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.knowledge import answer_unasked, forget_answer

SELECTOR = "response_selector"
"""Where Rasa's response selectors leave what they found in a parsed message."""

LEAST_CONFIDENCE = 0.25
"""Of an answer that is given. A wrong one costs a turn, as asking for other words does, and does
nothing; only what is hardly better than a guess is not worth it."""

SURE = 0.5
"""Of an answer that needs no look into the documents: more likely right than not."""

_UNSURE = {"chitchat": "utter_chitchat", "faq": "utter_faq"}
"""What is said instead, by intent."""


class ActionAnswerByMeaning(Action):
    """Answers a message of a retrieval intent.

    Rasa's own `utter_faq` would do it, but fails where nothing was selected: after a bare "/faq",
    which anybody may type.
    """

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_by_meaning"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Says the answer, or asks for other words."""
        message = tracker.latest_message
        response = selected_response(message)
        if confidence_of(message) < SURE:
            # "What does a new key cost?" sounds like a question about Parley, too.
            answered = await answer_unasked(dispatcher, tracker)
            if answered is not None:
                return answered
        if response is None or response not in (domain.get("responses") or {}):
            intent = (message.get("intent") or {}).get("name")
            response = _UNSURE.get(str(intent), "utter_ask_rephrase")
        dispatcher.utter_message(response=response)
        return forget_answer(tracker)


def selected_response(message: Mapping[str, Any]) -> str | None:
    """The response that was selected for a message, if any is likely enough."""
    found = _selected(message)
    if confidence_of(message) < LEAST_CONFIDENCE:
        return None
    return str(found["utter_action"]) if found.get("utter_action") else None


def confidence_of(message: Mapping[str, Any]) -> float:
    """The probability that the selected response is the right one; 0 where there is none."""
    return float(_selected(message).get("confidence") or 0.0)


def _selected(message: Mapping[str, Any]) -> Mapping[str, Any]:
    selector = message.get(SELECTOR) or {}
    intent = (message.get("intent") or {}).get("name")
    # As Rasa looks it up: the selector of this intent, else the one of all retrieval intents.
    found: Mapping[str, Any] = (selector.get(intent) or selector.get("default") or {}).get(
        "response"
    ) or {}
    return found
