"""Which of the things enumerated is meant, and that it is done."""

from typing import Any

import pytest

from actions.choices import Choice, offer
from actions.choosing import ActionChoose, chosen

TITLES = ["pasta timer", "egg timer", "tea timer"]


def said(text: str, **values: float) -> dict[str, Any]:
    return {"text": text, "entities": [{"entity": k, "value": v} for k, v in values.items()]}


@pytest.mark.parametrize(
    ("message", "index"),
    [
        (said("the second one", ordinal=2), 1),
        (said("number three", number=3), 2),
        (said("the last one", ordinal=-1), 2),
        (said("the latter"), 2),
        (said("the one at the top"), 0),
        (said("the egg one"), None),
        (said("the egg timer please"), 1),
        (said("number 4", number=4), None),
        (said("the tenth", ordinal=10), None),
        (said("the pizza timer"), None),
        (said("/choose"), None),
    ],
)
def test_which_is_meant(message: dict[str, Any], index: int | None) -> None:
    assert chosen(message, TITLES) == index


async def test_the_choice_is_said_for_the_user(talk: Any) -> None:
    entity = {"entity": "reminder_name", "value": "egg"}
    choices = [Choice("pasta timer", "cancel_reminder"), Choice("egg timer", "ask", [entity])]
    talk.slot("choices", offer(choices)["value"])
    talk.user("the second one", "choose", ("ordinal", "second"))
    talk.events[-1]["parse_data"]["entities"] = [{"entity": "ordinal", "value": 2}]
    assert await talk.run(ActionChoose()) == {"choices": None}
    uttered = next(e for e in talk.returned if e["event"] == "user")
    assert uttered["parse_data"]["intent"]["name"] == "ask"
    assert uttered["parse_data"]["entities"] == [entity]


async def test_what_is_not_there_is_asked_for(talk: Any) -> None:
    talk.slot("choices", offer([Choice("a", "x"), Choice("b", "y")])["value"])
    talk.user("number four", "choose")
    talk.events[-1]["parse_data"]["entities"] = [{"entity": "number", "value": 4}]
    await talk.run(ActionChoose())
    assert talk.said == ["utter_choose_one_of"]
    assert talk.filled["choices"] == "a and b"


async def test_nothing_to_choose(talk: Any) -> None:
    await talk.user("the second one", "choose").run(ActionChoose())
    assert talk.said == ["utter_nothing_to_choose"]


def test_nothing_enumerated_is_nothing_to_choose() -> None:
    assert offer([])["value"] is None
