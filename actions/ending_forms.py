"""What is the same at the end of every form: it forgets what it gathered, and what waits goes on.

A form that was interrupted by another is taken up again where it was: with what it had gathered,
and its question asked anew. "Never mind" leaves the form that asks, and so one after the other;
a goodbye, a fresh start or the wish for a person leaves all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.form_stack import form_stack
from actions.forms import ATTEMPTS
from actions.speaking import join

_LISTS = ("list_items", "list_marking", "confirm_clear")
_HOME = ("home_command", "home_targets")
_WEATHER = ("weather_place",)
_REMINDERS = (
    *("reminder_what", "reminder_when", "reminder_kind", "reminder_targets"),
    *("reminder_new_time", "reminder_often", "confirm_cancel_reminders"),
)
_CALENDAR = (
    *("event_title", "event_place", "event_when", "event_known_time"),
    *("events_found", "event_doubt", "confirm_event"),
)

PENDING = (*_LISTS, *_HOME, *_WEATHER, *_REMINDERS, *_CALENDAR, ATTEMPTS)
"""The slots, of all skills, in which a form gathers what is of no use once the form is left."""

# The list's name outlives its form as the list in talk; but what a form of lists had found, or
# asks for, is its own.
_LISTS_WHILE_WAITING = (*_LISTS, "list_name")

GATHERS = {
    # lists
    "add_items_form": _LISTS_WHILE_WAITING,
    "remove_items_form": _LISTS_WHILE_WAITING,
    "clear_list_form": _LISTS_WHILE_WAITING,
    # home
    "home_form": _HOME,
    # weather
    "weather_form": (*_WEATHER, "weather_in_talk"),
    # reminders
    "set_reminder_form": _REMINDERS,
    "change_reminder_form": _REMINDERS,
    "cancel_reminder_form": _REMINDERS,
    # calendar
    "add_event_form": _CALENDAR,
    "move_event_form": _CALENDAR,
    "cancel_event_form": _CALENDAR,
}
"""The slots that a form finds again, as they were, when it goes on."""

ABOUT = {
    # lists
    "add_items_form": "adding to your list",
    "remove_items_form": "taking things off your list",
    "clear_list_form": "clearing a list",
    # home
    "home_form": "setting your devices",
    # weather
    "weather_form": "the weather",
    # reminders
    "set_reminder_form": "setting the {kind}",
    "change_reminder_form": "changing a reminder",
    "cancel_reminder_form": "cancelling a reminder",
    # calendar
    "add_event_form": "adding to your calendar",
    "move_event_form": "moving an event",
    "cancel_event_form": "cancelling an event",
}
"""What somebody is about who answers a form, in words."""

Events = list[dict[str, Any]]


class EndsForm(Action, ABC):
    """Before an action in the bases of one at the end of a form: nothing is pending after it."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        """Does what the action does, forgets what the form gathered, lets what waits go on."""
        done = await super().run(dispatcher, tracker, domain)
        return [*forget_pending(), *done, *_go_on(dispatcher, tracker)]


def forget_pending() -> Events:
    """Empties the slots in which forms gather; what is talked of stays."""
    return [SlotSet(slot, None) for slot in PENDING]


def leave_form(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """The events that end the form that asks; one that waits for it goes on."""
    return [*leave_all_forms(), *_go_on(dispatcher, tracker)]


def leave_all_forms() -> Events:
    """The events that end the form that asks and all that wait for it."""
    return [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), *forget_pending()]


def drop_forms(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Leaves all forms, and says what is dropped with them."""
    stack = form_stack(tracker)
    dropped = [_about(form, slots) for form, slots in stack.waiting]
    if stack.active:
        dropped.append(_about(stack.active, tracker.slots))
    if dropped:
        dispatcher.utter_message(response="utter_dropped", what=join(list(dict.fromkeys(dropped))))
    return leave_all_forms()


def _go_on(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Lets the form go on that was interrupted last, if there is one; Rasa has it ask again."""
    waiting = form_stack(tracker).waiting
    if not waiting:
        return []
    form, slots = waiting[-1]
    dispatcher.utter_message(response="utter_back_to", what=_about(form, slots))
    kept = (*GATHERS[form], ATTEMPTS, REQUESTED_SLOT)
    return [*(SlotSet(slot, slots.get(slot)) for slot in kept), ActiveLoop(form)]


def _about(form: str, slots: Mapping[str, Any]) -> str:
    return ABOUT[form].format(kind=slots.get("reminder_kind") or "reminder")
