"""Which devices are meant by what is said."""

from __future__ import annotations

import pytest

from actions.home_devices import LIGHT, PLUG, Home
from actions.home_file import parse_home, read_home
from actions.home_matching import find_devices, find_room, names_in, rooms_in
from scripts.project import ROOT

HOME = read_home(ROOT / "home.example.yml")
LIGHTS = ("floor lamp", "reading lamp", "ceiling light", "counter light", "desk lamp")


def meant(text: str, *names: str, rooms: tuple[str, ...] = (), home: Home = HOME) -> list[str]:
    found = find_devices(home, names, rooms, text, (LIGHT, PLUG))
    return [device.name for device in found.devices]


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("floor lamp", "floor lamp"),
        ("the Floor Lamp", "floor lamp"),
        ("standing lamp", "floor lamp"),
        ("flor lamp", "floor lamp"),
        ("flour lamp", "floor lamp"),
        ("reading", "reading lamp"),
        ("television", "TV plug"),
        ("tv", "TV plug"),
        ("ceiling lamp", "ceiling light"),
        ("kitchen counter light", "counter light"),
        ("bathroom heating", "bathroom heating"),
        ("bathroom radiator", "bathroom heating"),
        ("heating in the bathroom", "bathroom heating"),
        ("living-room blinds", "living room blinds"),
        ("shutters", "living room blinds"),
    ],
)
def test_one_name(name: str, device: str) -> None:
    assert meant(f"the {name}", name) == [device]


@pytest.mark.parametrize(
    ("text", "names", "rooms", "devices"),
    [
        ("lights on", ["lights"], [], LIGHTS),
        ("all the lights", ["light"], [], LIGHTS),
        ("living room lights", ["living room lights"], [], LIGHTS[:2]),
        ("lamps in the kitchen", ["lamps"], ["kitchen"], LIGHTS[2:4]),
        ("heating up", ["heating"], [],
         ("living room heating", "bathroom heating", "study heating")),
        ("turn the kitchen off", [], ["kitchen"], LIGHTS[2:4]),
        ("everything", ["everything"], ["living room"], (*LIGHTS[:2], "TV plug")),
        ("plugs", ["plugs"], [], ("TV plug", "fan")),
        ("the fridge", ["fridge"], [], ("fridge",)),
        ("desk lamp and fan", ["desk lamp", "fan"], [], ("desk lamp", "fan")),
        ("bathroom and study", ["heating"], ["bathroom", "study"],
         ("bathroom heating", "study heating")),
        ("the light in the study", ["light"], ["study"], ("desk lamp",)),
        ("light in the kichen", ["lights"], ["kichen"], LIGHTS[2:4]),
    ],
)  # fmt: skip
def test_kinds_and_rooms(
    text: str, names: list[str], rooms: list[str], devices: tuple[str, ...]
) -> None:
    assert sorted(meant(text, *names, rooms=tuple(rooms))) == sorted(devices)


def test_one_of_several_is_not_guessed() -> None:
    found = find_devices(HOME, ["lamp"], [], "turn on the lamp", (LIGHT,))
    assert found.devices == ()
    assert [d.name for d in found.several] == ["floor lamp", "reading lamp", "desk lamp"]


def test_a_name_that_has_the_room_in_it() -> None:
    home = parse_home(
        "devices: [{name: kitchen light, room: kitchen, kind: light},"
        " {name: spots, room: kitchen, kind: light}]"
    )
    assert meant("light on in the kitchen", "light", rooms=("kitchen",), home=home) == [
        "kitchen light"
    ]
    both = ["kitchen light", "spots"]
    assert meant("lights in the kitchen", "lights", rooms=("kitchen",), home=home) == both
    assert meant("kitchen lights off", "kitchen lights", home=home) == both


def test_unknown_names_and_rooms_are_named() -> None:
    assert find_devices(HOME, ["lava lamp"], [], "", (LIGHT,)).unknown == ("lava lamp",)
    assert find_devices(HOME, ["lights"], ["attic"], "", (LIGHT,)).unknown == ("attic",)
    assert find_devices(HOME, ["blinds"], ["kitchen"], "", (LIGHT,)).nowhere == (
        "blind", "kitchen",
    )  # fmt: skip


def test_two_names_alike_are_not_taken_for_one_misspelt() -> None:
    home = parse_home("devices: [{name: lamp north, kind: light}, {name: lamp norti, kind: light}]")
    assert find_devices(home, ["lamp norts"], [], "", (LIGHT,)).unknown == ("lamp norts",)


@pytest.mark.parametrize(
    ("said", "room"),
    [("kitchen", "kitchen"), ("the Living Room", "living room"), ("living", "living room"),
     ("bath room", "bathroom"), ("batroom", "bathroom"), ("attic", None), ("", None)],
)  # fmt: skip
def test_rooms(said: str, room: str | None) -> None:
    assert find_room(HOME, said) == room


def test_names_are_found_in_the_text_where_the_model_found_none() -> None:
    home = parse_home(
        "devices: [{name: Bertha, room: Narnia, kind: light}, {name: Bertha two, kind: plug}]"
    )
    assert names_in(home, "switch on Bertha two please") == ["bertha two"]
    assert rooms_in(home, "lights in narnia", ["lights"]) == ["Narnia"]
    assert names_in(home, "all lights out, now") == ["lights"]
    assert names_in(home, "make it so") == []


def test_a_room_that_is_not_there_is_not_the_whole_house() -> None:
    assert rooms_in(HOME, "turn off the lights in the attic", ["lights"]) == ["attic"]
    assert rooms_in(HOME, "lights off in the guest room, please", ["lights"]) == ["guest room"]
    assert rooms_in(HOME, "turn off everything in the house", []) == []
    assert rooms_in(HOME, "turn on the lights in the evening", ["lights"]) == []
