"""Items and lists in words."""

import pytest

from actions.items import Item
from actions.speaking import count_things, join, speak_item, speak_items, speak_name


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Item("milk"), "milk"),
        (Item("bread", "2", "loaves"), "2 loaves of bread"),
        (Item("bread", "2", "loaf"), "2 loaves of bread"),
        (Item("bread", "1", "loaves"), "1 loaf of bread"),
        (Item("egg", "12"), "12 eggs"),
        (Item("eggs", "12"), "12 eggs"),
        (Item("eggs", "1"), "1 egg"),
        (Item("hummus", "1"), "1 hummus"),
        (Item("couscous", "2"), "2 couscous"),
        (Item("swiss cheese", "1"), "1 swiss cheese"),
        (Item("flour", "500", "g"), "500 g of flour"),
        (Item("sugar", "0.5", "kilo"), "half a kilo of sugar"),
        (Item("lemon", "0.5"), "half a lemon"),
        (Item("rice", "1.5", "kilos"), "1.5 kilos of rice"),
        (Item("apples", "some"), "some apples"),
        (Item("rice", "some", "bags"), "some bags of rice"),
        (Item("rice", unit="bags"), "bags of rice"),
        (Item("7up", "2"), "2 7ups"),
        (Item("<b>'; DROP TABLE lists;--", "2"), "2 <b>'; DROP TABLE lists;--"),
    ],
)
def test_item(item: Item, words: str) -> None:
    assert speak_item(item) == words


def test_several_items() -> None:
    items = [Item("milk"), Item("bread", "2", "loaf"), Item("salt")]
    assert speak_items([]) == ""
    assert speak_items(items[:1]) == "milk"
    assert speak_items(items[:2]) == "milk and 2 loaves of bread"
    assert speak_items(items) == "milk, 2 loaves of bread and salt"


def test_join_leaves_the_parts_alone() -> None:
    assert join(["a, b", "c and d"]).count("a, b") == 1
    assert join([]) == ""


def test_counting() -> None:
    assert [count_things(number) for number in (1, 2)] == ["1 thing", "2 things"]


async def test_rasa_fills_a_response_with_any_name() -> None:
    from rasa.core.nlg.interpolator import interpolate_text

    for name in ("0[x]", "{list_name}", "{0[a]}", "50% {", "\\1"):
        filled = interpolate_text("On it: {items}.", {"items": speak_item(Item(name))})
        assert filled == f"On it: {speak_name(name)}."
