"""The lists skill: adding, removing, showing and clearing, once it is known what is meant."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import fitting, most_named
from actions.choices import Choice, offer
from actions.conversation import list_in_talk
from actions.ending_forms import EndsForm
from actions.items import from_slot
from actions.list_effects import note_lists
from actions.list_gathering import CONFIRM, ITEMS, LIST
from actions.list_marking import CHECK, MARKING, ONLY_DONE
from actions.list_replies import (
    say_added,
    say_list,
    say_marking,
    say_names,
    say_removal,
    say_unknown,
    say_whether_there,
)
from actions.reading import items_from_entities, list_name_from
from actions.speaking import count_things, join, speak_name
from actions.storage.database import StorageError, ask_database
from actions.storage.lists import ListRepository, ListSummary, UnknownListError

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]


class ListAction(Action, ABC):
    """An action on the user's lists, which says so when they cannot be reached."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Does it; may raise `StorageError` and `UnknownListError`."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Does it, or says why not."""
        dispatcher = fitting(dispatcher, tracker)
        try:
            return await self.act(dispatcher, tracker)
        except UnknownListError as error:
            try:
                known = await _names(tracker)
            except StorageError:
                known = []
            say_unknown(dispatcher, str(error), known, most_named(tracker))
            return [SlotSet(LIST, None)]
        except StorageError as error:
            logger.error("%s: the lists are out of reach: %s", self.name(), error)
            dispatcher.utter_message(response="utter_lists_unavailable")
            return []


class SubmitAction(EndsForm, ListAction, ABC):
    """The action at the end of a form, after which nothing is pending."""


class ActionAddItems(SubmitAction):
    """Adds what `add_items_form` gathered."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_add_items"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Adds, and says what is on the list now of those things; or marks them."""
        items, list_name = from_slot(tracker.get_slot(ITEMS)), tracker.get_slot(LIST)
        marking = tracker.get_slot(MARKING)
        if not items or not list_name:
            no_lists = marking and not list_name and not await _names(tracker)
            dispatcher.utter_message(response="utter_no_lists" if no_lists else "utter_given_up")
            return []
        if marking:
            return await _mark(dispatcher, tracker, "add_items", marking)
        added = await ask_database(
            lambda db: ListRepository(db, tracker.sender_id).add(list_name, items)
        )
        say_added(dispatcher, added)
        effect = note_lists("add_items", added.list_name, added.changes, items, added.created)
        return [SlotSet(LIST, added.list_name), effect]


class ActionRemoveItems(SubmitAction):
    """Removes what `remove_items_form` gathered."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_remove_items"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Removes, and says what went, what was not there, what comes close; or checks off."""
        items, list_name = from_slot(tracker.get_slot(ITEMS)), tracker.get_slot(LIST)
        if not list_name and not await _names(tracker):
            dispatcher.utter_message(response="utter_no_lists")
            return []
        if not items or not list_name:
            dispatcher.utter_message(response="utter_given_up")
            return []
        if tracker.get_slot(MARKING):
            return await _mark(dispatcher, tracker, "remove_items", tracker.get_slot(MARKING))
        removal = await ask_database(
            lambda db: ListRepository(db, tracker.sender_id).remove(list_name, items)
        )
        say_removal(dispatcher, removal)
        if not removal.changes:
            return [SlotSet(LIST, removal.list_name)]
        effect = note_lists("remove_items", removal.list_name, removal.changes, items)
        return [SlotSet(LIST, removal.list_name), effect]


class ActionShowList(ListAction):
    """Says what is on a list: the one that is named, talked of, or the only one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_list"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Says it, or asks which list is meant."""
        name = list_name_from(tracker.latest_message) or list_in_talk(tracker)
        if not name:
            names = await _names(tracker)
            if len(names) != 1:
                say_names(dispatcher, tracker, names, "utter_ask_which_list_to_show")
                return [offer_lists(names)]
            name = names[0]
        wanted = name
        items = await ask_database(lambda db: ListRepository(db, tracker.sender_id).items(wanted))
        asked_for = items_from_entities(tracker.latest_message)
        if asked_for and items:
            say_whether_there(dispatcher, name, asked_for, items)
        else:
            say_list(dispatcher, name, items, most_named(tracker))
        # While a form waits, the slot is the form's.
        return [] if tracker.active_loop_name else [SlotSet(LIST, name)]


