"""What the lists skill does, and what it says about it."""

import logging
from pathlib import Path
from typing import Any

import pytest

from actions.ending_forms import PENDING
from actions.items import Item, to_slot
from actions.list_questions import ActionAskConfirmClear, ActionAskListName
from actions.lists import (
    ActionAddItems,
    ActionClearList,
    ActionRemoveItems,
    ActionShowAllLists,
    ActionShowList,
)
from actions.settings import DATABASE_URL_VARIABLE
from actions.storage.lists import ListRepository

NOTHING_PENDING: dict[str, Any] = dict.fromkeys(PENDING)


@pytest.fixture
def broken_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv(DATABASE_URL_VARIABLE, f"sqlite:///{tmp_path}/blocker/parley.db")


def without_effect(slots: dict[str, Any]) -> dict[str, Any]:
    """The slots but for what was noted to be taken back."""
    return {name: value for name, value in slots.items() if name != "last_effect"}


def gathered(talk: Any, *items: Item, on: str | None = "shopping") -> Any:
    return talk.slot("list_items", to_slot(items)).slot("list_name", on)


async def test_adding_to_a_new_list_says_so(talk: Any, lists: ListRepository) -> None:
    gathered(talk, Item("milk"), Item("bread", "2", "loaf"))
    slots = await talk.run(ActionAddItems())
    assert without_effect(slots) == {**NOTHING_PENDING, "list_name": "shopping"}
    assert talk.said == ["utter_items_added_to_new_list"]
    assert talk.filled["items"] == "milk and 2 loaves of bread"
    assert lists.items("shopping") == [Item("milk"), Item("bread", "2", "loaf")]


async def test_adding_says_what_there_is_now(talk: Any, lists: ListRepository) -> None:
    lists.add("Shopping", [Item("egg", "6")])
    slots = await gathered(talk, Item("eggs", "6")).run(ActionAddItems())
    assert slots["list_name"] == "Shopping"
    assert talk.said == ["utter_items_added"]
    assert (talk.filled["items"], talk.filled["list_name"]) == ("12 eggs", "Shopping")


async def test_a_form_that_gave_up_adds_nothing(talk: Any, lists: ListRepository) -> None:
    slots = await gathered(talk, Item("milk"), on=None).run(ActionAddItems())
    assert slots == NOTHING_PENDING
    assert talk.said == ["utter_given_up"]
    assert lists.summaries() == []


async def test_removing_in_part_says_both(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("oat milk")])
    slots = await gathered(talk, Item("milk"), Item("tea")).run(ActionRemoveItems())
    assert without_effect(slots) == {**NOTHING_PENDING, "list_name": "shopping"}
    assert talk.said == ["utter_items_removed", "utter_items_missing"]
    assert talk.filled["items"] == "tea"
    assert lists.items("shopping") == [Item("oat milk")]


@pytest.mark.parametrize("wanted", ["chese", "cream cheese", "cheeses board"])
async def test_what_comes_close_is_offered(talk: Any, lists: ListRepository, wanted: str) -> None:
    lists.add("shopping", [Item("cheese", "200", "g"), Item("tea")])
    await gathered(talk, Item(wanted)).run(ActionRemoveItems())
    assert talk.said == ["utter_items_missing_but_close"]
    assert talk.filled["close"] == "200 g of cheese"
    assert len(lists.items("shopping")) == 2


async def test_removing_some_of_it(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("eggs", "12")])
    await gathered(talk, Item("eggs", "2")).run(ActionRemoveItems())
    assert talk.said == ["utter_items_reduced"]
    assert (talk.filled["items"], talk.filled["left"]) == ("2 eggs", "10 eggs")


async def test_removing_from_an_unknown_list(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    slots = await gathered(talk, Item("milk"), on="packing").run(ActionRemoveItems())
    assert without_effect(slots) == {**NOTHING_PENDING, "list_name": None}
    assert talk.said == ["utter_unknown_list"]
    assert (talk.filled["list_name"], talk.filled["lists"]) == ("packing", "shopping")


async def test_removing_without_lists(talk: Any) -> None:
    await gathered(talk, Item("milk"), on=None).run(ActionRemoveItems())
    assert talk.said == ["utter_no_lists"]


async def test_showing_the_list_that_is_named(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("eggs", "2")])
    lists.add("packing", [Item("tent")])
    talk.user("show shopping", "show_list", ("list_name", "shopping"))
    assert await talk.run(ActionShowList()) == {"list_name": "shopping"}
    assert talk.said == ["utter_list_shown"]
    assert talk.filled["items"] == "milk and 2 eggs"


