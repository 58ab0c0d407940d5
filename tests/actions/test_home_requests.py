"""What is wanted of devices, read off messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.home_devices import BRIGHTNESS, Device, State
from actions.home_requests import (
    NothingToSetError,
    command_of,
    is_about_volume,
    read_wish,
    spoken_again,
    wished_kinds,
)
from actions.home_wishes import (
    CannotError,
    OverLimitError,
    UnknownStateError,
    Wish,
    setting_for,
)

ABLE = frozenset({"brightness", "colour", "colour_temperature"})
LIGHT = Device("lamp", "light", features=ABLE)
HEATING = Device("radiator", "heating")
BLIND = Device("blind", "cover", features=frozenset({"position"}))


def said(text: str, intent: str = "set_device", **values: Any) -> dict[str, Any]:
    """A message; values are those of its entities, with the words that stand for them."""
    entities = []
    for kind, (words, value) in values.items():
        start = text.index(words)
        end = start + len(words)
        entities.append({"entity": kind, "value": value, "start": start, "end": end})
    return {"text": text, "intent": {"name": intent}, "entities": entities}


@pytest.mark.parametrize(
    ("message", "device", "wish"),
    [
        (said("lamp on", "turn_on"), LIGHT, Wish(on=True)),
        (said("lamp off", "turn_on"), LIGHT, Wish(on=False)),
        (said("switch it on", "turn_off"), LIGHT, Wish(on=True)),
        (said("light up the kitchen", "turn_on"), LIGHT, Wish(on=True)),
        (said("close the blind", "turn_on"), BLIND, Wish(on=False)),
        (said("lamp on at 30 percent", "turn_on", percentage=("30 percent", 30)), LIGHT,
         Wish(level=30)),
        (said("dim to 30%", percentage=("30%", 30)), LIGHT, Wish(level=30)),
        (said("dim it by 30%", percentage=("30%", 30)), LIGHT, Wish(level_by=-30)),
        (said("30% brighter", percentage=("30%", 30)), LIGHT, Wish(level_by=30)),
        (said("set it to 40", number=("40", 40)), LIGHT, Wish(level=40)),
        (said("set it to 20", number=("20", 20)), HEATING, Wish(temperature=20)),
        (said("dim the lamp"), LIGHT, Wish(level_by=-25)),
        (said("a bit brighter"), LIGHT, Wish(level_by=10)),
        (said("much darker"), LIGHT, Wish(level_by=-40)),
        (said("it's too bright"), LIGHT, Wish(level_by=-25)),
        (said("dim to half"), LIGHT, Wish(level=50)),
        (said("full brightness"), LIGHT, Wish(level_by=100)),
        (said("all the way down"), BLIND, Wish(level_by=-100)),
        (said("open it halfway"), BLIND, Wish(level=50)),
        (said("make it blue", colour=("blue", "blue")), LIGHT, Wish(colour="blue")),
        (said("make it warm white", colour=("white", "white")), LIGHT, Wish(colour="warm white")),
        (said("make it puce", colour=("puce", "puce")), LIGHT, Wish(colour="puce")),
        (said("warm white please"), LIGHT, Wish(colour="warm white")),
        (said("blue at 10%", colour=("blue", "blue"), percentage=("10%", 10)), LIGHT,
         Wish(level=10, colour="blue")),
        (said("brighten the green lamp", device=("green lamp", "green lamp")), LIGHT,
         Wish(level_by=25)),
        (said("a warmer light"), LIGHT, Wish(warmth_by=-800)),
        (said("make it cosier"), LIGHT, Wish(level_by=-10, warmth_by=-800)),
        (said("a bit cozier in here"), HEATING, Wish(temperature_by=0.5)),
        (said("so cosy, make it a touch warmer still"), HEATING, Wish(temperature_by=0.5)),
        (said("so cosy, a little dimmer"), LIGHT, Wish(level_by=-10)),
        (said("warmer"), HEATING, Wish(temperature_by=1)),
        (said("it's too warm"), HEATING, Wish(temperature_by=-1)),
        (said("I'm freezing, a bit up"), HEATING, Wish(temperature_by=0.5)),
        (said("turn it up to 22 degrees", temperature=("22 degrees", 22)), HEATING,
         Wish(temperature=22)),
        (said("two degrees warmer", temperature=("two degrees", 2)), HEATING,
         Wish(temperature_by=2)),
        (said("down by two degrees", temperature=("two degrees", 2)), HEATING,
         Wish(temperature_by=-2)),
    ],
)  # fmt: skip
def test_wishes(message: dict[str, Any], device: Device, wish: Wish) -> None:
    assert read_wish(command_of(message), [device]) == wish


def test_fahrenheit_is_turned_into_celsius() -> None:
    message = said("set it to 68 degrees F", temperature=("68 degrees F", 68))
    message["entities"][0]["additional_info"] = {"unit": "fahrenheit"}
    wish = read_wish(command_of(message), [HEATING])
    assert wish.temperature == pytest.approx(20)


def test_nothing_to_set_is_said_to_be_so() -> None:
    with pytest.raises(NothingToSetError):
        read_wish(command_of(said("set the lamp")), [LIGHT])


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        (said("make it 20 degrees", temperature=("20 degrees", 20)), ("heating",)),
        (said("it's too cold"), ("heating",)),
        (said("brighter"), ("light",)),
        (said("make it red"), ("light",)),
        (said("turn it up"), None),
        (said("make it cosier"), ("heating",)),
    ],
)
def test_what_a_wish_is_about(message: dict[str, Any], kinds: tuple[str, ...] | None) -> None:
    assert wished_kinds(command_of(message)) == kinds


@pytest.mark.parametrize(
    ("message", "device"),
    [
        (said("make the lamp a bit brighter", device=("lamp", "lamp")), LIGHT),
        (said("turn it all the way up"), LIGHT),
        (said("dim it to half"), LIGHT),
        (said("dim it by 30%", percentage=("30%", 30)), LIGHT),
        (said("dim it to 30%", percentage=("30%", 30)), LIGHT),
        (said("turn it up to 22 degrees", temperature=("22 degrees", 22)), HEATING),
        (said("two degrees cooler", temperature=("two degrees", 2)), HEATING),
        (said("make it blue", colour=("blue", "blue")), LIGHT),
        (said("make it cosier"), LIGHT),
    ],
)
def test_a_command_without_its_text_means_the_same(message: dict[str, Any], device: Device) -> None:
    command = command_of(message)
    again = {"intent": "set_device", "text": "", "entities": spoken_again(command, [device])}
    assert read_wish(again, [device]) == read_wish(command, [device])


def test_devices_are_called_again_as_they_were() -> None:
    command = command_of(said("lamps on", "turn_on", device=("lamps", "lamps")))
    assert spoken_again(command, [LIGHT]) == [{"entity": "device", "value": "lamps"}]
    too = {**command, "places": [{"entity": "room", "value": "hall", "start": 4, "end": 8}]}
    assert spoken_again(too, [LIGHT]) == [{"entity": "room", "value": "hall"}]
    asked = {**command, "several": ["lamp", "bulb"]}
    assert spoken_again(asked, [LIGHT]) == [{"entity": "device", "value": "lamp"}]


# ------------------------------------------------------------ for one device


def test_more_of_what_there_is_stays_within_the_limits() -> None:
    state = State(on=True, brightness=95)
    assert setting_for(LIGHT, Wish(level_by=25), state).brightness == 100
    assert setting_for(LIGHT, Wish(level_by=-25), State(on=True, brightness=4)).brightness == 1
    assert setting_for(LIGHT, Wish(level_by=10), State(on=False, brightness=90)).brightness == 10


def test_zero_percent_is_off() -> None:
    assert setting_for(LIGHT, Wish(level=0)).on is False


@pytest.mark.parametrize(
    ("device", "wish"),
    [
        (LIGHT, Wish(level=150)),
        (HEATING, Wish(temperature=35)),
        (HEATING, Wish(temperature=-5)),
    ],
)
def test_beyond_the_limits_is_refused(device: Device, wish: Wish) -> None:
    with pytest.raises(OverLimitError):
        setting_for(device, wish, State())


def test_warmer_beyond_the_limit_is_refused_too() -> None:
    with pytest.raises(OverLimitError):
        setting_for(HEATING, Wish(temperature_by=2), State(target=29))


@pytest.mark.parametrize(
    ("device", "wish"),
    [
        (Device("tv", "plug"), Wish(level=10)),
        (Device("tv", "plug"), Wish(colour="blue")),
        (Device("bulb", "light"), Wish(level_by=10)),
        (Device("bulb", "light"), Wish(temperature=20)),
        (Device("eye", "sensor"), Wish(on=True)),
        (Device("h", "heating", protocol="topics"), Wish(on=False)),
        (Device("b", "cover"), Wish(level=10)),
    ],
)
def test_what_a_device_cannot_is_refused(device: Device, wish: Wish) -> None:
    with pytest.raises(CannotError):
        setting_for(device, wish, State())


@pytest.mark.parametrize(
    ("device", "wish"),
    [(LIGHT, Wish(level_by=10)), (HEATING, Wish(temperature_by=1)), (LIGHT, Wish(warmth_by=9))],
)
def test_more_of_what_is_not_known_is_not_guessed(device: Device, wish: Wish) -> None:
    with pytest.raises(UnknownStateError):
        setting_for(device, wish, State())


@pytest.mark.parametrize(
    ("text", "volume"),
    [
        ("louder", True),
        ("turn the volume down", True),
        ("it is too loud", True),
        ("turn the music down a bit", True),
        ("turn down the radio", True),
        ("turn it up", False),
        ("turn the lamp up", False),
        ("turn on the radio", False),
    ],
)
def test_what_is_about_volume(text: str, volume: bool) -> None:
    assert is_about_volume(text) is volume


def test_a_lamp_whose_white_cannot_change_is_dimmed_to_be_cosier() -> None:
    plain = replace(LIGHT, features=frozenset({BRIGHTNESS}))
    assert read_wish(command_of(said("cosier")), [plain]) == Wish(level_by=-10)
