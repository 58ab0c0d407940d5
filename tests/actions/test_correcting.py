"""Corrections: what goes into the request in whose place, and that it is done anew."""

from typing import Any

import pytest

from actions.correcting import ActionCorrect, corrected
from actions.items import Item, to_slot
from actions.lists import ActionAddItems
from actions.storage.lists import ListRepository


def entity(kind: str, value: Any, **info: Any) -> dict[str, Any]:
    return {"entity": kind, "value": value, **({"additional_info": info} if info else {})}


def at(value: str, **info: Any) -> dict[str, Any]:
    return entity("time", value, **{"grain": "hour", **info})


SIX = at("2026-11-21T18:00:00+01:00", time_given=True, date_given=False)
FRIDAY_AT_SIX = at("2026-11-27T18:00:00+01:00", time_given=True, date_given=True)
MILK, EGGS, PACKING = entity("item", "milk"), entity("item", "eggs"), entity("list_name", "packing")
SHOPPING = entity("list_name", "shopping")


@pytest.mark.parametrize(
    ("request_", "correction", "text", "expected"),
    [
        ([MILK, SHOPPING], [PACKING], "no, the packing list", [MILK, PACKING]),
        ([MILK], [PACKING], "no, on the packing list", [MILK, PACKING]),
        ([MILK, EGGS], [entity("item", "ham")], "no, ham", [MILK, entity("item", "ham")]),
        (
            [MILK, EGGS],
            [MILK, entity("item", "oat milk")],
            "not milk, oat milk",
            [entity("item", "oat milk"), EGGS],
        ),
        (
            [entity("quantity", "3"), EGGS],
            [entity("quantity", "two"), entity("number", 2)],
            "no, two",
            [entity("quantity", "two"), EGGS],
        ),
        ([entity("percentage", 50)], [entity("number", 20)], "20", [entity("percentage", 20)]),
        (
            [entity("duration", 300.0, unit="minute", amount=5)],
            [entity("number", 10)],
            "no, ten",
            [entity("duration", 600.0, unit="minute", amount=10)],
        ),
        ([MILK], [], "no, not that", None),
        ([MILK], [MILK, MILK], "milk, I said milk", None),
    ],
)
def test_what_goes_in(
    request_: list[Any], correction: list[Any], text: str, expected: list[Any] | None
) -> None:
    said = []
    for position, found in enumerate(correction):
        # A number that is a quantity as well lies where the quantity lies.
        start = 0 if found["entity"] in ("quantity", "number") else position
        said.append({**found, "start": start, "end": start + 3})
    assert corrected(request_, said, text) == expected


@pytest.mark.parametrize(
    ("request_", "correction", "text", "start"),
    [
        (SIX, entity("number", 7), "no, seven", "2026-11-21T19:00:00+01:00"),
        (SIX, entity("number", 7), "no, seven in the morning", "2026-11-21T07:00:00+01:00"),
        (SIX, entity("number", 20), "no, twenty", "2026-11-21T20:00:00+01:00"),
        (
            FRIDAY_AT_SIX,
            at("2026-11-21T19:30:00+01:00", time_given=True),
            "no, half past seven",
            "2026-11-27T19:30:00+01:00",
        ),
        (
            FRIDAY_AT_SIX,
            at("2026-11-28T00:00:00+01:00", date_given=True, grain="day"),
            "no, Saturday",
            "2026-11-28T18:00:00+01:00",
        ),
        (
            FRIDAY_AT_SIX,
            at("2026-11-28T09:00:00+01:00", date_given=True, time_given=True),
            "no, Saturday at nine",
            "2026-11-28T09:00:00+01:00",
        ),
    ],
)
def test_a_time_keeps_what_is_not_corrected(
    request_: Any, correction: Any, text: str, start: str
) -> None:
    result = corrected([request_], [correction], text)
    assert result is not None
    assert [e["value"] for e in result] == [start]


async def test_the_last_thing_is_taken_back_and_done_anew(talk: Any, lists: ListRepository) -> None:
    talk.user("put milk on the shopping list", "add_items", ("item", "milk"))
    talk.slot("list_items", to_slot([Item("milk")])).slot("list_name", "shopping")
    for name, value in (await talk.run(ActionAddItems())).items():
        talk.slot(name, value)
    talk.user("no, the packing list", "correct", ("list_name", "packing"))
    slots = await talk.run(ActionCorrect())
    assert lists.summaries() == [], "the shopping list was made for the milk alone"
    assert slots["last_effect"] is None
    again = next(e["parse_data"] for e in talk.returned if e["event"] == "user")
    assert again["intent"]["name"] == "add_items"
    assert again["entities"] == [MILK, PACKING]
    assert talk.said == []


async def test_a_question_is_asked_anew(talk: Any, lists: ListRepository) -> None:
    talk.user("what's on the shopping list", "show_list", ("list_name", "shopping"))
    talk.bot("action_show_list")
    talk.user("I meant packing", "correct", ("list_name", "packing"))
    await talk.run(ActionCorrect())
    again = next(e["parse_data"] for e in talk.returned if e["event"] == "user")
    assert (again["intent"]["name"], again["entities"]) == ("show_list", [PACKING])


async def test_what_was_done_before_the_question_stays(talk: Any, lists: ListRepository) -> None:
    talk.user("put milk on the shopping list", "add_items", ("item", "milk"))
    talk.slot("list_items", to_slot([Item("milk")])).slot("list_name", "shopping")
    for name, value in (await talk.run(ActionAddItems())).items():
        talk.slot(name, value)
    talk.user("what's on the holiday list", "show_list", ("list_name", "holiday"))
    talk.user("no, packing", "correct", ("list_name", "packing"))
    await talk.run(ActionCorrect())
    assert lists.items("shopping") == [Item("milk")]


async def test_nothing_to_correct(talk: Any) -> None:
    await talk.user("no, seven", "correct").run(ActionCorrect())
    assert talk.said == ["utter_ask_correction"]


@pytest.mark.parametrize(
    ("before", "read_as", "text", "hour"),
    [
        (10, 23, "no, at eleven", 11),
        (19, 8, "no, at eight", 20),
        (19, 8, "no, at eight in the morning", 8),
        (10, 23, "no, at 23:00", 23),
        (9, 14, "no, at two", 14),
        (9, 3, "no, at three", 3),
    ],
)
def test_a_corrected_hour_is_the_nearer_one(
    before: int, read_as: int, text: str, hour: int
) -> None:
    info = {"grain": "hour", "date_given": True, "time_given": True}
    old = {
        "entity": "time",
        "value": f"2026-11-23T{before:02}:00:00+01:00",
        "additional_info": info,
    }
    new = {
        "entity": "time",
        "value": f"2026-11-20T{read_as:02}:00:00+01:00",
        "additional_info": {**info, "date_given": False},
    }
    result = corrected([old], [new], text)
    assert result is not None
    assert result[0]["value"] == f"2026-11-23T{hour:02}:00:00+01:00"
