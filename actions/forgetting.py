"""Erasing everything that is kept of a person who asks for it, after a yes.

The question is open while it was the last thing that Parley did; the slot `forgetting_offered`
says so to the rules. What is erased, and where, is in the package `privacy`. The turn in which it
happens is not kept, so that slots need not be reset.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import last_bot_action
from actions.ending_forms import drop_forms
from actions.settings import SettingsError
from privacy.erasing import forget_in_turn
from privacy.settings import read_privacy_settings
from privacy.stores import ErasureError

OFFERED = "forgetting_offered"

Events = list[dict[str, Any]]

logger = logging.getLogger(__name__)


class ActionAskForgetMe(Action):
    """Asks whether everything is to be erased."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_forget_me"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks; what was under way is left."""
        events = drop_forms(dispatcher, tracker) if tracker.active_loop_name else []
        shared = is_shared(tracker.sender_id)
        dispatcher.utter_message(
            response="utter_ask_forget_all_of_us" if shared else "utter_ask_forget_me"
        )
        return [*events, SlotSet(OFFERED, True)]


class ActionForgetMe(Action):
    """Takes the yes: erases everything, and says so."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_forget_me"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Erases; says what is not Parley's to erase, or that it did not work."""
        try:
            settings = read_privacy_settings()
            erased = await asyncio.to_thread(forget_in_turn, settings, tracker.sender_id)
        except (ErasureError, SettingsError) as error:
            logger.error("A person could not be forgotten: %s", error)
            dispatcher.utter_message(response="utter_forget_failed")
            return []
        if erased.outside:
            dispatcher.utter_message(
                response="utter_forgotten_here", outside="; ".join(erased.outside)
            )
        else:
            dispatcher.utter_message(response="utter_forgotten")
        return []


def forgetting_slots(tracker: Tracker) -> dict[str, Any]:
    """What the slot of the question is after the latest message, where that changes it."""
    if not tracker.get_slot(OFFERED) or last_bot_action(tracker) == "action_ask_forget_me":
        return {}
    # Never False: to Rasa that is something else than unset.
    return {OFFERED: None}


def is_shared(conversation: str) -> bool:
    """Whether a conversation is several people's: a group's in Telegram, a channel's in Slack."""
    channel, _, rest = conversation.partition("~")
    parts = rest.split("~")
    if channel == "telegram":
        return len(parts) == 1 and parts[0].startswith("-")
    if channel == "slack":
        # Its second part may be a thread's time stamp, and is a person's id if not.
        alone = len(parts) == 1 or parts[1].replace(".", "").isdigit()
        return alone and not parts[0].startswith("D")
    return False
