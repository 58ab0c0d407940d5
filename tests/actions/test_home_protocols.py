"""What is published for devices, and how their messages are understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actions.home_devices import Device, Setting, State
from actions.home_file import read_home
from actions.home_protocols import commands, fulfils, restoring, understand
from scripts.project import ROOT

HOME = read_home(ROOT / "home.example.yml")


def named(name: str) -> Device:
    device = HOME.device(name)
    assert device is not None
    return device


@pytest.mark.parametrize(
    ("name", "setting", "sent"),
    [
        ("floor lamp", Setting(brightness=100),
         {"zigbee2mqtt/living_room/floor_lamp/set": {"state": "ON", "brightness": 254}}),
        ("floor lamp", Setting(kelvin=2700),
         {"zigbee2mqtt/living_room/floor_lamp/set": {"state": "ON", "color_temp": 370}}),
        ("desk lamp", Setting(hue=240, saturation=100),
         {"study/desk_lamp/set": {"state": "ON", "color": {"r": 0, "g": 0, "b": 255}}}),
        ("desk lamp", Setting(brightness=50),
         {"study/desk_lamp/set": {"state": "ON", "brightness": 128}}),
        ("fan", Setting(on=False), {"study/fan/set": 0}),
        ("living room heating", Setting(on=False),
         {"zigbee2mqtt/living room heating/set": {"system_mode": "off"}}),
        ("living room heating", Setting(temperature=21.5),
         {"zigbee2mqtt/living room heating/set": {"occupied_heating_setpoint": 21.5}}),
        ("study heating", Setting(on=True, temperature=19),
         {"study/heating/mode/set": "heat", "study/heating/target/set": 19}),
        ("living room blinds", Setting(on=False),
         {"zigbee2mqtt/living room blinds/set": {"state": "CLOSE"}}),
        ("living room blinds", Setting(position=40),
         {"zigbee2mqtt/living room blinds/set": {"position": 40}}),
    ],
)  # fmt: skip
def test_what_is_published(name: str, setting: Setting, sent: dict[str, Any]) -> None:
    def plain(payload: str) -> Any:
        try:
            return json.loads(payload)
        except ValueError:
            return payload

    published = commands(named(name), setting, HOME)
    assert {command.topic: plain(command.payload) for command in published} == sent


@pytest.mark.parametrize(
    ("name", "topic", "payload", "state"),
    [
        ("floor lamp", "zigbee2mqtt/living_room/floor_lamp", '{"state":"ON","brightness":127}',
         State(on=True, brightness=50)),
        ("floor lamp", "zigbee2mqtt/living_room/floor_lamp/availability", "offline",
         State(available=False)),
        ("floor lamp", "zigbee2mqtt/living_room/floor_lamp/availability", '{"state":"online"}',
         State(available=True)),
        ("desk lamp", "study/desk_lamp", '{"state":"ON","color":{"r":255,"g":0,"b":0}}',
         State(on=True, hue=0, saturation=100)),
        ("fan", "study/fan/state", "1", State(on=True)),
        ("fan", "study/fan/state", "0", State(on=False)),
        ("study heating", "study/heating/target", "20.5", State(target=20.5)),
        ("study heating", "study/heating/measured", "nan", State()),
        ("study heating", "study/heating/mode", "off", State(on=False)),
        ("bathroom sensor", "zigbee2mqtt/bathroom sensor", '{"temperature":22.5,"humidity":61}',
         State(temperature=22.5, humidity=61)),
        ("floor lamp", "zigbee2mqtt/living_room/floor_lamp", "no JSON", State()),
        ("floor lamp", "zigbee2mqtt/living_room/floor_lamp", '["ON"]', State()),
        ("desk lamp", "study/desk_lamp", '{"color":{"r":"much"},"brightness":true}', State()),
        ("floor lamp", "study/desk_lamp", '{"state":"ON"}', None),
    ],
)  # fmt: skip
def test_what_is_understood(name: str, topic: str, payload: str, state: State | None) -> None:
    assert understand(named(name), topic, payload, HOME) == state


@pytest.mark.parametrize(
    ("state", "setting", "done"),
    [
        (State(on=True), Setting(on=True), True),
        (State(on=False), Setting(on=True), False),
        (State(), Setting(on=True), False),
        (State(available=True), Setting(on=True), False),
        (State(on=True, brightness=29.9), Setting(brightness=30), True),
        (State(on=True, brightness=60), Setting(brightness=30), False),
        (State(hue=359, saturation=100), Setting(hue=0, saturation=100), True),
        (State(kelvin=2703), Setting(kelvin=2700), True),
        (State(kelvin=4000), Setting(kelvin=2700), False),
        (State(target=21.5), Setting(temperature=21.5), True),
        (State(target=20), Setting(temperature=21.5), False),
    ],
)
def test_whether_it_is_done(state: State, setting: Setting, done: bool) -> None:
    assert fulfils(state, setting) is done


@pytest.mark.parametrize(
    ("before", "done", "back"),
    [
        (State(on=False, brightness=80), Setting(on=True), Setting(on=False)),
        (State(on=True, brightness=80), Setting(on=False), Setting(on=True, brightness=80)),
        (State(on=True, hue=120, saturation=90, white=False, kelvin=3000), Setting(hue=0),
         Setting(on=True, hue=120, saturation=90)),
        (State(target=19, on=True), Setting(temperature=22), Setting(temperature=19)),
        (State(position=30, on=True), Setting(position=0), Setting(position=30)),
        (State(), Setting(on=True), None),
        (State(on=True), Setting(temperature=22), None),
    ],
)  # fmt: skip
def test_what_takes_it_back(before: State, done: Setting, back: Setting | None) -> None:
    assert restoring(before, done) == back
