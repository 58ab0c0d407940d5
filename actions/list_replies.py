"""What the lists skill says about what it did: which response fits, and what fills it."""

from __future__ import annotations

import difflib

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.channels import buttons, most_named
from actions.items import Item, singular_key
from actions.speaking import count_things, join, speak_items, speak_name
from actions.storage.lists import Addition, Marking, Removal

MOST_DONE_SPOKEN = 8
"""Of more than so many things that are checked off, only the number is said."""


def say_added(dispatcher: CollectingDispatcher, added: Addition) -> None:
    """Says what was added, each thing as it stands on the list now."""
    dispatcher.utter_message(
        response="utter_items_added_to_new_list" if added.created else "utter_items_added",
        items=speak_items(added.items),
        list_name=speak_name(added.list_name),
    )


def say_list(
    dispatcher: CollectingDispatcher, list_name: str, items: list[Item], most: int | None = None
) -> None:
    """Says what is open on a list, then what is checked off; of each, the most are named."""
    still, done = [i for i in items if not i.done], [i for i in items if i.done]
    response = "utter_list_shown" if items else "utter_list_empty"
    if done:
        response = "utter_list_shown_with_done" if still else "utter_list_all_done"
    dispatcher.utter_message(
        response=response,
        list_name=speak_name(list_name),
        items=speak_items(still, most),
        done=speak_items(done, most) if len(done) <= MOST_DONE_SPOKEN else count_things(len(done)),
    )


def say_marking(dispatcher: CollectingDispatcher, marking: Marking, done: bool) -> None:
    """Says what was checked off or opened again, what was so before, and what is not there."""
    spoken = speak_name(marking.list_name)
    if marking.marked:
        response = "utter_items_checked_in_part" if marking.reduced else "utter_items_checked"
        dispatcher.utter_message(
            response=response if done else "utter_items_unchecked",
            list_name=spoken,
            items=speak_items(marking.marked),
            left=speak_items(marking.reduced),
        )
    if marking.already:
        dispatcher.utter_message(
            response="utter_items_already_checked" if done else "utter_items_open_as_before",
            list_name=spoken,
            items=speak_items(marking.already),
        )
    if marking.missing:
        _say_missing(dispatcher, marking)


def say_unknown(
    dispatcher: CollectingDispatcher, list_name: str, known: list[str], most: int | None = None
) -> None:
    """Says that there is no such list, and which there are."""
    if known:
        dispatcher.utter_message(
            response="utter_unknown_list",
            list_name=speak_name(list_name),
            lists=join([speak_name(name) for name in known], most),
        )
    else:
        dispatcher.utter_message(response="utter_no_lists")


def say_whether_there(
    dispatcher: CollectingDispatcher, list_name: str, asked_for: list[Item], items: list[Item]
) -> None:
    """Answers "is there milk on it?", and for several things each way."""
    keys = {item.key for item in asked_for}
    there = [item for item in items if item.key in keys and not item.done]
    done = [item for item in items if item.key in keys and item.done]
    there_keys = {item.key for item in [*there, *done]}
    missing = [item for item in asked_for if item.key not in there_keys]
    spoken = speak_name(list_name)
    if there:
        dispatcher.utter_message(
            response="utter_items_there", list_name=spoken, items=speak_items(there)
        )
    if done:
        dispatcher.utter_message(
            response="utter_items_already_checked", list_name=spoken, items=speak_items(done)
        )
    if missing:
        names = join([speak_name(item.name) for item in missing])
        dispatcher.utter_message(response="utter_items_missing", list_name=spoken, items=names)


def say_names(
    dispatcher: CollectingDispatcher, tracker: Tracker, names: list[str], response: str
) -> None:
    """Asks which list is to be shown, in a given response, and says which there are."""
    if names:
        spoken = [speak_name(name) for name in names]
        dispatcher.utter_message(
            response=response,
            lists=join(spoken, most_named(tracker)),
            buttons=buttons(tracker, [(name, f"show me the {name} list") for name in spoken]),
        )
    else:
        dispatcher.utter_message(response="utter_no_lists")


def say_removal(dispatcher: CollectingDispatcher, removal: Removal) -> None:
    """Says what was taken off, what was not there, and what comes close to that."""
    list_name = speak_name(removal.list_name)
    if removal.removed:
        response = "utter_items_reduced" if removal.reduced else "utter_items_removed"
        dispatcher.utter_message(
            response=response,
            list_name=list_name,
            items=speak_items(removal.removed),
            left=speak_items(removal.reduced),
        )
    if removal.missing:
        _say_missing(dispatcher, removal)


def _say_missing(dispatcher: CollectingDispatcher, outcome: Removal | Marking) -> None:
    missing = join([speak_name(item.name) for item in outcome.missing])
    close = _close_to(outcome)
    dispatcher.utter_message(
        response="utter_items_missing_but_close" if close else "utter_items_missing",
        list_name=speak_name(outcome.list_name),
        items=missing,
        close=speak_items(close),
    )


def _close_to(outcome: Removal | Marking) -> list[Item]:
    """What is on the list that reads, or is named, much like something that is not."""
    by_key = {item.key: item for item in outcome.remaining}
    close: dict[str, Item] = {}
    for wanted in outcome.missing:
        keys = difflib.get_close_matches(wanted.key, list(by_key), n=2, cutoff=0.7)
        keys += [key for key in by_key if _words(wanted.key) & _words(key)]
        close.update({key: by_key[key] for key in keys[:3]})
    return list(close.values())


def _words(key: str) -> set[str]:
    return {singular_key(word) for word in key.split()}
