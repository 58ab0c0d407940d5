"""Items: when two are the same, how they add up, how they travel in a slot."""

import json

import pytest

from actions.items import (
    Item,
    add_up,
    from_slot,
    item_too_long,
    make_item,
    singular_key,
    take_off,
    to_slot,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("egg", "Eggs"),
        ("loaf", "loaves"),
        ("olive oil", "  Olive   OIL "),
        ("birthday candle", "birthday candles"),
        ("tomato", "tomatoes"),
        ("glass", "glasses"),
        ("hummus", "Hummus"),
        ("crème brûlée", "Crème Brûlée"),
    ],
)
def test_the_same_thing(one: str, other: str) -> None:
    assert singular_key(one) == singular_key(other)


@pytest.mark.parametrize(("one", "other"), [("milk", "oat milk"), ("pea", "pear"), ("7up", "8up")])
def test_not_the_same_thing(one: str, other: str) -> None:
    assert singular_key(one) != singular_key(other)


@pytest.mark.parametrize("text", ["", " ", "'); DROP TABLE lists;--", "<b>", "日本", "½", "🥚"])
def test_any_text_has_a_key(text: str) -> None:
    assert singular_key(text) == singular_key(text.upper())


def test_understood_amounts_become_figures_and_others_stay() -> None:
    assert make_item(" olive  oil ", "a couple of", " bottles") == Item("olive oil", "2", "bottles")
    assert make_item("apples", "lots of") == Item("apples", "lots of")
    assert make_item("milk", "", "") == Item("milk")


@pytest.mark.parametrize(
    ("before", "after", "quantity"),
    [
        ("2", "3", "5"),
        ("0.5", "0.5", "1"),
        ("0.1", "0.2", "0.3"),
        (None, None, None),
        (None, "2", "2"),
        ("2", None, "2"),
        ("some", "2", "2"),
        ("2", "some", "some"),
        ("some", None, "some"),
    ],
)
def test_adding_up(before: str | None, after: str | None, quantity: str | None) -> None:
    assert add_up(Item("egg", before), Item("eggs", after)) == Item("egg", quantity)


@pytest.mark.parametrize(
    ("before", "wanted", "left"),
    [("6", "2", "4"), ("2", "2", None), ("2", "3", None), (None, "1", None), ("6", None, None)],
)
def test_taking_off(before: str | None, wanted: str | None, left: str | None) -> None:
    rest = take_off(Item("eggs", before), Item("egg", wanted))
    assert (rest.quantity if rest else None) == left


def test_the_slot_is_plain_data() -> None:
    items = [Item("bread", "2", "loaves"), Item("milk")]
    assert to_slot(items)[0] == {"name": "bread", "quantity": "2", "unit": "loaves"}
    assert from_slot(json.loads(json.dumps(to_slot(items)))) == items


@pytest.mark.parametrize("value", [None, "milk", {}, [None, "milk", {}, {"name": 3}, {"name": ""}]])
def test_a_slot_with_nonsense_holds_no_items(value: object) -> None:
    assert from_slot(value) == []


def test_too_long_in_any_part() -> None:
    assert not item_too_long(Item("x" * 200, "x" * 200, "x" * 200))
    assert item_too_long(Item("x" * 201))
    assert item_too_long(Item("milk", unit="x" * 201))
