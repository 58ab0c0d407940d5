"""The file with the devices: what it may hold, and what is said of a mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from actions.home_devices import Range, Setting
from actions.home_file import HomeFileError, NoHomeFileError, parse_home, read_home
from actions.home_protocols import commands
from scripts.project import ROOT

LAMP = "devices: [{name: lamp, kind: light, features: [brightness, colour]}]\n"


def test_the_example_is_what_it_says() -> None:
    home = read_home(ROOT / "home.example.yml")
    assert home.rooms == ("living room", "kitchen", "bathroom", "study")
    assert set(home.scenes) == {"movie night", "reading", "good night"}
    floor = home.device("floor lamp")
    assert floor is not None
    assert floor.options == {"friendly_name": "living_room/floor_lamp"}
    fridge = home.device("fridge")
    assert fridge is not None
    assert fridge.only_by_name
    bathroom = home.device("bathroom heating")
    assert bathroom is not None
    assert bathroom.limit("temperature") == Range(15, 25)


def test_every_device_of_the_example_can_be_set() -> None:
    home = read_home(ROOT / "home.example.yml")
    setting = Setting(on=True, temperature=20)
    for device in home.devices:
        if device.kind != "sensor":
            assert commands(device, setting, home), device.name


def test_on_is_a_word_and_no_truth() -> None:
    home = parse_home(LAMP + "scenes: {'on': [{device: lamp, on: true, brightness: 5}]}")
    assert home.scenes["on"]["lamp"] == Setting(on=True, brightness=5)


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "home.yml"
    path.write_text("devices: [{name: lamp, kind: light}]", encoding="utf-8")
    assert read_home(path) is read_home(path)
    path.write_text("devices: [{name: bulb, kind: light}]", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert read_home(path).devices[0].name == "bulb"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NoHomeFileError, match=r"home\.yml"):
        read_home(tmp_path / "home.yml")


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"devices: [", b"", b"- a", b"devices: {}"])
def test_no_yaml_and_no_devices(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "home.yml"
    path.write_bytes(content)
    with pytest.raises(HomeFileError):
        read_home(path)


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("kind: light", "The name of device 1 is 'None'"),
        ("name: 5, kind: light", "is '5': write a text"),
        ("name: lamp", "'lamp': kind is 'None': write one of light, plug"),
        ("name: lamp, kind: lamb", "kind is 'lamb': write one of light, plug"),
        ("name: lamp, kind: light, colour: red", "has 'colour'.*what there may be is aliases"),
        ("name: lamp, kind: light, features: [smell]", "is 'smell': write one of brightness"),
        ("name: tv, kind: plug, features: [brightness]", "there are none to choose from"),
        ("name: lamp, kind: light, features: colour", "is 'colour': write a list"),
        ("name: lamp, kind: light, protocol: zwave", "protocol is 'zwave'"),
        ("name: lamp, kind: light, protocol: topics", "has no command_topic"),
        ("name: t, kind: sensor, protocol: topics", "has no state_topic"),
        ("name: h, kind: heating, protocol: topics, command_topic: a",
         "has no temperature_command_topic"),
        ("name: l, kind: light, protocol: topics, command_topic: a, features: [colour]",
         "colour: they need 'schema: json'"),
        ("name: l, kind: light, protocol: topics, command_topic: a, schema: xml",
         "schema is 'xml': write one of default, json"),
        ("name: l, kind: light, protocol: topics, command_topic: 'a/#'", "is 'a/#': a topic"),
        ("name: 'a+b', kind: light", "is 'a\\+b': a topic"),
        ("name: h, kind: heating, setpoint: target", "setpoint is 'target'"),
        ("name: h, kind: heating, limits: {temperature: {min: 25, max: 5}}",
         "are 25 to 5: the lower end"),
        ("name: h, kind: heating, limits: {temperature: {max: hot}}", "is 'hot': write a number"),
        ("name: l, kind: light, limits: {brightness: {max: 50}}", "has 'brightness'"),
        ("name: l, kind: light, features: [brightness], limits: {brightness: {max: 254}}",
         "percent, 0 to 100"),
        ("name: l, kind: light, only_by_name: perhaps", "is 'perhaps': write true or false"),
        ("name: l, kind: light}, {name: l, kind: plug", "'l' is there twice"),
        ("name: l, kind: light}, {name: m, aliases: [L], kind: plug",
         "'m' is called 'L', as is 'l'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_device_is_named(device: str, said: str) -> None:
    with pytest.raises(HomeFileError, match=said):
        parse_home(f"devices: [{{{device}}}]")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("device: lump, on: true", "device is 'lump'"),
        ("device: lamp", "has nothing to set"),
        ("device: lamp, on: maybe", "on is 'maybe'"),
        ("device: lamp, brightness: 150", "is 150: its limits are 1 to 100"),
        ("device: lamp, brightness: bright", "is 'bright': write a number"),
        ("device: lamp, colour: blurple", "colour is 'blurple': write one of red"),
        ("device: lamp, colour: warm white", "has no feature 'colour_temperature'"),
        ("device: lamp, temperature: 20", "temperature is 20: the device has no such"),
        ("device: lamp, volume: 11", "has 'volume'"),
    ],
)
def test_a_mistake_in_a_scene_is_named(entry: str, said: str) -> None:
    with pytest.raises(HomeFileError, match=said):
        parse_home(LAMP + f"scenes: {{evening: [{{{entry}}}]}}")
