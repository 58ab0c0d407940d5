"""What the form of the home skill takes from a message, and when it asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from actions.home import ActionControlHome
from actions.home_forms import ActionAskHomeTargets, ValidateHomeForm
from scripts.project import ROOT

KITCHEN = ["ceiling light", "counter light"]


@pytest.fixture(autouse=True)
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PARLEY_HOME", str(ROOT / "home.example.yml"))
    yield


async def asks_which(talk: Any) -> Any:
    """Somebody wants one of two lights, and is asked which."""
    talk.user("light on in the kitchen", "turn_on", ("device", "light"), ("room", "kitchen"))
    talk.form("home_form")
    for name, value in (await talk.run(ValidateHomeForm())).items():
        talk.slot(name, value)
    for name, value in (await talk.run(ActionAskHomeTargets())).items():
        talk.slot(name, value)
    assert talk.filled["devices"] == "ceiling light and counter light"
    return talk.waiting("home_form", "home_targets")


async def test_what_is_clear_is_not_asked(talk: Any) -> None:
    talk.user("floor lamp on", "turn_on", ("device", "floor lamp")).form("home_form")
    slots = await talk.run(ValidateHomeForm())
    assert slots["home_targets"] == ["floor lamp"]
    assert slots["home_command"]["intent"] == "turn_on"
    assert "requested_slot" not in slots


@pytest.mark.parametrize(
    ("text", "intent", "entities", "targets"),
    [
        ("the counter light", "inform_device", [("device", "counter light")], KITCHEN[1:]),
        ("counter", "nlu_fallback", [], KITCHEN[1:]),
        ("worktop light", "out_of_scope", [], KITCHEN[1:]),
        ("both", "nlu_fallback", [], KITCHEN),
        ("all of them", "affirm", [], KITCHEN),
        ("the desk lamp", "inform_device", [("device", "desk lamp")], ["desk lamp"]),
        ("turn on the desk lamp", "turn_on", [("device", "desk lamp")], ["desk lamp"]),
    ],
)
async def test_answers(
    talk: Any, text: str, intent: str, entities: list[tuple[str, str]], targets: list[str]
) -> None:
    (await asks_which(talk)).user(text, intent, *entities)
    slots = await talk.run(ValidateHomeForm())
    assert slots["home_targets"] == targets
    assert slots["home_command"]["intent"] == "turn_on"


async def test_the_second_one(talk: Any) -> None:
    (await asks_which(talk)).user("the second one", "choose")
    talk.events[-1]["parse_data"]["entities"].append(
        {"entity": "ordinal", "value": 2, "start": 4, "end": 10}
    )
    assert (await talk.run(ValidateHomeForm()))["home_targets"] == ["counter light"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [("hello", "greet"), ("never mind", "cancel"), ("what can you do", "ask_capabilities"),
     ("add milk to the list", "add_items"), ("is the fan on", "ask_device_state")],
)  # fmt: skip
async def test_the_form_gives_way(talk: Any, text: str, intent: str) -> None:
    (await asks_which(talk)).user(text, intent)
    assert await talk.run(ValidateHomeForm()) == {}


async def test_the_third_unusable_answer_ends_it(talk: Any) -> None:
    await asks_which(talk)
    for attempt in (1, 2, 3):
        talk.user("flurb", "nlu_fallback")
        slots = await talk.run(ValidateHomeForm())
        assert slots["form_attempts"] == attempt
        assert ("requested_slot" in slots) is (attempt == 3)
        for name, value in slots.items():
            talk.slot(name, value)
        talk.bot("home_form")
    talk.slot("requested_slot", None).form(None)
    await talk.run(ActionControlHome())
    assert talk.said == ["utter_given_up"]


@pytest.mark.parametrize(
    ("text", "intent", "entities", "said"),
    [
        ("lava lamp on", "turn_on", [("device", "lava lamp")], "utter_home_unknown"),
        ("lights on in the attic", "turn_on", [("device", "lights"), ("room", "attic")],
         "utter_home_unknown"),
        ("blinds in the kitchen", "turn_off", [("device", "blinds"), ("room", "kitchen")],
         "utter_home_nowhere"),
        ("the kitchen too", "inform_device", [("room", "kitchen")], "utter_home_nothing_in_talk"),
        ("make the floor lamp blurple", "set_device",
         [("device", "floor lamp"), ("colour", "blurple")], "utter_home_unknown_colour"),
        ("set the floor lamp", "set_device", [("device", "floor lamp")],
         "utter_home_ask_setting"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_said(
    talk: Any, text: str, intent: str, entities: list[tuple[str, str]], said: str
) -> None:
    talk.user(text, intent, *entities).form("home_form")
    for name, value in (await talk.run(ValidateHomeForm())).items():
        talk.slot(name, value)
    talk.form(None)
    await talk.run(ActionControlHome())
    assert talk.said == [said]


async def test_up_without_anything_in_talk_is_asked_about(talk: Any) -> None:
    talk.user("turn it up", "set_device").form("home_form")
    slots = await talk.run(ValidateHomeForm())
    assert slots["home_targets"] is None
    assert "requested_slot" not in slots


@pytest.mark.parametrize("text", ["turn the volume up", "make it louder"])
async def test_there_is_no_volume(talk: Any, text: str) -> None:
    talk.slot("home_talk", {"devices": ["fan"], "room": "study", "command": None})
    talk.user(text, "set_device").form("home_form")
    for name, value in (await talk.run(ValidateHomeForm())).items():
        talk.slot(name, value)
    await talk.form(None).run(ActionControlHome())
    assert talk.said == ["utter_no_volume"]


async def test_it_is_what_was_named_in_this_session_only(talk: Any) -> None:
    talk.slot("home_talk", {"devices": ["fan"], "room": "study", "command": None})
    talk.user("turn it off", "turn_off").form("home_form")
    assert (await talk.run(ValidateHomeForm()))["home_targets"] == ["fan"]
    talk.events.append({"event": "session_started"})
    talk.user("turn it off", "turn_off").form(None).form("home_form")
    assert (await talk.run(ValidateHomeForm()))["home_targets"] is None


async def test_how_it_is_to_be_is_no_room(talk: Any) -> None:
    talk.slot("home_talk", {"devices": ["floor lamp"], "room": "living room", "command": None})
    talk.user("make it cozy", "set_device", ("room", "cozy")).form("home_form")
    slots = await talk.run(ValidateHomeForm())
    assert slots["home_targets"] == ["floor lamp"]
    assert slots["home_command"]["entities"] == []


async def test_there_is_the_room_in_talk(talk: Any) -> None:
    talk.slot("home_talk", {"devices": ["TV plug"], "room": "living room", "command": None})
    talk.user("lights off there", "turn_off", ("device", "lights")).form("home_form")
    slots = await talk.run(ValidateHomeForm())
    assert slots["home_targets"] == ["floor lamp", "reading lamp"]


async def test_a_number_for_a_room_is_degrees(talk: Any) -> None:
    talk.user("set the living room to 21", "set_device", ("room", "living room"))
    talk.events[-1]["parse_data"]["entities"].append({"entity": "number", "value": 21})
    talk.form("home_form")
    assert (await talk.run(ValidateHomeForm()))["home_targets"] == ["living room heating"]


@pytest.mark.parametrize(
    ("device", "text", "intent", "targets"),
    [
        ("bathroom heating", "turn it off", "turn_off", ["bathroom heating"]),
        ("living room blinds", "close them again", "turn_off", ["living room blinds"]),
        ("floor lamp", "brighter", "set_device", ["floor lamp"]),
        ("floor lamp", "make it cosier", "set_device", ["floor lamp"]),
        ("bathroom heating", "make it cosier", "set_device", ["bathroom heating"]),
        ("bathroom heating", "turn it up", "set_device", ["bathroom heating"]),
        ("floor lamp", "turn it up", "set_device", ["floor lamp"]),
        # The lights of the room, where what is talked of has no brightness.
        ("fan", "brighter", "set_device", KITCHEN),
    ],
)
async def test_it_can_be_of_any_kind(
    talk: Any, device: str, text: str, intent: str, targets: list[str]
) -> None:
    talk.slot("home_talk", {"devices": [device], "room": "kitchen", "command": None})
    talk.user(text, intent).form("home_form")
    assert (await talk.run(ValidateHomeForm()))["home_targets"] == targets


async def test_what_was_asked_of_a_room_is_known_when_it_shall_be_warmer(talk: Any) -> None:
    talk.slot("home_talk", {"devices": [], "room": "bathroom", "command": None})
    talk.user("make it warmer", "set_device").form("home_form")
    assert (await talk.run(ValidateHomeForm()))["home_targets"] == ["bathroom heating"]
    talk.user("turn it off", "turn_off").form(None).form("home_form")
    assert (await talk.run(ValidateHomeForm()))["home_targets"] is None
