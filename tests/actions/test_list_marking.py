"""Checking off and opening again: in words, in the database, undone, corrected, read back."""

from __future__ import annotations

from typing import Any

import pytest

from actions.correcting import ActionCorrect
from actions.items import Item
from actions.list_forms import ValidateAddItemsForm, ValidateClearListForm, ValidateRemoveItemsForm
from actions.list_marking import CHECK, ONLY_DONE, UNCHECK, marking_in
from actions.list_questions import ActionAskConfirmClear
from actions.lists import (
    ActionAddItems,
    ActionClearList,
    ActionRemoveItems,
    ActionShowAllLists,
    ActionShowList,
)
from actions.storage.list_entries import Change
from actions.storage.lists import ListRepository, ListSummary, UnknownListError
from actions.undo import ActionUndo
from tests.actions.conftest import Talk

MILK, EGGS = Item("milk"), Item("eggs", "12")
DONE_MILK = Item("milk", done=True)


def done(item: Item) -> Item:
    return Item(item.name, item.quantity, item.unit, done=True)


# ------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "intent", "marking"),
    [
        ("check off the milk", "remove_items", CHECK),
        ("check milk and eggs off my shopping list", "remove_items", CHECK),
        ("tick call the plumber off", "remove_items", CHECK),
        ("Cross the milk off, please", "remove_items", CHECK),
        ("mark the laundry as done", "remove_items", CHECK),
        ("mark milk bought", "remove_items", CHECK),
        ("mark the laundry as done", "add_items", CHECK),
        ("mark milk as not bought yet", "remove_items", UNCHECK),
        ("mark the eggs as still open", "add_items", UNCHECK),
        ("take the milk off", "remove_items", None),
        ("remove the milk", "remove_items", None),
        ("I got the milk", "remove_items", None),
        ("the laundry is done, remove it", "remove_items", None),
        ("strike milk", "remove_items", None),
        ("uncheck the milk", "add_items", UNCHECK),
        ("untick the eggs again", "add_items", UNCHECK),
        ("un-check the milk", "remove_items", UNCHECK),
        ("reopen the milk", "add_items", UNCHECK),
        ("mark the laundry as not done", "remove_items", UNCHECK),
        ("the laundry isn't done after all", "add_items", UNCHECK),
        ("add milk", "add_items", None),
        ("add a check to the list", "add_items", None),
        ("clear the done ones", "clear_list", ONLY_DONE),
        ("clear the checked-off items from my shopping list", "clear_list", ONLY_DONE),
        ("remove everything that's checked off", "clear_list", ONLY_DONE),
        ("delete what I've ticked off", "clear_list", ONLY_DONE),
        ("get rid of all that is already done", "clear_list", ONLY_DONE),
        ("clear the list", "clear_list", None),
        ("everything's done, clear tasks", "clear_list", None),
        ("all done on tasks, wipe it clean", "clear_list", None),
        ("we bought everything on the shopping list, so clear it", "clear_list", None),
        ("cross everything off the supermarket list", "clear_list", None),
    ],
)
def test_what_the_words_mean(text: str, intent: str, marking: str | None) -> None:
    assert marking_in(text, intent) == marking


async def test_a_thing_may_be_called_what_it_likes(talk: Talk) -> None:
    talk.user("add reopen the account", "add_items", ("item", "reopen the account"))
    slots = await talk.form("add_items_form").run(ValidateAddItemsForm())
    assert slots["list_marking"] is None


# --------------------------------------------------------------------- the store


