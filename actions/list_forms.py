"""The three forms of the lists skill: to add, to remove and to clear."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.conversation import slot_before_message
from actions.forms import Slots
from actions.items import singular_key
from actions.list_gathering import CONFIRM, LIST, ListFormValidation, summaries_or_none
from actions.list_marking import MARKING, ONLY_DONE, marking_of
from actions.reading import intent_of, list_name_from
from actions.storage.database import StorageError, ask_database
from actions.storage.lists import ListRepository, UnknownListError

logger = logging.getLogger(__name__)


class ValidateAddItemsForm(ListFormValidation):
    """Fills `add_items_form`."""

    trigger = "add_items"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_add_items_form"


class ValidateRemoveItemsForm(ListFormValidation):
    """Fills `remove_items_form`."""

    trigger = "remove_items"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_remove_items_form"

    def needs_what_is_there(self, tracker: Tracker) -> bool:
        """What is not on it cannot be taken off."""
        return True


class ValidateClearListForm(ListFormValidation):
    """Fills `clear_list_form`; only an explicit yes to the question lets anything be cleared."""

    trigger = "clear_list"

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_clear_list_form"

    async def extract_list_name(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """As for every form; and an answer that names another list moves the question to it."""
        if self._asks_for_confirmation(tracker):
            other = self._other_list(tracker)
            return {LIST: other} if other else {}
        return await super().extract_list_name(dispatcher, tracker, domain)

    async def extract_confirm_clear(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Notices an answer that is neither yes nor no; those two come by the slot's mapping.

        A yes that names another list is a yes to a question that was not asked.
        """
        if self.starts_now(tracker):
            return {CONFIRM: None}
        if not self._asks_for_confirmation(tracker):
            return {}
        if self._other_list(tracker):
            return {CONFIRM: None}
        yes_or_no = intent_of(tracker.latest_message) in ("affirm", "deny")
        return {CONFIRM: None} if self.answers(tracker) and not yes_or_no else {}

    async def validate_confirm_clear(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes a yes or a no only as the answer to the question."""
        if not self._asks_for_confirmation(tracker):
            return {CONFIRM: None}
        expected = {"affirm": True, "deny": False}.get(intent_of(tracker.latest_message))
        return self.accepted(CONFIRM, expected if value is expected else None, tracker)

    async def validate_list_name(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """As for every form; and nothing is asked about a list with nothing on it."""
        slots = await super().validate_list_name(value, dispatcher, tracker, domain)
        if self.starts_now(tracker):
            slots[MARKING] = marking_of(tracker)
        only_done = slots.get(MARKING, tracker.get_slot(MARKING)) == ONLY_DONE
        if not await self._worth_asking(slots[LIST], only_done, tracker):
            slots[REQUESTED_SLOT] = None
        return slots

    def _asks_for_confirmation(self, tracker: Tracker) -> bool:
        starts = self.starts_now(tracker)
        return not starts and tracker.get_slot(REQUESTED_SLOT) == CONFIRM

    def _other_list(self, tracker: Tracker) -> str | None:
        """The list that an answer names, if it is not the one that was asked about.

        "Add milk to the packing list" is no answer: it has nothing to do with clearing that.
        """
        if not self.answers(tracker) and intent_of(tracker.latest_message) != "deny":
            return None
        named = list_name_from(tracker.latest_message)
        asked = slot_before_message(tracker, LIST)
        if named is None or (asked and singular_key(str(asked)) == singular_key(named)):
            return None
        return named

    async def _worth_asking(self, list_name: str | None, only_done: bool, tracker: Tracker) -> bool:
        try:
            if list_name is None:
                return await summaries_or_none(tracker) != []
            name = list_name
            items = await ask_database(lambda db: ListRepository(db, tracker.sender_id).items(name))
            return any(item.done or not only_done for item in items)
        except UnknownListError:
            return False
        except StorageError as error:
            logger.error("The lists cannot be read: %s", error)
            return False