async def test_showing_it(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    lists.add("packing", [Item("tent")])
    talk.user("add a tent", "add_items").slot("list_name", "packing").bot("action_add_items")
    talk.user("what's on it", "show_list")
    await talk.run(ActionShowList())
    assert talk.filled["items"] == "tent"


async def test_showing_asks_which_of_several(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    lists.add("packing", [Item("tent")])
    slots = await talk.user("show my list", "show_list").run(ActionShowList())
    assert [choice["title"] for choice in slots["choices"]] == ["shopping", "packing"]
    assert talk.said == ["utter_ask_which_list_to_show"]
    assert talk.filled["lists"] == "shopping and packing"


async def test_showing_the_only_one_the_empty_one_and_none(
    talk: Any, lists: ListRepository
) -> None:
    talk.user("show my list", "show_list")
    await talk.run(ActionShowList())
    assert talk.said == ["utter_no_lists"]
    lists.add("shopping", [Item("milk")])
    await talk.run(ActionShowList())
    assert talk.said == ["utter_list_shown"]
    lists.clear("shopping")
    await talk.run(ActionShowList())
    assert talk.said == ["utter_list_empty"]


async def test_showing_an_unknown_list(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    talk.user("show packing", "show_list", ("list_name", "packing"))
    assert await talk.run(ActionShowList()) == {"list_name": None}
    assert talk.said == ["utter_unknown_list"]


async def test_whether_something_is_on_it(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("eggs", "6"), Item("tea")])
    talk.user("are egg and milk on it", "show_list", ("item", "egg"), ("item", "milk"))
    await talk.run(ActionShowList())
    assert talk.said == ["utter_items_there", "utter_items_missing"]
    assert [m["items"] for m in talk.dispatcher.messages] == ["6 eggs", "milk"]


async def test_showing_while_a_form_waits_leaves_its_list(talk: Any, lists: ListRepository) -> None:
    lists.add("packing", [Item("tent")])
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    talk.user("show packing", "show_list", ("list_name", "packing"))
    assert await talk.run(ActionShowList()) == {}
    assert talk.said == ["utter_list_shown"]


async def test_showing_all(talk: Any, lists: ListRepository) -> None:
    await talk.run(ActionShowAllLists())
    assert talk.said == ["utter_no_lists"]
    lists.add("shopping", [Item("milk"), Item("eggs")])
    lists.add("packing", [Item("tent")])
    lists.clear("packing")
    await talk.run(ActionShowAllLists())
    assert talk.filled["lists"] == "shopping (2 things) and packing (empty)"


async def test_clearing_after_a_yes(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    slots = await gathered(talk).slot("confirm_clear", True).run(ActionClearList())
    assert without_effect(slots) == {**NOTHING_PENDING, "list_name": "shopping"}
    assert talk.said == ["utter_list_cleared"]
    assert lists.items("shopping") == []


@pytest.mark.parametrize("confirmed", [False, None, "true", 1])
async def test_nothing_is_cleared_without_a_yes(
    talk: Any, lists: ListRepository, confirmed: object
) -> None:
    lists.add("shopping", [Item("milk")])
    await gathered(talk).slot("confirm_clear", confirmed).run(ActionClearList())
    assert talk.said == ["utter_list_kept"]
    assert lists.items("shopping") == [Item("milk")]


async def test_clearing_what_is_empty_unknown_or_not_named(
    talk: Any, lists: ListRepository
) -> None:
    await gathered(talk, on=None).run(ActionClearList())
    assert talk.said == ["utter_no_lists"]
    lists.add("shopping", [Item("milk")])
    await gathered(talk, on=None).run(ActionClearList())
    assert talk.said == ["utter_given_up"]
    await gathered(talk, on="packing").slot("confirm_clear", True).run(ActionClearList())
    assert talk.said == ["utter_unknown_list"]
    lists.clear("shopping")
    await gathered(talk).slot("confirm_clear", True).run(ActionClearList())
    assert talk.said == ["utter_list_empty"]


async def test_the_questions_say_what_there_is(talk: Any, lists: ListRepository) -> None:
    await talk.run(ActionAskListName())
    assert talk.said == ["utter_ask_new_list"]
    lists.add("Shopping", [Item("milk"), Item("eggs"), Item("tea")])
    lists.add("packing", [Item("tent")])
    await talk.run(ActionAskListName())
    assert talk.filled["lists"] == "Shopping and packing"
    await talk.slot("list_name", "shopping").run(ActionAskConfirmClear())
    assert (talk.said, talk.filled["things"]) == (["utter_ask_confirm_clear"], "There are 3 things")
    await talk.slot("list_name", "packing").run(ActionAskConfirmClear())
    assert talk.filled["things"] == "There is 1 thing"


@pytest.mark.usefixtures("broken_database")
@pytest.mark.parametrize(
    "action",
    [ActionAddItems, ActionRemoveItems, ActionShowList, ActionShowAllLists, ActionClearList],
)
async def test_a_database_that_is_away_is_said_kindly_and_logged(
    talk: Any, caplog: pytest.LogCaptureFixture, action: type[Any]
) -> None:
    gathered(talk, Item("a secret present")).slot("confirm_clear", True)
    talk.user("the secret list", "show_list", ("list_name", "secret list"))
    with caplog.at_level(logging.DEBUG):
        await talk.run(action())
    assert talk.said == ["utter_lists_unavailable"]
    assert "folder cannot be made" in caplog.text
    assert "secret" not in caplog.text
