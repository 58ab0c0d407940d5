"""Questions about the home: what is on, how warm it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Choice
from actions.home_control import ask_devices
from actions.home_devices import COVER, HEATING, LIGHT, PLUG, SENSOR, Device, Home, State
from actions.home_requests import TURN_OFF
from actions.home_speaking import be, degrees, name_all, tell_state
from actions.speaking import join, speak_name

_TEMPERATURE = re.compile(r"(?i)\b(warm|cold|hot|cool|chilly|temperatures?|degrees|thermometer)\b")
_TARGET = re.compile(r"(?i)\b(set to|set at|setting|target)\b")
_WHICH = re.compile(r"(?i)\b(which|what|any|anything|something|list|all)\b")
_ON = re.compile(r"(?i)\b(on|burning|open|running|lit)\b")
_OPEN = re.compile(r"(?i)\b(open|closed|shut)\b")
_OFF = re.compile(r"(?i)\b(off|closed|shut)\b")


async def answer_question(
    dispatcher: CollectingDispatcher,
    home: Home,
    devices: Sequence[Device],
    text: str,
    *,
    room: str | None,
    one_by_one: bool,
) -> list[Choice]:
    """Answers a question about devices.

    Args:
        dispatcher: Says it.
        home: The house.
        devices: What it is about.
        text: The question.
        room: The room that it names.
        one_by_one: Whether devices were named, rather than a kind or a room.

    Returns:
        What was enumerated, if anything was.

    Raises:
        BrokerError: The broker cannot be reached.
    """
    if _TEMPERATURE.search(text) and not _TARGET.search(text):
        await _tell_temperature(dispatcher, home, devices, room)
        return []
    states = await ask_devices(home, devices)
    known = [device for device in devices if states[device.name].reported]
    silent = [device for device in devices if device not in known]
    if not known:
        dispatcher.utter_message(response="utter_home_no_answer", devices=name_all(silent))
        return []
    wants_off = bool(_OFF.search(text)) and not _ON.search(text)
    enumerated: list[Choice] = []
    if _WHICH.search(text) and (_ON.search(text) or wants_off) and not one_by_one:
        enumerated = _tell_which(dispatcher, known, states, text, off=wants_off)
    elif (_ON.search(text) or wants_off) and all(d.kind != SENSOR for d in known):
        _tell_whether(dispatcher, known, states, off=wants_off)
    else:
        dispatcher.utter_message(response="utter_home_states", states=_each(known, states))
    if silent:
        dispatcher.utter_message(response="utter_home_no_answer", devices=name_all(silent))
    return enumerated


def is_on(device: Device, state: State) -> bool:
    """Whether a device is on, a cover open, a heating not switched off."""
    if device.kind == COVER and state.position is not None:
        return state.position > 0
    return state.on is not False if device.kind == HEATING else bool(state.on)


def _tell_which(
    dispatcher: CollectingDispatcher,
    devices: Sequence[Device],
    states: dict[str, State],
    text: str,
    *,
    off: bool,
) -> list[Choice]:
    covers = [device for device in devices if device.kind == COVER]
    about_covers = bool(covers) and bool(_OPEN.search(text))
    switched = covers if about_covers else [d for d in devices if d.kind in (LIGHT, PLUG)]
    switched = switched or [device for device in devices if device.kind != SENSOR]
    found = [d for d in switched if is_on(d, states[d.name]) is not off]
    what = ("closed" if off else "open") if about_covers else ("off" if off else "on")
    if not found:
        dispatcher.utter_message(response="utter_home_none", what=what, devices=_kinds(switched))
        return []
    dispatcher.utter_message(
        response="utter_home_which", devices=_capital(name_all(found)), be=be(len(found)), what=what
    )
    return [Choice(d.name, TURN_OFF, [{"entity": "device", "value": d.name}]) for d in found]


def _tell_whether(
    dispatcher: CollectingDispatcher,
    devices: Sequence[Device],
    states: dict[str, State],
    *,
    off: bool,
) -> None:
    right = [is_on(device, states[device.name]) is not off for device in devices]
    response = "utter_home_yes" if all(right) else "utter_home_no"
    if any(right) and not all(right):
        response = "utter_home_states"
    dispatcher.utter_message(response=response, states=_each(devices, states))


async def _tell_temperature(
    dispatcher: CollectingDispatcher, home: Home, devices: Sequence[Device], room: str | None
) -> None:
    measuring = [d for d in devices if d.kind in (HEATING, SENSOR)]
    rooms = {device.room for device in devices}
    # "How warm is it?" about a room's lamp is about the room.
    measuring = measuring or [
        d for d in home.devices if d.kind in (HEATING, SENSOR) and d.room in rooms
    ]
    states = await ask_devices(home, measuring) if measuring else {}
    by_room: dict[str, float] = {}
    # A thermometer knows better than a radiator's valve.
    for device in sorted(measuring, key=lambda d: d.kind != SENSOR):
        value = states[device.name].temperature
        if value is not None:
            by_room.setdefault(device.room or device.name, value)
    if not by_room:
        where = room or next((d.room for d in devices if d.room), None)
        dispatcher.utter_message(
            response="utter_home_no_temperature",
            where=f"in the {speak_name(where)}" if where else "there",
        )
        return
    told = join([f"{degrees(v)} in the {speak_name(name)}" for name, v in by_room.items()])
    dispatcher.utter_message(response="utter_home_temperature", temperatures=told)


def _each(devices: Sequence[Device], states: dict[str, State]) -> str:
    groups: dict[str, list[Device]] = {}
    for device in devices:
        groups.setdefault(tell_state(device, states[device.name]), []).append(device)
    return join([f"{name_all(d)} {be(len(d))} {told}" for told, d in groups.items()])


def _kinds(devices: Sequence[Device]) -> str:
    names = {LIGHT: "lights", PLUG: "plugs", COVER: "blinds", HEATING: "radiators"}
    return join(list(dict.fromkeys(names.get(device.kind, "devices") for device in devices)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
