"""Taking back what was done last: on the lists, as they really are kept."""

from typing import Any

from actions.items import Item, to_slot
from actions.lists import ActionAddItems, ActionClearList, ActionRemoveItems
from actions.storage.lists import ListRepository
from actions.undo import ActionUndo


async def done(talk: Any, action: Any, *items: Item, **slots: Any) -> None:
    """Does it, and keeps what it noted."""
    talk.slot("list_items", to_slot(items)).slot("list_name", "shopping")
    for name, value in slots.items():
        talk.slot(name, value)
    for name, value in (await talk.run(action)).items():
        talk.slot(name, value)


async def test_an_addition_is_taken_back(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    await done(talk, ActionAddItems(), Item("eggs", "2"), Item("butter"))
    slots = await talk.run(ActionUndo())
    assert lists.items("shopping") == [Item("milk")]
    assert talk.said == ["utter_items_taken_back"]
    assert talk.filled["items"] == "2 eggs and butter"
    assert slots["last_effect"] is None, "what is undone cannot be undone again"


async def test_a_removal_is_taken_back(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("eggs", "6")])
    await done(talk, ActionRemoveItems(), Item("milk"), Item("eggs", "2"))
    await talk.run(ActionUndo())
    assert sorted(lists.items("shopping"), key=str) == [Item("eggs", "6"), Item("milk")]
    assert talk.said == ["utter_items_put_back"]


async def test_a_clearing_is_taken_back(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk"), Item("eggs", "6")])
    await done(talk, ActionClearList(), confirm_clear=True)
    assert lists.items("shopping") == []
    await talk.run(ActionUndo())
    assert lists.items("shopping") == [Item("milk"), Item("eggs", "6")]


async def test_nothing_to_undo(talk: Any) -> None:
    assert await talk.run(ActionUndo()) == {}
    assert talk.said == ["utter_nothing_to_undo"]


async def test_a_removal_that_removed_nothing_is_nothing_to_undo(
    talk: Any, lists: ListRepository
) -> None:
    lists.add("shopping", [Item("milk")])
    await done(talk, ActionRemoveItems(), Item("gold"))
    await talk.run(ActionUndo())
    assert talk.said == ["utter_nothing_to_undo"]


async def test_a_list_that_is_gone_since(talk: Any, lists: ListRepository) -> None:
    await done(talk, ActionAddItems(), Item("milk"))
    talk.slot("last_effect", {"skill": "lists", "undo": {"list": "gone", "changes": []}})
    await talk.run(ActionUndo())
    assert talk.said == ["utter_nothing_to_undo"]