def test_marking_and_opening(lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    outcome = lists.mark("shopping", [Item("Milk"), Item("tea")], done=True)
    assert (outcome.marked, outcome.missing) == ([DONE_MILK], [Item("tea")])
    assert outcome.changes == [Change(MILK, DONE_MILK)]
    assert lists.items("shopping") == [DONE_MILK, EGGS]
    assert lists.summaries() == [ListSummary("shopping", 2, done=1)]
    assert lists.mark("shopping", [MILK], done=True).already == [DONE_MILK]
    assert lists.mark("shopping", [MILK], done=False).marked == [MILK]
    assert lists.mark("shopping", [MILK], done=False).already == [MILK]
    with pytest.raises(UnknownListError):
        lists.mark("packing", [MILK], done=True)


def test_some_of_it_leaves_the_rest_open(lists: ListRepository) -> None:
    lists.add("shopping", [EGGS])
    outcome = lists.mark("shopping", [Item("eggs", "2")], done=True)
    assert outcome.marked == [Item("eggs", "2")]
    assert outcome.reduced == lists.items("shopping") == [Item("eggs", "10")]
    lists.take_back("shopping", outcome.changes, created=False)
    assert lists.items("shopping") == [EGGS]


@pytest.mark.parametrize(
    ("again", "there"),
    [(Item("eggs"), EGGS), (Item("eggs", "6"), Item("eggs", "6"))],
)
def test_what_is_added_again_is_open_again(lists: ListRepository, again: Item, there: Item) -> None:
    lists.add("shopping", [EGGS])
    lists.mark("shopping", [EGGS], done=True)
    added = lists.add("shopping", [again])
    assert added.items == lists.items("shopping") == [there]
    lists.take_back("shopping", added.changes, created=False)
    assert lists.items("shopping") == [done(EGGS)]


def test_what_is_done_is_cleared_and_comes_back_done(lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    lists.mark("shopping", [MILK], done=True)
    changes = lists.clear("shopping", only_done=True)
    assert lists.items("shopping") == [EGGS]
    lists.take_back("shopping", changes, created=False)
    assert set(lists.items("shopping")) == {DONE_MILK, EGGS}


# ------------------------------------------------------------------------- talks


async def gather(talk: Talk, form: Any, text: str, *entities: tuple[str, str]) -> Talk:
    """Says something that starts a form, and fills its slots as the form does."""
    talk.user(text, form.trigger, *entities).form(form().form_name())
    for name, value in (await talk.run(form())).items():
        talk.slot(name, value)
    return talk


async def check(talk: Talk, text: str = "check off the milk", *more: tuple[str, str]) -> Talk:
    await gather(talk, ValidateRemoveItemsForm, text, *(more or (("item", "milk"),)))
    return await talk.form(None).goes_on(ActionRemoveItems())


async def test_checked_off_is_not_taken_off(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    lists.add("packing", [Item("tent")])
    await check(talk)
    assert talk.said == ["utter_items_checked"]
    assert lists.items("shopping") == [DONE_MILK, EGGS]
    await check(talk)
    assert talk.said == ["utter_items_already_checked"]
    await check(talk, "check off the tea", ("item", "tea"))
    assert talk.said == ["utter_items_missing"]


async def test_the_question_for_the_list_does_not_forget_it(
    talk: Talk, lists: ListRepository
) -> None:
    for name in ("shopping", "party"):
        lists.add(name, [MILK])
    await gather(talk, ValidateRemoveItemsForm, "check off the milk", ("item", "milk"))
    talk.slot("requested_slot", "list_name").bot("remove_items_form")
    talk.user("the party list", "inform_list", ("list_name", "party"))
    talk.slot("list_name", (await talk.run(ValidateRemoveItemsForm()))["list_name"]).form(None)
    await talk.run(ActionRemoveItems())
    assert (lists.items("party"), lists.items("shopping")) == ([DONE_MILK], [MILK])


async def test_and_the_next_one_too(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    await check(talk)
    talk.bot("action_remove_items").user("and the eggs", "inform_list", ("item", "eggs"))
    talk.form("remove_items_form")
    for name, value in (await talk.run(ValidateRemoveItemsForm())).items():
        talk.slot(name, value)
    await talk.form(None).run(ActionRemoveItems())
    assert lists.items("shopping") == [DONE_MILK, done(EGGS)]


async def test_what_is_taken_for_adding_is_checked_off_all_the_same(
    talk: Talk, lists: ListRepository
) -> None:
    lists.add("chores", [Item("laundry")])
    lists.add("shopping", [MILK])
    await gather(talk, ValidateAddItemsForm, "mark the laundry as done", ("item", "laundry"))
    await talk.run(ActionAddItems())
    assert talk.said == ["utter_items_checked"]
    assert lists.items("chores") == [Item("laundry", done=True)]


async def test_opened_again(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK])
    lists.mark("shopping", [MILK], done=True)
    lists.add("packing", [Item("tent")])
    await gather(talk, ValidateAddItemsForm, "uncheck the milk", ("item", "milk"))
    await talk.run(ActionAddItems())
    assert talk.said == ["utter_items_unchecked"]
    assert lists.items("shopping") == [MILK]
    await gather(talk, ValidateAddItemsForm, "uncheck the tea", ("item", "tea"))
    await talk.slot("list_name", "shopping").run(ActionAddItems())
    assert talk.said == ["utter_items_missing"]
    assert lists.items("shopping") == [MILK], "nothing is added by that"


async def test_without_lists_nothing_is_opened(talk: Talk) -> None:
    await gather(talk, ValidateAddItemsForm, "uncheck the milk", ("item", "milk"))
    assert talk.tracker().get_slot("requested_slot") is None
    await talk.run(ActionAddItems())
    assert talk.said == ["utter_no_lists"]


async def test_checking_off_is_undone(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK])
    await check(talk)
    await talk.user("undo that", "undo").run(ActionUndo())
    assert talk.said == ["utter_items_as_before"]
    assert lists.items("shopping") == [MILK]


async def test_checking_off_is_put_right(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    await check(talk)
    talk.bot("action_remove_items").user("no, the eggs", "correct", ("item", "eggs"))
    await talk.run(ActionCorrect())
    assert lists.items("shopping") == [MILK, EGGS]
    parsed = talk.returned[-1]["parse_data"]
    said = [(entity["entity"], entity["value"]) for entity in parsed["entities"]]
    assert parsed["intent"]["name"] == "remove_items"
    assert set(said) == {("item", "eggs"), ("list_name", "shopping"), ("marking", CHECK)}


async def test_what_is_open_is_read_first(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    lists.mark("shopping", [MILK], done=True)
    await talk.user("show the list", "show_list").run(ActionShowList())
    assert talk.said == ["utter_list_shown_with_done"]
    assert (talk.filled["items"], talk.filled["done"]) == ("12 eggs", "milk")
    lists.mark("shopping", [EGGS], done=True)
    await talk.run(ActionShowList())
    assert (talk.said, talk.filled["done"]) == (["utter_list_all_done"], "milk and 12 eggs")
    await talk.user("which lists are there", "show_all_lists").run(ActionShowAllLists())
    assert talk.filled["lists"] == "shopping (2 things, all checked off)"


async def test_of_many_that_are_done_the_number_is_said(talk: Talk, lists: ListRepository) -> None:
    many = [Item(f"thing {number}a") for number in range(9)]
    lists.add("shopping", [MILK, *many])
    lists.mark("shopping", many, done=True)
    await talk.user("show the list", "show_list").run(ActionShowList())
    assert talk.filled["done"] == "9 things"
    await talk.user("which lists are there", "show_all_lists").run(ActionShowAllLists())
    assert talk.filled["lists"] == "shopping (1 thing, and 9 checked off)"


async def test_whether_something_is_on_it(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    lists.mark("shopping", [MILK], done=True)
    entities = [("item", name) for name in ("milk", "eggs", "tea")]
    await talk.user("are milk, eggs, tea on it", "show_list", *entities).run(ActionShowList())
    assert talk.said == ["utter_items_there", "utter_items_already_checked", "utter_items_missing"]


async def test_only_what_is_done_goes_and_after_a_yes(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK, EGGS])
    lists.mark("shopping", [MILK], done=True)
    await gather(talk, ValidateClearListForm, "clear the done ones")
    assert talk.tracker().get_slot("list_marking") == ONLY_DONE
    await talk.run(ActionAskConfirmClear())
    assert talk.said == ["utter_ask_confirm_clear_done"]
    assert talk.filled["things"] == "There is 1 thing"
    assert lists.items("shopping") == [DONE_MILK, EGGS]
    await talk.slot("confirm_clear", True).form(None).goes_on(ActionClearList())
    assert (talk.said, lists.items("shopping")) == (["utter_checked_cleared"], [EGGS])
    await talk.user("undo", "undo").run(ActionUndo())
    assert set(lists.items("shopping")) == {DONE_MILK, EGGS}


async def test_where_nothing_is_done_nothing_is_asked(talk: Talk, lists: ListRepository) -> None:
    lists.add("shopping", [MILK])
    await gather(talk, ValidateClearListForm, "clear the done ones")
    assert talk.tracker().get_slot("requested_slot") is None
    await talk.run(ActionClearList())
    assert talk.said == ["utter_nothing_checked"]
    assert lists.items("shopping") == [MILK]
