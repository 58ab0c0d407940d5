"""Taking back what was done last, whichever skill did it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.calendar_effects import undo_calendar
from actions.channels import fitting
from actions.effects import LAST_EFFECT
from actions.home_effects import undo_home
from actions.list_effects import undo_lists
from actions.reminder_effects import undo_reminders

Events = list[dict[str, Any]]

Undo = Callable[[CollectingDispatcher, Tracker, Mapping[str, Any]], Awaitable[Events]]
"""Undoes one effect, from what was noted of it, and says so; or says why it cannot."""

HANDLERS: dict[str, Undo] = {
    "lists": undo_lists,
    # home
    "home": undo_home,
    "reminders": undo_reminders,
    "calendar": undo_calendar,
}
"""By skill. `note_effect` names the skill."""


class ActionUndo(Action):
    """Takes back what was done last; once, for what is undone is not noted again."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_undo"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Undoes it, or says that there is nothing to undo."""
        effect = tracker.get_slot(LAST_EFFECT)
        handler = HANDLERS.get(str(effect.get("skill"))) if isinstance(effect, dict) else None
        if handler is None:
            dispatcher.utter_message(response="utter_nothing_to_undo")
            return []
        events = await handler(fitting(dispatcher, tracker), tracker, effect.get("undo") or {})
        return [SlotSet(LAST_EFFECT, None), *events]