class ActionShowAllLists(ListAction):
    """Says which lists there are, and how much is on each."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_all_lists"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Says it."""
        lists = await ask_database(lambda db: ListRepository(db, tracker.sender_id).summaries())
        if not lists:
            dispatcher.utter_message(response="utter_no_lists")
            return []
        spoken = join(
            [f"{speak_name(summary.name)} ({_size(summary)})" for summary in lists],
            most_named(tracker),
        )
        dispatcher.utter_message(response="utter_all_lists", lists=spoken)
        return [offer_lists([summary.name for summary in lists])]


class ActionClearList(SubmitAction):
    """Clears a list, if the user said yes to that question, and says otherwise why not."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_clear_list"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Clears, or says that there was nothing to clear or that everything stays."""
        list_name, confirmed = tracker.get_slot(LIST), tracker.get_slot(CONFIRM)
        if not list_name:
            names = await _names(tracker)
            dispatcher.utter_message(response="utter_given_up" if names else "utter_no_lists")
            return []
        repository_name = str(list_name)
        items = await ask_database(
            lambda db: ListRepository(db, tracker.sender_id).items(repository_name)
        )
        spoken = speak_name(repository_name)
        only_done = tracker.get_slot(MARKING) == ONLY_DONE
        if only_done and items and not any(item.done for item in items):
            dispatcher.utter_message(response="utter_nothing_checked", list_name=spoken)
        elif not items:
            dispatcher.utter_message(response="utter_list_empty", list_name=spoken)
        elif confirmed is not True:
            dispatcher.utter_message(response="utter_list_kept", list_name=spoken)
        else:
            changes = await ask_database(
                lambda db: ListRepository(db, tracker.sender_id).clear(repository_name, only_done)
            )
            response = "utter_checked_cleared" if only_done else "utter_list_cleared"
            dispatcher.utter_message(response=response, list_name=spoken)
            marking = ONLY_DONE if only_done else None
            effect = note_lists("clear_list", repository_name, changes, [], marking=marking)
            return [SlotSet(LIST, repository_name), effect]
        return [SlotSet(LIST, repository_name)]


def offer_lists(names: Sequence[str]) -> dict[str, Any]:
    """The event after which "the second one" shows that list."""
    return offer(
        [Choice(name, "show_list", [{"entity": "list_name", "value": name}]) for name in names]
    )


async def _mark(
    dispatcher: CollectingDispatcher, tracker: Tracker, intent: str, marking: str
) -> Events:
    """Checks off what a form gathered, or opens it again, and says so."""
    items, list_name = from_slot(tracker.get_slot(ITEMS)), str(tracker.get_slot(LIST))
    done = marking == CHECK
    outcome = await ask_database(
        lambda db: ListRepository(db, tracker.sender_id).mark(list_name, items, done)
    )
    say_marking(dispatcher, outcome, done)
    in_talk = SlotSet(LIST, outcome.list_name)
    if not outcome.changes:
        return [in_talk]
    return [
        in_talk,
        note_lists(intent, outcome.list_name, outcome.changes, items, marking=marking),
    ]


def _size(summary: ListSummary) -> str:
    if not summary.size:
        return "empty"
    if summary.done == summary.size:
        return f"{count_things(summary.size)}, all checked off"
    still = count_things(summary.size - summary.done)
    return f"{still}, and {summary.done} checked off" if summary.done else still


async def _names(tracker: Tracker) -> list[str]:
    lists = await ask_database(lambda db: ListRepository(db, tracker.sender_id).summaries())
    return [summary.name for summary in lists]
