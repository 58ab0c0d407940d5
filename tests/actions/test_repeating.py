"""Saying the last thing again, and starting over."""

from typing import Any

from actions.repeating import ActionRepeat, ActionStartOver


def spoken(talk: Any, text: str, **data: Any) -> None:
    talk.events.append({"event": "bot", "text": text, "data": data})


async def test_what_was_said_is_said_again_with_its_buttons(talk: Any) -> None:
    talk.user("hello", "greet")
    spoken(talk, "Hello!")
    talk.user("clear it", "clear_list")
    buttons = [{"title": "Yes", "payload": "/affirm"}]
    spoken(talk, "Two things.")
    spoken(talk, "Really?", buttons=buttons)
    talk.user("what?", "repeat")
    await talk.run(ActionRepeat())
    assert [m["text"] for m in talk.dispatcher.messages] == ["Two things.", "Really?"]
    assert talk.dispatcher.messages[1]["buttons"] == buttons


async def test_a_form_asks_its_question_by_itself(talk: Any) -> None:
    talk.user("add milk", "add_items").form("add_items_form")
    spoken(talk, "There are no lists yet.")
    spoken(talk, "Which list?")
    talk.user("pardon", "repeat")
    await talk.run(ActionRepeat())
    assert [m["text"] for m in talk.dispatcher.messages] == ["There are no lists yet."]


async def test_repeated_twice_it_is_the_same(talk: Any) -> None:
    talk.user("hello", "greet")
    spoken(talk, "Hello!")
    talk.user("pardon", "repeat")
    spoken(talk, "Hello!")
    talk.user("pardon", "repeat")
    await talk.run(ActionRepeat())
    assert [m["text"] for m in talk.dispatcher.messages] == ["Hello!"]


async def test_nothing_to_repeat(talk: Any) -> None:
    await talk.user("say again", "repeat").run(ActionRepeat())
    assert talk.said == ["utter_nothing_to_repeat"]


async def test_starting_over_leaves_the_form_and_what_is_in_talk(talk: Any) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    talk.slot("list_items", [{"name": "milk"}]).slot("choices", [{}])
    slots = await talk.user("start over", "start_over").run(ActionStartOver())
    assert slots["list_items"] is slots["list_name"] is slots["choices"] is None
    assert slots["requested_slot"] is None
    assert {"event": "active_loop", "timestamp": None, "name": None} in talk.returned
