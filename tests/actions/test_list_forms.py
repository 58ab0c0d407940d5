"""What the forms of the lists skill take from a message, and when they give up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actions.items import Item, to_slot
from actions.list_forms import ValidateAddItemsForm, ValidateClearListForm, ValidateRemoveItemsForm
from actions.settings import DATABASE_URL_VARIABLE
from actions.storage.lists import ListRepository

MILK = [{"name": "milk", "quantity": None, "unit": None}]
BREAD = [{"name": "bread", "quantity": "2", "unit": "loaves"}]

ADD, REMOVE, CLEAR = "add_items_form", "remove_items_form", "clear_list_form"


def asks_for_list(talk: Any, **slots: Any) -> Any:
    """The add form has milk and asks for the list."""
    talk.user("add milk", "add_items", ("item", "milk")).waiting(ADD, "list_name")
    return talk.slot("list_items", MILK).slot("form_attempts", 0)


def asks_for_items(talk: Any, form: str = ADD) -> Any:
    """A form has the list and asks for items."""
    intent = "add_items" if form == ADD else "remove_items"
    talk.user("something on my shopping list", intent, ("list_name", "shopping"))
    return talk.waiting(form, "list_items").slot("list_name", "shopping").slot("form_attempts", 0)


def asks_to_confirm(talk: Any) -> Any:
    """The clear form asks whether to clear the shopping list."""
    talk.user("clear the shopping list", "clear_list", ("list_name", "shopping"))
    talk.slot("list_name", "shopping").waiting(CLEAR, "confirm_clear")
    return talk.slot("form_attempts", 0)


# ------------------------------------------------------------------ at the start


async def test_everything_in_one_message(talk: Any) -> None:
    talk.user(
        "add two loaves of bread to shopping", "add_items",
        ("quantity", "two"), ("unit", "loaves"), ("item", "bread"), ("list_name", "shopping"),
    ).form(ADD)  # fmt: skip
    slots = await talk.run(ValidateAddItemsForm(), list_name="shopping")
    gathered = {"list_items": BREAD, "list_name": "shopping", "list_marking": None}
    assert slots == {**gathered, "form_attempts": 0}


async def test_the_list_in_talk_is_taken(talk: Any) -> None:
    talk.user("show shopping", "show_list").slot("list_name", "shopping").bot("action_show_list")
    talk.user("add milk", "add_items", ("item", "milk")).form(ADD)
    assert (await talk.run(ValidateAddItemsForm()))["list_name"] == "shopping"


async def test_the_list_of_the_last_session_is_not(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    lists.add("packing", [Item("tent")])
    talk.user("show shopping", "show_list").slot("list_name", "shopping").bot("action_show_list")
    talk.events.append({"event": "session_started"})
    talk.slot("list_name", "shopping").bot("action_session_start")
    talk.user("add milk", "add_items", ("item", "milk")).form(ADD)
    assert (await talk.run(ValidateAddItemsForm(), list_name="shopping"))["list_name"] is None


async def test_the_only_list_is_taken(talk: Any, lists: ListRepository) -> None:
    lists.add("Groceries", [Item("milk")])
    talk.user("add milk", "add_items", ("item", "milk")).form(ADD)
    assert (await talk.run(ValidateAddItemsForm()))["list_name"] == "Groceries"


async def test_one_of_several_lists_is_asked_for(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    lists.add("packing", [Item("tent")])
    talk.user("add milk", "add_items", ("item", "milk")).form(ADD)
    slots = await talk.run(ValidateAddItemsForm())
    assert slots["list_name"] is None
    assert "requested_slot" not in slots


async def test_what_another_form_gathered_is_forgotten(talk: Any) -> None:
    talk.slot("list_items", MILK).slot("form_attempts", 2)
    talk.user("add something", "add_items").form(ADD)
    slots = await talk.run(ValidateAddItemsForm(), list_items=MILK)
    assert (slots["list_items"], slots["form_attempts"]) == (None, 0)


async def test_removing_finds_the_list_by_the_thing(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    lists.add("packing", [Item("tent")])
    talk.user("take the tent off", "remove_items", ("item", "tent")).form(REMOVE)
    assert (await talk.run(ValidateRemoveItemsForm()))["list_name"] == "packing"


@pytest.mark.parametrize(
    ("thing", "name"),
    [("milk", "shopping"), ("tent", "packing"), ("soap", "packing"), ("x", "packing")],
)
async def test_removing_from_the_list_in_talk_if_it_is_there(
    talk: Any, lists: ListRepository, thing: str, name: str
) -> None:
    lists.add("shopping", [Item("milk"), Item("soap")])
    lists.add("packing", [Item("tent"), Item("soap")])
    talk.user("show packing", "show_list").slot("list_name", "packing").bot("action_show_list")
    talk.user(f"take the {thing} off", "remove_items", ("item", thing)).form(REMOVE)
    slots = await talk.run(ValidateRemoveItemsForm(), list_name="packing")
    assert slots["list_name"] == name


async def test_removing_without_any_list_asks_nothing(talk: Any) -> None:
    talk.user("remove milk", "remove_items", ("item", "milk")).form(REMOVE)
    assert (await talk.run(ValidateRemoveItemsForm()))["requested_slot"] is None


async def test_a_database_that_is_away_is_left_to_the_action(
    talk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv(DATABASE_URL_VARIABLE, f"sqlite:///{tmp_path}/blocker/parley.db")
    talk.user("remove milk", "remove_items", ("item", "milk")).form(REMOVE)
    slots = await talk.run(ValidateRemoveItemsForm())
    assert slots["list_name"] is None
    assert talk.said == []


# ------------------------------------------------------------------ bare answers


@pytest.mark.parametrize(
    ("text", "intent", "entities", "name"),
    [
        ("the shopping one", "inform_list", [("list_name", "shopping")], "shopping"),
        ("on the holiday list please", "inform_list", [], "holiday"),
        ("hardware", "nlu_fallback", [], "hardware"),
        ("hardware store", "out_of_scope", [], "hardware store"),
        ("shopping list", "show_list", [("list_name", "shopping")], "shopping"),
        ("ok, shopping", "affirm", [("list_name", "shopping")], "shopping"),
        ("add it to shopping", "add_items", [("list_name", "shopping")], "shopping"),
        ("no, the shopping list", "deny", [("list_name", "shopping")], "shopping"),
    ],
)
async def test_answers_to_which_list(
    talk: Any, text: str, intent: str, entities: list[tuple[str, str]], name: str
) -> None:
    asks_for_list(talk).user(text, intent, *entities)
    assert await talk.run(ValidateAddItemsForm()) == {"list_name": name, "form_attempts": 0}


@pytest.mark.parametrize(
    ("text", "intent", "entities", "names"),
    [
        ("milk and eggs", "inform_list", [("item", "milk"), ("item", "eggs")], ["milk", "eggs"]),
        ("milk and eggs", "remove_items", [("item", "milk"), ("item", "eggs")], ["milk", "eggs"]),
        ("flux capacitor, gizmos and a widget", "nlu_fallback", [],
         ["flux capacitor", "gizmos", "widget"]),
        ("add milk", "add_items", [("item", "milk")], ["milk"]),
        ("gizmos", "out_of_scope", [], ["gizmos"]),
    ],
)  # fmt: skip
async def test_answers_to_what(
    talk: Any, text: str, intent: str, entities: list[tuple[str, str]], names: list[str]
) -> None:
    asks_for_items(talk).user(text, intent, *entities)
    slots = await talk.run(ValidateAddItemsForm())
    assert [item["name"] for item in slots["list_items"]] == names


async def test_an_answer_may_fill_both(talk: Any, lists: ListRepository) -> None:
    talk.user("add something", "add_items").waiting(ADD, "list_items")
    talk.user("milk, on shopping", "inform_list", ("item", "milk"), ("list_name", "shopping"))
    slots = await talk.run(ValidateAddItemsForm())
    assert (slots["list_items"], slots["list_name"]) == (MILK, "shopping")


@pytest.mark.parametrize(
    ("text", "items"),
    [("I meant oat milk", ["oat milk"]), ("not milk, oat milk", ["milk", "oat milk"])],
)
async def test_a_correction_takes_the_place_of_what_was_gathered(
    talk: Any, text: str, items: list[str]
) -> None:
    asks_for_list(talk).user(text, "correct", *(("item", item) for item in items))
    slots = await talk.run(ValidateAddItemsForm())
    assert [item["name"] for item in slots["list_items"]] == ["oat milk"]


async def test_the_second_one_is_the_second_list(talk: Any, lists: ListRepository) -> None:
    for name in ("shopping", "packing", "party"):
        lists.add(name, [Item("milk")])
    asks_for_list(talk).user("the second one", "choose")
    talk.events[-1]["parse_data"]["entities"] = [{"entity": "ordinal", "value": 2}]
    assert (await talk.run(ValidateAddItemsForm()))["list_name"] == "packing"


async def test_more_things_instead_of_the_list(talk: Any) -> None:
    asks_for_list(talk).user("and add eggs too", "add_items", ("item", "eggs"))
    slots = await talk.run(ValidateAddItemsForm())
    assert [item["name"] for item in slots["list_items"]] == ["milk", "eggs"]
    assert "list_name" not in slots


# ------------------------------------------------------------ what is no answer


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("hello", "greet", []),
        ("what can you do", "ask_capabilities", []),
        ("show the packing list", "show_list", [("list_name", "packing")]),
        ("book me a flight to Rome", "out_of_scope", []),
        ("never mind", "cancel", []),
        ("no", "deny", []),
        ("I feel bad", "mood_unhappy", []),
        ("remove the milk from packing", "remove_items", [("list_name", "packing")]),
    ],
)
async def test_the_form_gives_way(
    talk: Any, text: str, intent: str, entities: list[tuple[str, str]]
) -> None:
    asks_for_list(talk).user(text, intent, *entities)
    # Rasa takes an answer without any slot for a refusal and lets the rules decide.
    assert await talk.run(ValidateAddItemsForm()) == {}
    assert talk.said == []


async def test_the_third_unusable_answer_ends_the_form(talk: Any) -> None:
    asks_for_list(talk)
    for attempt in (1, 2, 3):
        talk.user("yes", "affirm")
        slots = await talk.run(ValidateAddItemsForm())
        assert slots["form_attempts"] == attempt
        assert slots["list_name"] is None
        assert ("requested_slot" in slots) is (attempt == 3)
        talk.slot("form_attempts", attempt).bot(ADD)


async def test_a_usable_answer_begins_the_count_anew(talk: Any) -> None:
    asks_for_items(talk).slot("form_attempts", 2).user("milk", "inform_list", ("item", "milk"))
    assert (await talk.run(ValidateAddItemsForm()))["form_attempts"] == 0


async def test_a_payload_is_no_name(talk: Any) -> None:
    asks_for_list(talk).user("/inform_list", "inform_list")
    assert (await talk.run(ValidateAddItemsForm()))["list_name"] is None


# ------------------------------------------------------------------------ limits


async def test_too_many_things(talk: Any) -> None:
    asks_for_items(talk).user(", ".join(f"thing{n}" for n in range(51)), "inform_list")
    slots = await talk.run(ValidateAddItemsForm())
    assert (slots["list_items"], slots["form_attempts"]) == (None, 1)
    assert talk.said == ["utter_too_many_items"]
    assert talk.filled["most"] == "50"


async def test_a_thing_with_too_long_a_name(talk: Any) -> None:
    talk.user("add it", "add_items", ("item", "x" * 201), ("list_name", "shopping")).form(ADD)
    slots = await talk.run(ValidateAddItemsForm())
    assert slots["list_items"] is None
    assert talk.said == ["utter_item_too_long"]


async def test_a_list_with_too_long_a_name(talk: Any) -> None:
    asks_for_list(talk).user("x" * 61, "inform_list")
    slots = await talk.run(ValidateAddItemsForm())
    assert slots["list_name"] is None
    assert talk.said == ["utter_list_name_too_long"]


async def test_what_is_just_short_enough_is_kept(talk: Any) -> None:
    items = [Item("x" * 200, "1") for _ in range(50)]
    asks_for_list(talk).user("y" * 60, "inform_list")
    slots = await talk.run(ValidateAddItemsForm(), list_items=to_slot(items))
    assert len(slots["list_items"]) == 50
    assert slots["list_name"] == "y" * 60


# ---------------------------------------------------------------------- clearing


async def test_yes_confirms(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    asks_to_confirm(talk).user("yes", "affirm")
    slots = await talk.run(ValidateClearListForm(), confirm_clear=True)
    assert slots == {"confirm_clear": True, "form_attempts": 0}


async def test_no_is_an_answer_too(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    asks_to_confirm(talk).user("no", "deny")
    assert (await talk.run(ValidateClearListForm(), confirm_clear=False))["confirm_clear"] is False


@pytest.mark.parametrize(
    ("text", "intent"),
    [("maybe", "nlu_fallback"), ("clear it", "clear_list"), ("x", "inform_list")],
)
async def test_anything_else_does_not_confirm(
    talk: Any, lists: ListRepository, text: str, intent: str
) -> None:
    lists.add("shopping", [Item("milk")])
    asks_to_confirm(talk).user(text, intent)
    slots = await talk.run(ValidateClearListForm())
    assert (slots["confirm_clear"], slots["form_attempts"]) == (None, 1)


async def test_a_yes_from_earlier_does_not_confirm(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    talk.slot("confirm_clear", True).slot("requested_slot", "confirm_clear")
    talk.user("clear shopping", "clear_list", ("list_name", "shopping")).form(CLEAR)
    slots = await talk.run(ValidateClearListForm(), list_name="shopping", confirm_clear=True)
    assert slots["confirm_clear"] is None


@pytest.mark.parametrize("intent", ["affirm", "deny", "clear_list"])
async def test_a_yes_to_another_list_asks_about_that_one(
    talk: Any, lists: ListRepository, intent: str
) -> None:
    lists.add("shopping", [Item("milk")])
    lists.add("packing", [Item("tent")])
    asks_to_confirm(talk).user("yes, clear packing", intent, ("list_name", "packing"))
    slots = await talk.run(ValidateClearListForm(), confirm_clear=True)
    assert (slots["list_name"], slots["confirm_clear"]) == ("packing", None)
    assert "requested_slot" not in slots


async def test_a_yes_that_names_the_same_list_confirms(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    asks_to_confirm(talk).user("yes, clear Shopping", "affirm", ("list_name", "Shopping"))
    assert (await talk.run(ValidateClearListForm(), confirm_clear=True))["confirm_clear"] is True


@pytest.mark.parametrize("name", ["shopping", "packing"])
async def test_an_empty_or_unknown_list_is_not_asked_about(
    talk: Any, lists: ListRepository, name: str
) -> None:
    lists.add("shopping", [Item("milk")])
    lists.clear("shopping")
    talk.user(f"clear {name}", "clear_list", ("list_name", name)).form(CLEAR)
    slots = await talk.run(ValidateClearListForm(), list_name=name)
    assert slots["requested_slot"] is None


async def test_without_any_list_nothing_is_asked(talk: Any) -> None:
    talk.user("clear it", "clear_list").form(CLEAR)
    assert (await talk.run(ValidateClearListForm()))["requested_slot"] is None


async def test_a_greeting_is_no_answer_to_the_question(
    new_talk: Callable[[], Any], lists: ListRepository
) -> None:
    lists.add("shopping", [Item("milk")])
    talk = asks_to_confirm(new_talk()).user("hello", "greet")
    assert await talk.run(ValidateClearListForm()) == {}
