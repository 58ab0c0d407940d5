"""What the lists skill notes of each change, and how it is taken back."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.effects import note_effect
from actions.items import Item, from_slot, to_slot
from actions.list_marking import ENTITY
from actions.speaking import speak_items, speak_name
from actions.storage.database import StorageError, ask_database
from actions.storage.list_entries import Change
from actions.storage.lists import ListRepository, UnknownListError

logger = logging.getLogger(__name__)

SKILL = "lists"


def note_lists(
    intent: str,
    list_name: str,
    changes: Sequence[Change],
    items: Sequence[Item],
    created: bool = False,
    marking: str | None = None,
) -> dict[str, Any]:
    """The event that notes a change of a list.

    Args:
        intent: What the user wanted.
        list_name: The list's name.
        changes: What became of its entries.
        items: The things that the user named.
        created: Whether the list was made for it.
        marking: Whether the things were checked off, or opened again.
    """
    named: list[dict[str, Any]] = []
    for item in items:
        parts = {"quantity": item.quantity, "unit": item.unit, "item": item.name}
        named += [{"entity": kind, "value": value} for kind, value in parts.items() if value]
    marked = [{"entity": ENTITY, "value": marking}] if marking else []
    return note_effect(
        SKILL,
        {
            "list": list_name,
            "created": created,
            "changes": [
                {"before": _entry(change.before), "after": _entry(change.after)}
                for change in changes
            ],
        },
        intent,
        [*named, {"entity": "list_name", "value": list_name}, *marked],
    )


async def undo_lists(
    dispatcher: CollectingDispatcher, tracker: Tracker, undo: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Puts a list's entries back to what they were, and says which."""
    name = str(undo["list"])
    changes = [Change(_item(c["before"]), _item(c["after"])) for c in undo["changes"]]
    try:
        await ask_database(
            lambda db: ListRepository(db, tracker.sender_id).take_back(
                name, changes, bool(undo.get("created"))
            )
        )
    except UnknownListError:
        dispatcher.utter_message(response="utter_nothing_to_undo")
        return []
    except StorageError as error:
        logger.error("The lists are out of reach: %s", error)
        dispatcher.utter_message(response="utter_lists_unavailable")
        return []
    marked = [c.before for c in changes if c.before and c.after and c.before.done != c.after.done]
    back = [c.before for c in changes if c.before is not None and c.before not in marked]
    gone = [change.after for change in changes if change.before is None and change.after]
    spoken = speak_name(name)
    if gone:
        dispatcher.utter_message(
            response="utter_items_taken_back", items=speak_items(gone), list_name=spoken
        )
    if marked:
        dispatcher.utter_message(
            response="utter_items_as_before", items=speak_items(marked), list_name=spoken
        )
    if back:
        dispatcher.utter_message(
            response="utter_items_put_back", items=speak_items(back), list_name=spoken
        )
    return []


def _entry(item: Item | None) -> dict[str, Any] | None:
    return to_slot([item])[0] if item else None


def _item(value: object) -> Item | None:
    return next(iter(from_slot([value])), None)
