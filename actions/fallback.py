"""When Parley is not sure: asking back, and taking yes or no for an answer.

A question to be answered with yes or no is open while it was the last thing that Parley did.
Yes puts the message that was asked about into the conversation once more, now with the intent
that was meant, and so the rules do with it what they do with any message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import last_bot_action, list_in_talk, message_before
from actions.ending_forms import drop_forms, leave_form
from actions.knowledge import LOOKED_UP, answer_unasked, forget_answer
from actions.reading import items_from_entities, list_name_from
from actions.replaying import say_for_user
from actions.speaking import speak_items, speak_name

SUGGESTED = "suggested_intent"

GUESSES = {
    "add_items": "add something to a list",
    "remove_items": "take something off a list",
    "show_list": "see what is on a list",
    "show_all_lists": "know which lists you have",
    "clear_list": "clear a list",
    # home
    "turn_on": "turn something on",
    "turn_off": "turn something off",
    "set_device": "set a light or the heating",
    "ask_device_state": "know how things are at home",
    "activate_scene": "set a scene",
    # reminders
    "set_reminder": "set a timer, an alarm or a reminder",
    "list_reminders": "know which timers and reminders are set",
    "change_reminder": "change a timer, an alarm or a reminder",
    "cancel_reminder": "cancel a timer, an alarm or a reminder",
    # calendar
    "add_event": "put something in your calendar",
    "ask_calendar": "know what is in your calendar",
    "move_event": "move something in your calendar",
    "cancel_event": "cancel something in your calendar",
    # help
    "ask_capabilities": "know what I can do",
    "ask_who_are_you": "know who I am",
    "ask_how_are_you": "know how I am",
    "tell_joke": "hear a joke",
    # handoff
    "ask_human": "talk to a person",
    # privacy
    "forget_me": "have everything erased that I know of you",
    # weather
    "ask_weather": "know what the weather is like",
    # time and numbers
    "ask_time": "know what time it is",
    "ask_date": "know a date",
    "convert_units": "turn an amount into another unit",
    "calculate": "have something calculated",
    # small talk and faq, knowledge
    "chitchat": "chat a little",
    "faq": "know something about me",
    "ask_knowledge": "have something looked up in your documents",
}
"""What a user wants with each intent that is worth asking back about."""

LEAST_CONFIDENCE = 0.1
"""Of a guess that is asked about; what is less likely is only guessing."""

MOST_GUESSES = 3
"""How far down the ranking a guess is looked for."""

_ASKING_BACK = ("action_ask_back", "action_take_bare_answer")
_OFFERS = {"utter_console": "tell_joke", "utter_offer_help": "ask_capabilities"}

Events = list[dict[str, Any]]


class ActionAskBack(Action):
    """Asks back about a message that was not understood; at the second in a row, helps."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks about the best guess, or for other words if there is none."""
        # knowledge: what is no request of a known kind may be a question that the documents answer.
        answered = await answer_unasked(dispatcher, tracker)
        if answered is not None:
            return [*answered, SlotSet(SUGGESTED, None)]
        was_answered = bool(tracker.get_slot(LOOKED_UP))
        forgotten = forget_answer(tracker)
        if last_bot_action(tracker) == self.name() and not was_answered:
            dispatcher.utter_message(response="utter_offer_capabilities")
            return [SlotSet(SUGGESTED, None)]
        guess = best_guess(tracker.latest_message)
        if guess is None:
            dispatcher.utter_message(response="utter_ask_rephrase")
        else:
            dispatcher.utter_message(response="utter_ask_back", guess=GUESSES[guess])
        return [*forgotten, SlotSet(SUGGESTED, guess)]


class ActionTakeBareAnswer(Action):
    """Takes things said out of the blue ("milk and eggs"): asks whether to add them."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_bare_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks what to do with them."""
        message = tracker.latest_message
        items = items_from_entities(message)
        list_name = list_name_from(message)
        if items:
            name = list_name or list_in_talk(tracker)
            dispatcher.utter_message(
                response="utter_ask_add_these",
                items=speak_items(items),
                where=f"your {speak_name(name)} list" if name else "a list",
            )
            return [SlotSet(SUGGESTED, "add_items")]
        if list_name:
            dispatcher.utter_message(
                response="utter_ask_show_this", list_name=speak_name(list_name)
            )
            return [SlotSet(SUGGESTED, "show_list")]
        dispatcher.utter_message(response="utter_ask_rephrase")
        return [SlotSet(SUGGESTED, None)]


class ActionFollowSuggestion(Action):
    """Takes a yes: does what was suggested, with the words it was suggested for."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_follow_suggestion"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says the suggested message on the user's behalf, or that nothing was asked."""
        intent, message = open_suggestion(tracker)
        if intent is None:
            dispatcher.utter_message(response="utter_nothing_was_asked")
            return []
        replayed = say_for_user(
            intent,
            message.get("entities") or [],
            message.get("text"),
            message.get("sentiment"),
            message.get("response_selector"),
        )
        return [SlotSet(SUGGESTED, None), *replayed]


class ActionDropSuggestion(Action):
    """Takes a no: leaves the form, the suggestion or the offer that it answers."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_drop_suggestion"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says that it is dropped; asks for other words where Parley had guessed wrong."""
        if tracker.active_loop_name:
            dispatcher.utter_message(response="utter_cancelled")
            return leave_form(dispatcher, tracker)
        intent, _ = open_suggestion(tracker)
        if intent and last_bot_action(tracker) == "action_ask_back":
            dispatcher.utter_message(response="utter_ask_rephrase")
        else:
            dispatcher.utter_message(response="utter_all_right")
        return [SlotSet(SUGGESTED, None)]


class ActionCancel(Action):
    """Takes a "never mind": leaves whatever is going on."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_cancel"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Leaves it, politely; of several forms, the one that asks."""
        intent, _ = open_suggestion(tracker)
        going_on = tracker.active_loop_name or intent
        dispatcher.utter_message(
            response="utter_cancelled" if going_on else "utter_nothing_to_cancel"
        )
        return [*leave_form(dispatcher, tracker), SlotSet(SUGGESTED, None)]


class ActionForgetPending(Action):
    """Drops what is under way, for somebody who takes leave in the middle of it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_forget_pending"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Drops it, and says what is not done."""
        return drop_forms(dispatcher, tracker)


def best_guess(message: Mapping[str, Any]) -> str | None:
    """The likeliest intent that is worth asking back about."""
    ranking = [
        entry
        for entry in message.get("intent_ranking") or []
        if entry.get("name") != "nlu_fallback"
    ]
    for entry in ranking[:MOST_GUESSES]:
        if entry["name"] in GUESSES and float(entry["confidence"]) >= LEAST_CONFIDENCE:
            return str(entry["name"])
    return None


def open_suggestion(tracker: Tracker) -> tuple[str | None, Mapping[str, Any]]:
    """What a yes would mean now.

    Returns:
        The intent, and the message it was suggested for; no intent if nothing was asked.
    """
    last = last_bot_action(tracker)
    if last in _OFFERS:
        return _OFFERS[str(last)], {}
    message = message_before(tracker)
    suggested = tracker.get_slot(SUGGESTED)
    if last not in _ASKING_BACK or message is None or not suggested:
        return None, {}
    return str(suggested), message
