"""What every form of every skill does alike: what counts as an answer, when it gives up.

A form asks for what is missing only. While it waits, a message is one of three things: an
answer, which fills something; an unusable answer, which is counted; or something else (a
greeting, another wish), to which the form gives way so that the rules can answer it. If that
needs a form of its own, the first one goes on once the second is done (actions/ending_forms.py).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction
from rasa_sdk.types import DomainDict

from actions.conversation import form_starts_now
from actions.correcting import corrected, last_request
from actions.form_stack import form_stack
from actions.reading import intent_of, is_bare_answer, text_of

ATTEMPTS = "form_attempts"
MOST_ATTEMPTS = 3

PENDING = (
    # lists
    *("list_items", "confirm_clear"),
    # home
    *("home_command", "home_targets"),
    # weather
    "weather_place",
    # reminders
    *("reminder_what", "reminder_when", "reminder_kind", "reminder_targets"),
    *("reminder_new_time", "confirm_cancel_reminders", "reminder_often"),
    # calendar
    *("event_title", "event_place", "event_when", "event_known_time"),
    *("events_found", "event_doubt", "confirm_event"),
    # all
    ATTEMPTS,
)
"""The slots, of all skills, in which a form gathers what is of no use once the form is left."""

Slots = dict[str, Any]
Events = list[dict[str, Any]]

_ANSWERS = frozenset({"inform_list", "nlu_fallback", "affirm", "correct"})
_SHORT_ANSWER = 2


class SkillForm(FormValidationAction):
    """A form's validation. Slots are filled here, not by mappings in `domain.yml`."""

    trigger: str
    """The intent that starts the form."""

    answer_intents: frozenset[str] = _ANSWERS
    """The intents, beside the trigger, that a message may have and still be an answer."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        """Takes from the message what the form asks for, unless the message is not for it."""
        if self._is_for_another(tracker):
            return []
        events: Events = await super().run(dispatcher, tracker, domain)
        return events

    def starts_now(self, tracker: Tracker) -> bool:
        """Whether the latest message is the one that started the form."""
        return form_starts_now(tracker, self.form_name())

    def answers(self, tracker: Tracker) -> bool:
        """Whether the message answers the form, rather than being about something else."""
        message = tracker.latest_message
        intent = intent_of(message)
        if intent in self.answer_intents or intent == self.trigger or is_bare_answer(message):
            return True
        # The classifier knows no list called "hardware": a few words it can do nothing
        # with are an answer.
        return intent == "out_of_scope" and 0 < len(text_of(message).split()) <= _SHORT_ANSWER

    def accepted(self, slot: str, value: object, tracker: Tracker) -> Slots:
        """The slots for a value, or for an unusable answer if there is none."""
        if self.starts_now(tracker) or value is not None:
            return {slot: value, ATTEMPTS: 0}
        if tracker.get_slot(REQUESTED_SLOT) != slot:
            return {slot: None}
        attempts = int(tracker.get_slot(ATTEMPTS) or 0) + 1
        slots: Slots = {slot: None, ATTEMPTS: attempts}
        if attempts >= MOST_ATTEMPTS:
            # A form whose requested slot is taken away is over; its action says the rest.
            slots[REQUESTED_SLOT] = None
        return slots

    def _is_for_another(self, tracker: Tracker) -> bool:
        """Whether the message answered, or puts right, what had come in between.

        A form that goes on is called once more with the message that ended the other one.
        """
        stack = form_stack(tracker)
        if stack.active != self.form_name() or not stack.went_on:
            return False
        if stack.turns_since == 0:
            return True
        message = tracker.latest_message
        if stack.turns_since > 1 or intent_of(message) != "correct":
            return False
        done = last_request(tracker)
        if done is None or not done["done"]:
            return False
        entities, text = message.get("entities") or [], str(message.get("text") or "")
        return corrected(done["entities"], entities, text) is not None
