"""What is kept: lists per user, over restarts, for several at a time, in either database."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from actions.items import Item
from actions.settings import DATABASE_TIMEOUT_VARIABLE
from actions.storage.database import Database, StorageError, ask_database
from actions.storage.list_entries import Change
from actions.storage.lists import ListRepository, ListSummary, UnknownListError
from tests.actions.conftest import on_both_databases

pytestmark = on_both_databases


def test_adding_makes_the_list_and_keeps_the_order(lists: ListRepository) -> None:
    added = lists.add("Shopping", [Item("milk"), Item("bread", "2", "loaves")])
    assert (added.list_name, added.created) == ("Shopping", True)
    again = lists.add("shopping", [Item("salt")])
    assert (again.list_name, again.created, again.items) == ("Shopping", False, [Item("salt")])
    assert [item.name for item in lists.items("SHOPPING")] == ["milk", "bread", "salt"]


def test_the_same_thing_in_the_same_unit_is_added_up(lists: ListRepository) -> None:
    lists.add("shopping", [Item("eggs", "6"), Item("milk", "1", "litre")])
    added = lists.add("shopping", [Item("Egg", "2"), Item("milk", "2", "bottles")])
    assert added.items == [Item("eggs", "8"), Item("milk", "2", "bottles")]
    assert len(lists.items("shopping")) == 3


def test_the_same_thing_twice_in_a_message_is_told_once(lists: ListRepository) -> None:
    added = lists.add("shopping", [Item("egg", "2"), Item("milk"), Item("eggs", "3")])
    assert added.items == [Item("egg", "5"), Item("milk")]


def test_a_thing_without_amount_is_there_already(lists: ListRepository) -> None:
    lists.add("shopping", [Item("bread", "2", "loaves")])
    assert lists.add("shopping", [Item("bread")]).items == [Item("bread", "2", "loaves")]


def test_an_amount_makes_a_thing_without_one_precise(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    assert lists.add("shopping", [Item("milk", "3", "bottles")]).items == [
        Item("milk", "3", "bottles")
    ]
    lists.add("shopping", [Item("milk"), Item("milk", "1", "bottle"), Item("milk", "2", "litres")])
    assert lists.items("shopping") == [Item("milk", "4", "bottles"), Item("milk", "2", "litres")]


def test_removing(lists: ListRepository) -> None:
    lists.add("shopping", [Item("eggs", "6"), Item("milk"), Item("salt")])
    removal = lists.remove("shopping", [Item("egg", "2"), Item("MILK"), Item("tea")])
    assert removal.removed == [Item("eggs", "2"), Item("milk")]
    assert removal.reduced == [Item("eggs", "4")]
    assert removal.missing == [Item("tea")]
    assert removal.remaining == lists.items("shopping") == [Item("eggs", "4"), Item("salt")]


def test_removing_by_unit_or_in_all_units(lists: ListRepository) -> None:
    milk = [Item("milk", "1", "litre"), Item("milk", "2", "bottles")]
    lists.add("shopping", milk)
    lists.remove("shopping", [Item("milk", unit="bottle")])
    assert lists.items("shopping") == milk[:1]
    lists.add("shopping", milk[1:])
    assert lists.remove("shopping", [Item("milk")]).removed == milk


def test_removing_twice_in_a_message_removes_once(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    removal = lists.remove("shopping", [Item("milk"), Item("milk")])
    assert (removal.removed, removal.missing) == ([Item("milk")], [Item("milk")])


def test_clearing_keeps_the_list(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("eggs")])
    assert lists.clear("shopping") == [Change(Item("milk"), None), Change(Item("eggs"), None)]
    assert lists.items("shopping") == []
    assert lists.summaries() == [ListSummary("shopping", 0)]


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ([Item("milk")], lambda lists: lists.add("shopping", [Item("eggs", "2"), Item("milk")])),
        ([Item("eggs", "2")], lambda lists: lists.add("shopping", [Item("eggs", "3")])),
        ([Item("eggs", "5")], lambda lists: lists.remove("shopping", [Item("eggs", "2")])),
        ([Item("eggs", "5")], lambda lists: lists.remove("shopping", [Item("egg")])),
        ([Item("bread", "2", "loaf")], lambda lists: lists.add("shopping", [Item("bread")])),
    ],
)
def test_what_was_changed_is_taken_back(
    lists: ListRepository, before: list[Item], change: Callable[[ListRepository], Any]
) -> None:
    lists.add("shopping", before)
    done = change(lists)
    lists.add("shopping", [Item("candles")])
    lists.take_back("shopping", done.changes, created=False)
    assert sorted(lists.items("shopping"), key=str) == sorted([*before, Item("candles")], key=str)


def test_what_was_cleared_comes_back(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("eggs", "2")])
    lists.take_back("shopping", lists.clear("shopping"), created=False)
    assert lists.items("shopping") == [Item("milk"), Item("eggs", "2")]


def test_a_list_that_was_made_for_it_goes_too(lists: ListRepository) -> None:
    done = lists.add("shopping", [Item("milk")])
    lists.take_back("shopping", done.changes, created=done.created)
    assert lists.summaries() == []

    done = lists.add("shopping", [Item("milk")])
    lists.add("shopping", [Item("eggs")])
    lists.take_back("shopping", done.changes, created=done.created)
    assert lists.items("shopping") == [Item("eggs")]


@pytest.mark.parametrize("slip", ["shoping", "shoppping", "shpoping", "Shoppin"])
def test_a_slip_of_the_pen_is_the_list_that_is_there(lists: ListRepository, slip: str) -> None:
    lists.add("shopping", [Item("milk")])
    assert lists.add(slip, [Item("eggs")]).list_name == "shopping"


@pytest.mark.parametrize(
    ("there", "said"), [("party", "parts"), ("car", "cart"), ("work", "word"), ("garden", "warden")]
)
def test_another_word_is_another_list(lists: ListRepository, there: str, said: str) -> None:
    lists.add(there, [Item("milk")])
    assert lists.add(said, [Item("eggs")]).created


def test_unknown_lists_are_named(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    for ask in (lists.items, lists.clear, lambda name: lists.remove(name, [Item("milk")])):
        with pytest.raises(UnknownListError, match="packing"):
            ask("packing")


def test_lists_that_hold_something(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("eggs")])
    lists.add("packing", [Item("tent")])
    assert lists.holding([Item("egg")]) == ["shopping"]
    assert lists.holding([Item("egg"), Item("tent")]) == ["shopping", "packing"]
    assert lists.holding([Item("tea")]) == []


def test_users_do_not_see_each_other(lists: ListRepository, database_url: str) -> None:
    lists.add("shopping", [Item("milk")])
    others = ListRepository(Database(database_url, 1.0), "grace")
    assert others.summaries() == []
    others.add("shopping", [Item("tea")])
    others.clear("shopping")
    assert lists.items("shopping") == [Item("milk")]


def test_everything_is_there_after_a_restart(lists: ListRepository, database_url: str) -> None:
    lists.add("shopping", [Item("milk", "some"), Item("flour", "0.5", "kilo")])
    reopened = ListRepository(Database(database_url, 1.0), "ada")
    assert reopened.items("shopping") == [Item("milk", "some"), Item("flour", "0.5", "kilo")]


@pytest.mark.parametrize("text", ["'); DROP TABLE lists;--", "<script>alert(1)</script>", "🥚 %s"])
def test_any_text_is_data(lists: ListRepository, text: str) -> None:
    lists.add(text, [Item(text, text, text)])
    assert lists.items(text) == [Item(text, text, text)]
    assert lists.summaries() == [ListSummary(text, 1)]


def test_a_failed_change_leaves_nothing_behind(lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    with pytest.raises(StorageError):
        lists.add("shopping", [Item("eggs"), Item("tea", object())])  # type: ignore[arg-type]
    assert lists.items("shopping") == [Item("milk")]


def test_many_at_a_time(database_url: str) -> None:
    def add(_: int) -> None:
        database = Database(database_url, 10.0)
        ListRepository(database, "ada").add("shopping", [Item("egg", "1")])
        database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert ListRepository(Database(database_url, 1.0), "ada").items("shopping") == [
        Item("egg", "40")
    ]


async def test_asking_gives_up_and_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_TIMEOUT_VARIABLE, "0.2")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with pytest.raises(StorageError, match="No answer within 0.2 s"):
        await ask_database(lambda db: time.sleep(0.6))
    ticking.cancel()
    assert ticks > 5
