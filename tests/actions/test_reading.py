"""Reading items and list names out of messages."""

import pytest

from actions.items import Item
from actions.reading import (
    is_bare_answer,
    items_from_entities,
    items_from_text,
    list_name_from,
    list_name_from_text,
    text_of,
)


def message(
    text: str, *entities: tuple[str, str], intent: str = "inform_list"
) -> dict[str, object]:
    found, position = [], 0
    for kind, value in entities:
        start = text.index(value, position)
        position = start + len(value)
        found.append({"entity": kind, "value": value, "start": start, "end": position})
    return {"text": text, "intent": {"name": intent}, "entities": found}


def test_amounts_belong_to_the_item_that_follows() -> None:
    said = message(
        "milk, two loaves of bread and 3 eggs",
        ("item", "milk"), ("quantity", "two"), ("unit", "loaves"), ("item", "bread"),
        ("quantity", "3"), ("item", "eggs"),
    )  # fmt: skip
    assert items_from_entities(said) == [
        Item("milk"), Item("bread", "2", "loaves"), Item("eggs", "3")
    ]  # fmt: skip


def test_a_lamp_on_a_list_is_a_thing_to_buy() -> None:
    text, entity = "add two floor lamps", ("device", "floor lamps")
    assert items_from_entities(message(text, entity, intent="add_items")) == [Item("floor lamps")]
    assert items_from_entities(message(text, entity, intent="turn_on")) == []


def test_entities_are_taken_in_the_order_of_the_text() -> None:
    said = message("two eggs", ("quantity", "two"), ("item", "eggs"))
    said["entities"] = list(reversed(said["entities"]))  # type: ignore[call-overload]
    assert items_from_entities(said) == [Item("eggs", "2")]


def test_an_amount_at_the_end_belongs_to_the_item_before() -> None:
    said = message("milk, 2 litres", ("item", "milk"), ("quantity", "2"), ("unit", "litres"))
    assert items_from_entities(said) == [Item("milk", "2", "litres")]


def test_amounts_within_the_item_are_found() -> None:
    said = message("a dozen eggs and milk", ("item", "a dozen eggs"), ("item", "milk"))
    assert items_from_entities(said) == [Item("eggs", "12"), Item("milk")]


def test_entities_of_payloads_have_no_place() -> None:
    said = {"text": '/add_items{"item": "milk"}', "entities": [{"entity": "item", "value": "milk"}]}
    assert items_from_entities(said) == [Item("milk")]
    assert text_of(said) == ""


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("milk and eggs", [Item("milk"), Item("eggs")]),
        ("milk, eggs, and some butter please", [Item("milk"), Item("eggs"), Item("butter")]),
        ("two loaves of bread", [Item("bread", "2", "loaves")]),
        ("half a kilo of sugar", [Item("sugar", "0.5", "kilo")]),
        ("500 g flour & salt", [Item("flour", "500", "g"), Item("salt")]),
        ("7up", [Item("7up")]),
        ("a couple of lemons", [Item("lemons", "2")]),
        ("sandpaper", [Item("sandpaper")]),
        ("please", []),
        ("", []),
        (" , and ", []),
        ("what can I add?", []),
    ],
)
def test_items_from_bare_words(text: str, items: list[Item]) -> None:
    assert items_from_text(text) == items


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("shopping", "shopping"),
        ("the shopping one", "shopping"),
        ("on the packing list please", "packing"),
        ("My Camping Trip list.", "Camping Trip"),
        ("put it on the one for the holiday", "holiday"),
        ("to-do", "to-do"),
        ("the list", None),
        ("", None),
        ("I do not really know which one", None),
        ("which ones are there?", None),
        ("hm what", None),
        ("I don't know", None),
        ("I’m not sure", None),
        ("whatever", None),
    ],
)
def test_list_name_from_bare_words(text: str, name: str | None) -> None:
    assert list_name_from_text(text) == name


def test_the_last_list_named_counts() -> None:
    said = message("not packing, shopping", ("list_name", "packing"), ("list_name", "shopping"))
    assert list_name_from(said) == "shopping"
    assert list_name_from(message("hello")) is None
    assert list_name_from(message("the list", ("list_name", "list"))) is None


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        (message("milk and eggs", ("item", "milk"), ("item", "eggs")), True),
        (message("the shopping list, please", ("list_name", "shopping")), True),
        (message("no, the packing one", ("list_name", "packing")), True),
        (message("show the packing list", ("list_name", "packing")), False),
        (message("hello"), False),
        (message(""), False),
    ],
)
def test_bare_answers(said: dict[str, object], bare: bool) -> None:
    assert is_bare_answer(said) is bare
