"""What every form of the lists skill takes from a message: things, and a list's name."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.choosing import chosen
from actions.conversation import list_in_talk
from actions.forms import SkillForm, Slots
from actions.items import (
    LONGEST_ITEM_NAME,
    LONGEST_LIST_NAME,
    MOST_ITEMS_IN_A_MESSAGE,
    from_slot,
    item_too_long,
    singular_key,
    to_slot,
)
from actions.list_marking import CHECK, MARKING, UNCHECK, marking_of
from actions.reading import (
    entities_of,
    intent_of,
    items_from_entities,
    items_from_text,
    list_name_from,
    list_name_from_text,
    list_name_too_long,
    text_of,
)
from actions.storage.database import StorageError, ask_database
from actions.storage.lists import ListRepository, ListSummary

logger = logging.getLogger(__name__)

ITEMS = "list_items"
LIST = "list_name"
CONFIRM = "confirm_clear"


class ListFormValidation(SkillForm):
    """What the three forms share."""

    answer_intents = SkillForm.answer_intents | {"choose"}

    async def extract_list_items(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the items from the message: all of them at the start, more of them later."""
        message = tracker.latest_message
        said = items_from_entities(message)
        if self.starts_now(tracker):
            return {ITEMS: to_slot(said) or None}
        if not self.answers(tracker):
            return {}
        if tracker.get_slot(REQUESTED_SLOT) == ITEMS:
            if not said and intent_of(message) != "affirm" and not entities_of(message, LIST):
                said = items_from_text(text_of(message))
            return {ITEMS: to_slot(said) or None}
        gathered = from_slot(tracker.get_slot(ITEMS))
        if said and intent_of(message) == "correct":
            # "Not butter, margarine": what was gathered already is what was wrong.
            keys = {item.key for item in gathered}
            return {ITEMS: to_slot([item for item in said if item.key not in keys] or said)}
        if said:
            return {ITEMS: to_slot([*gathered, *said])}
        return {}

    async def extract_list_name(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the list from the message; at the start also from what is known already."""
        message = tracker.latest_message
        named = list_name_from(message)
        if self.starts_now(tracker):
            return {LIST: named or await self.meant_list(tracker)}
        if not self.answers(tracker):
            return {}
        if named:
            return {LIST: named}
        if tracker.get_slot(REQUESTED_SLOT) != LIST:
            return {}
        if intent_of(message) == "choose":
            return {LIST: await self._chosen_list(tracker)}
        if items_from_entities(message) and intent_of(message) == self.trigger:
            return {}
        words = "" if intent_of(message) == "affirm" else text_of(message)
        return {LIST: list_name_from_text(words)}

    async def validate_list_items(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Refuses more items, and longer names, than Parley keeps."""
        items = from_slot(value)
        if len(items) > MOST_ITEMS_IN_A_MESSAGE:
            dispatcher.utter_message(
                response="utter_too_many_items", most=str(MOST_ITEMS_IN_A_MESSAGE)
            )
            items = []
        elif any(item_too_long(item) for item in items):
            dispatcher.utter_message(response="utter_item_too_long", most=str(LONGEST_ITEM_NAME))
            items = []
        slots = self.accepted(ITEMS, to_slot(items) or None, tracker)
        return {**slots, MARKING: marking_of(tracker)} if self.starts_now(tracker) else slots

    async def validate_list_name(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Refuses a list's name that is longer than Parley keeps."""
        name = str(value) if value else None
        if name and list_name_too_long(name):
            dispatcher.utter_message(
                response="utter_list_name_too_long", most=str(LONGEST_LIST_NAME)
            )
            name = None
        slots = self.accepted(LIST, name, tracker)
        if slots[LIST] is None and self.needs_what_is_there(tracker):
            # Without any list there is nothing to ask.
            if await summaries_or_none(tracker) == []:
                slots[REQUESTED_SLOT] = None
        return slots

    async def _chosen_list(self, tracker: Tracker) -> str | None:
        """The list meant by "the second one": lists are asked about in the order they were made."""
        names = [summary.name for summary in await summaries_or_none(tracker) or []]
        index = chosen(tracker.latest_message, names)
        return None if index is None else names[index]

    async def meant_list(self, tracker: Tracker) -> str | None:
        """The list that must be meant where none is named: the one in talk, or the only one.

        Where things have to be there, a list with none of them gives way to one with.
        """
        meant = list_in_talk(tracker)
        if not meant:
            lists = await summaries_or_none(tracker)
            meant = lists[0].name if lists and len(lists) == 1 else None
        items = items_from_entities(tracker.latest_message)
        if not items or not self.needs_what_is_there(tracker):
            return meant
        try:
            holding = await ask_database(
                lambda db: ListRepository(db, tracker.sender_id).holding(items)
            )
        except StorageError as error:
            logger.error("The lists cannot be read: %s", error)
            return meant
        if meant and singular_key(meant) in map(singular_key, holding):
            return meant
        return holding[0] if len(holding) == 1 else meant

    def needs_what_is_there(self, tracker: Tracker) -> bool:
        """Whether the things that are named must be on the list already."""
        return marking_of(tracker) in (CHECK, UNCHECK)


async def summaries_or_none(tracker: Tracker) -> list[ListSummary] | None:
    """The user's lists, or None where the database is away (the form's action will say so)."""
    try:
        return await ask_database(lambda db: ListRepository(db, tracker.sender_id).summaries())
    except StorageError as error:
        logger.error("The lists cannot be read: %s", error)
        return None
