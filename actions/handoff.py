"""Handing a conversation to a person, with the user's consent, and taking it back.

The question "Shall I pass our conversation on to a person?" is open while it was the last thing
that Parley did; the slot `handoff_offered` says so to the rules, which send on a yes only. While
the slot `handed_off` is set, `HandedOffPolicy` keeps Parley silent.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.clients.handoff import HandoffError, send
from actions.conversation import last_bot_action
from actions.ending_forms import drop_forms
from actions.handoff_report import report_on
from actions.reading import intent_of
from actions.settings import SettingsError
from actions.settings.handoff import HandoffSettings, read_handoff_settings
from privacy.masking import export_masker

OFFERED = "handoff_offered"
HANDED_OFF = "handed_off"
ASK_HUMAN = "ask_human"

Events = list[dict[str, Any]]

logger = logging.getLogger(__name__)


class ActionOfferPerson(Action):
    """Offers a person, to somebody who is angry or who has asked for one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_offer_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks for consent, or says why there is nobody.

        Who asks for a person leaves the form that is active; for somebody who is only angry it
        goes on, with its own question, and so the person is mentioned rather than asked about.
        """
        asked_for = intent_of(tracker.latest_message) == ASK_HUMAN
        if handoff_settings() is None:
            dispatcher.utter_message(
                response="utter_nobody_set_up" if asked_for else "utter_ask_plainly"
            )
            return []
        if tracker.active_loop_name and not asked_for:
            dispatcher.utter_message(response="utter_mention_person")
            return []
        events = drop_forms(dispatcher, tracker) if tracker.active_loop_name else []
        dispatcher.utter_message(
            response="utter_ask_hand_off" if asked_for else "utter_offer_person"
        )
        return [*events, SlotSet(OFFERED, True)]


class ActionHandOff(Action):
    """Takes the yes: sends the conversation to a person, and is silent from then on."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_hand_off"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Sends it; says so, or that it did not work.

        `handoff_offered` is left for the next message to reset: the rule that led here holds
        to its end only while the slots are as they were.
        """
        if tracker.get_slot(HANDED_OFF):
            return []
        settings = handoff_settings()
        if settings is None:
            dispatcher.utter_message(response="utter_nobody_set_up")
            return []
        try:
            await send(report_on(tracker, export_masker()), settings)
        except HandoffError as error:
            logger.warning("A conversation could not be handed off: %s", error)
            dispatcher.utter_message(
                response="utter_handoff_unsure" if error.unsure else "utter_handoff_unavailable"
            )
            return []
        dispatcher.utter_message(response="utter_handed_off")
        return [SlotSet(HANDED_OFF, True)]


class ActionTakeBack(Action):
    """Speaks again, for the person has handed the conversation back, or the user wants it so."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_take_back"

    async def run(
        self, dispatcher: CollectingDispatcher, _tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says so."""
        dispatcher.utter_message(response="utter_taken_back")
        return [SlotSet(HANDED_OFF, None)]


def handoff_slots(tracker: Tracker) -> dict[str, Any]:
    """What the slots of the handoff are after the latest message, where that changes them.

    Closes an offer that something else came after, and ends a silence of another session.
    Rasa's session is over after an hour without a message. By then nobody is likely to have the
    conversation in mind, and somebody who writes again should get an answer (actions/ahead.py
    says that it is Parley's).
    """
    open_still = tracker.get_slot(OFFERED) and last_bot_action(tracker) == "action_offer_person"
    # Never False: to Rasa that is something else than unset.
    slots: dict[str, Any] = {OFFERED: True if open_still else None}
    if tracker.get_slot(HANDED_OFF) and not _handed_off_in_this_session(tracker):
        slots[HANDED_OFF] = None
    return slots


def _handed_off_in_this_session(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "session_started":
            return False
        if event.get("event") == "action" and event.get("name") == "action_hand_off":
            return True
    return False


def handoff_settings() -> HandoffSettings | None:
    """Whom conversations are handed to; None, and a word in the log, where that is unusable."""
    try:
        return read_handoff_settings()
    except SettingsError as error:
        logger.error("Conversations cannot be handed off: %s", error)
        return None
