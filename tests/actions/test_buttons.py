"""Buttons below what actions ask: each says what a person would say; by voice there are none."""

from __future__ import annotations

from typing import Any

import pytest

from actions.calendar_questions import ActionAskEventWhen
from actions.home_forms import ActionAskHomeTargets
from actions.items import Item
from actions.list_questions import ActionAskListName
from actions.lists import ActionShowAllLists, ActionShowList
from actions.settings.home import HOME_VARIABLE
from actions.storage.lists import ListRepository
from tests.actions.conftest import ROOT


def heard_by(talk: Any, text: str, intent: str, channel: str) -> Any:
    talk.user(text, intent)
    talk.events[-1]["input_channel"] = channel
    return talk


def buttons_of(talk: Any) -> list[tuple[str, str]]:
    return [(b["title"], b["payload"]) for b in talk.filled.get("buttons") or ()]


async def test_which_list(talk: Any, lists: ListRepository) -> None:
    for name in ("shopping", "to do"):
        lists.add(name, [Item("milk")])
    await heard_by(talk, "add eggs", "add_items", "web").run(ActionAskListName())
    assert buttons_of(talk) == [
        ("Shopping", "the shopping list"),
        ("To do", "the to do list"),
    ]


async def test_which_list_to_show(talk: Any, lists: ListRepository) -> None:
    for name in ("shopping", "packing"):
        lists.add(name, [Item("milk")])
    await heard_by(talk, "show me a list", "show_list", "telegram").run(ActionShowList())
    assert buttons_of(talk)[1] == ("Packing", "show me the packing list")


async def test_a_long_choice_by_voice_is_short_and_has_no_buttons(
    talk: Any, lists: ListRepository
) -> None:
    for number in range(10):
        lists.add(f"list{number}x", [Item("milk")])
    await heard_by(talk, "add eggs", "add_items", "voice").run(ActionAskListName())
    assert buttons_of(talk) == []
    assert talk.filled["lists"].endswith("and 4 more")


async def test_brackets_are_not_spoken(talk: Any, lists: ListRepository) -> None:
    lists.add("shopping", [Item("milk")])
    await heard_by(talk, "my lists", "show_all_lists", "web").run(ActionShowAllLists())
    assert talk.filled["lists"] == "shopping (1 thing)"
    await heard_by(talk, "my lists", "show_all_lists", "voice").run(ActionShowAllLists())
    assert talk.filled["lists"] == "shopping, 1 thing"


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        (["floor lamp", "desk lamp"], [("Floor lamp", "the floor lamp")]),
        ([], [("Kitchen", "the kitchen")]),
    ],
)
async def test_which_device_or_room(
    talk: Any,
    monkeypatch: pytest.MonkeyPatch,
    several: list[str],
    expected: list[tuple[str, str]],
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(ROOT / "home.example.yml"))
    talk.slot("home_command", {"intent": "turn_on", "several": several})
    await heard_by(talk, "turn it on", "turn_on", "web").run(ActionAskHomeTargets())
    found = buttons_of(talk)
    assert set(expected) <= set(found)
    assert len(found) <= 8


async def test_all_day_is_an_answer(talk: Any) -> None:
    known = {"start": "2026-11-24T00:00:00+00:00", "end": "2026-11-25T00:00:00+00:00"}
    talk.slot("event_known_time", {**known, "open": True})
    await heard_by(talk, "dentist on Tuesday", "add_event", "slack").run(ActionAskEventWhen())
    assert talk.said == ["utter_ask_event_time"]
    assert buttons_of(talk) == [("All day", "all day")]
