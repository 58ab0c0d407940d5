"""An effect is had once, however often its message is handled, on either database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from actions.effects import note_effect
from actions.items import Item
from actions.once import AGAIN, Once, call_of
from actions.storage.answers import Answer
from actions.storage.database import ask_database
from actions.storage.lists import ListRepository
from tests.actions.conftest import on_both_databases

pytestmark = on_both_databases


def user(message: str | None = "line-1", again: bool = False) -> dict[str, Any]:
    return {"event": "user", "message_id": message, "metadata": {AGAIN: True} if again else {}}


def call(*events: dict[str, Any], action: str = "action_add") -> dict[str, Any]:
    tracker = {"sender_id": "ada", "events": list(events)}
    return {"next_action": action, "tracker": tracker}


async def add(_call: Any) -> Answer:
    added = await ask_database(
        lambda database: ListRepository(database, "ada").add("shopping", [Item("milk", "1")])
    )
    said = [{"text": str(added.items[0].quantity)}]
    return {"events": [note_effect("lists", {"list": "shopping"})], "responses": said}


def texts(answer: Answer | None) -> list[str]:
    assert answer is not None
    return [response["text"] for response in answer["responses"]]


async def test_what_is_handled_again_has_its_answer_and_no_effect() -> None:
    assert texts(await Once(add).run(call(user()))) == ["1"]
    # Another process: nothing is in its memory.
    assert texts(await Once(add).run(call(user(again=True)))) == ["1"]
    assert texts(await Once(add).run(call(user("line-2")))) == ["2"]
    assert texts(await Once(add).run(call(user("line-2", again=True)))) == ["2"]


async def test_what_was_not_done_before_is_done() -> None:
    assert texts(await Once(add).run(call(user(again=True)))) == ["1"]


async def test_two_calls_of_a_turn_are_two_effects_each_had_once() -> None:
    once = Once(add)
    done = {"event": "action", "name": "action_add"}
    for again in (False, True):
        assert texts(await once.run(call(user(again=again)))) == ["1"]
        # What is said on the person's behalf has no id: it belongs to their message.
        assert texts(await once.run(call(user(again=again), done, user(None)))) == ["2"]


async def test_an_action_goes_on_though_nobody_waits_for_it_any_more() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(action_call: Any) -> Answer:
        answer = await add(action_call)
        begun.set()
        await go.wait()
        return answer

    once = Once(slow)
    asking = asyncio.create_task(once.run(call(user())))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    again = asyncio.create_task(once.run(call(user(again=True))))
    await asyncio.sleep(0)
    go.set()
    assert texts(await again) == ["1"]
    assert texts(await Once(add).run(call(user(again=True)))) == ["1"]


async def test_what_has_no_effect_is_asked_again() -> None:
    asked = []

    async def tell(_call: Any) -> Answer:
        asked.append(1)
        return {"events": [{"event": "slot", "name": "city", "value": "Oslo"}], "responses": []}

    once = Once(tell)
    await once.run(call(user()))
    await once.run(call(user(again=True)))
    assert len(asked) == 2


def test_a_turn_that_no_person_began_is_no_message() -> None:
    assert call_of(call(user(None))) is None
    assert call_of(call()) is None
