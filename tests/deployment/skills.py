"""The actions of the bot in `tests/deployment/bot`, on the real storage of the skills."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.delivering import ActionDeliverReminder
from actions.effects import note_effect
from actions.items import Item
from actions.storage.database import ask_database
from actions.storage.lists import ListRepository

__all__ = ["ActionCount", "ActionDeliverReminder", "ActionNote", "ActionWait"]

HELD_VARIABLE = "TEST_HELD"
"""Names a folder: as long as there is a file `hold` in it, `action_wait` waits."""


class ActionCount(Action):
    """Counts the messages of a conversation in a slot."""

    def name(self) -> str:
        return "action_count"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        number = (tracker.get_slot("counted") or 0) + 1
        # Time for another to come in between.
        await asyncio.sleep(0.02)
        dispatcher.utter_message(text=f"That makes {number}.")
        return [SlotSet("counted", number)]


class ActionNote(Action):
    """Puts a bottle of milk on the list."""

    def name(self) -> str:
        return "action_note"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        added = await ask_database(
            lambda database: ListRepository(database, tracker.sender_id).add(
                "shopping", [Item("milk", "1", "bottle")]
            )
        )
        dispatcher.utter_message(text=f"Bottles of milk: {added.items[0].quantity}")
        await _held_up("note")
        return [note_effect("lists", {"list": added.list_name})]


class ActionWait(Action):
    """Waits until it is let go."""

    def name(self) -> str:
        return "action_wait"

    async def run(
        self, dispatcher: CollectingDispatcher, _tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        await _held_up("wait")
        dispatcher.utter_message(text="I waited.")
        return []


async def _held_up(action: str) -> None:
    folder = Path(os.environ[HELD_VARIABLE])
    if (folder / f"hold-{action}").exists():
        (folder / f"waiting-{action}").touch()
    while (folder / f"hold-{action}").exists():
        await asyncio.sleep(0.02)
