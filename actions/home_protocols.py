"""What is published for a device, and what its own messages mean.

Zigbee2MQTT: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
Devices by topics: Home Assistant's MQTT integration, its light in JSON
(https://www.home-assistant.io/integrations/light.mqtt/#json-schema) or the default schema with
`ON` and `OFF`, its climate, its cover.
"""

from __future__ import annotations

import colorsys
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actions.home_devices import (
    COVER,
    HEATING,
    LIGHT,
    SENSOR,
    ZIGBEE2MQTT,
    Device,
    Home,
    Setting,
    State,
)

_ZIGBEE_SCALE = 254
_HOME_ASSISTANT_SCALE = 255
_MIREDS = 1_000_000
"""Divided by kelvin: the unit in which lights are told the temperature of their white."""

_STATE_TOPICS = (
    "state_topic",
    "temperature_state_topic",
    "current_temperature_topic",
    "mode_state_topic",
    "position_topic",
)
"""The keys in the file of what a device by topics reports on."""

_TRUE, _FALSE = {"on", "open", "online", "true", "1", "heat"}, {"off", "offline", "false", "0"}


@dataclass(frozen=True)
class Command:
    """A message to publish."""

    topic: str
    payload: str


def commands(device: Device, setting: Setting, home: Home) -> list[Command]:
    """What has to be published to set a device."""
    if device.protocol == ZIGBEE2MQTT:
        values = _zigbee(device, setting)
        return [Command(f"{_own_topic(device, home)}/set", json.dumps(values))] if values else []
    if device.options.get("schema") == "json":
        values = _home_assistant_json(device, setting)
        return [Command(device.options["command_topic"], json.dumps(values))] if values else []
    return _home_assistant_plain(device, setting)


def watched(device: Device, home: Home) -> list[str]:
    """The topics on which a device says how it is; first the one on whether it is there."""
    if device.protocol == ZIGBEE2MQTT:
        own = _own_topic(device, home)
        return [f"{own}/availability", own]
    said = ("availability_topic", *_STATE_TOPICS)
    return [device.options[key] for key in said if key in device.options]


def state_topics(device: Device, home: Home) -> list[str]:
    """The topics among them that say more than whether it is there."""
    if device.protocol == ZIGBEE2MQTT:
        return [_own_topic(device, home)]
    return [device.options[key] for key in _STATE_TOPICS if key in device.options]


def reports(device: Device) -> bool:
    """Whether a device says how it is at all."""
    return device.protocol == ZIGBEE2MQTT or bool(set(_STATE_TOPICS) & set(device.options))


def question(device: Device, home: Home) -> Command | None:
    """What makes a device say how it is; None where there is no such message.

    Zigbee2MQTT keeps no states on the broker unless told to; it asks the device then.
    """
    if device.protocol != ZIGBEE2MQTT or device.kind == SENSOR:
        return None
    asked = {"local_temperature": ""} if device.kind == HEATING else {"state": ""}
    return Command(f"{_own_topic(device, home)}/get", json.dumps(asked))


def understand(device: Device, topic: str, payload: str, home: Home) -> State | None:
    """What a message says of a device; None where it is not about it."""
    if topic not in watched(device, home):
        return None
    if device.protocol == ZIGBEE2MQTT:
        if topic.endswith("/availability"):
            return State(available=_boolean(_json(payload).get("state", payload)))
        return _from_json(device, _json(payload), _ZIGBEE_SCALE)
    key = next(k for k, value in device.options.items() if value == topic and k.endswith("topic"))
    if key == "availability_topic":
        return State(available=_boolean(_json(payload).get("state", payload)))
    if key == "temperature_state_topic":
        return State(target=_number(payload))
    if key == "current_temperature_topic":
        return State(temperature=_number(payload))
    if key == "position_topic":
        return State(position=_number(payload))
    if key == "mode_state_topic":
        return State(on=payload.strip().casefold() != "off")
    values = _json(payload)
    if values:
        return _from_json(device, values, _HOME_ASSISTANT_SCALE)
    if device.kind == SENSOR:
        return State(temperature=_number(payload))
    if payload in (device.options.get("payload_on"), device.options.get("payload_off")):
        return State(on=payload == device.options.get("payload_on"))
    return State(on=_boolean(payload))


def fulfils(state: State, setting: Setting) -> bool:
    """Whether a device has become what it shall be, as far as it tells."""
    near = {
        "brightness": (state.brightness, 2.0),
        "temperature": (state.target, 0.25),
        "position": (state.position, 3.0),
        "hue": (state.hue, 10.0),
        "saturation": (state.saturation, 10.0),
    }
    wanted = setting.to_json()
    if setting.on is not None and state.on is not None and state.on is not setting.on:
        return False
    if setting.kelvin is not None and state.kelvin is not None:
        # Mireds are whole numbers: what comes back is a little off.
        if abs(state.kelvin - setting.kelvin) > setting.kelvin * 0.05:
            return False
    for name, (told, spare) in near.items():
        if name in wanted and told is not None:
            off = abs(told - wanted[name])
            if (min(off, 360 - off) if name == "hue" else off) > spare:
                return False
    return state.reported


def restoring(before: State, done: Setting) -> Setting | None:
    """The setting that takes one back, as far as it is known what was before."""
    if done.temperature is not None:
        return Setting(temperature=before.target) if before.target is not None else None
    if done.position is not None and before.position is not None:
        return Setting(position=before.position)
    if before.on is None:
        return None
    if not before.on:
        return Setting(on=False)
    coloured = before.white is False and before.hue is not None
    return Setting(
        on=True,
        brightness=before.brightness,
        hue=before.hue if coloured else None,
        saturation=before.saturation if coloured else None,
        kelvin=None if coloured else before.kelvin,
    )


def _own_topic(device: Device, home: Home) -> str:
    return f"{home.base_topic}/{device.options.get('friendly_name', device.name)}"


def _switched_on(device: Device, setting: Setting) -> bool | None:
    """Whether to switch; a light that is given a brightness or a colour shall be seen."""
    lit = (setting.brightness, setting.hue, setting.kelvin)
    if setting.on is None and device.kind == LIGHT and any(v is not None for v in lit):
        return True
    return setting.on


def _zigbee(device: Device, setting: Setting) -> dict[str, Any]:
    values: dict[str, Any] = {}
    on = _switched_on(device, setting)
    if device.kind == HEATING:
        if on is not None:
            values["system_mode"] = "heat" if on else "off"
        if setting.temperature is not None:
            setpoint = device.options.get("setpoint", "occupied_heating_setpoint")
            values[setpoint] = setting.temperature
        return values
    if device.kind == COVER:
        return _cover(setting)
    if on is not None:
        values["state"] = "ON" if on else "OFF"
    if setting.brightness is not None:
        values["brightness"] = round(setting.brightness / 100 * _ZIGBEE_SCALE)
    if setting.hue is not None:
        values["color"] = {"hue": round(setting.hue), "saturation": round(setting.saturation or 0)}
    if setting.kelvin is not None:
        values["color_temp"] = round(_MIREDS / setting.kelvin)
    return values


def _home_assistant_json(device: Device, setting: Setting) -> dict[str, Any]:
    if device.kind == COVER:
        return _cover(setting)
    values: dict[str, Any] = {}
    on = _switched_on(device, setting)
    if on is not None:
        values["state"] = "ON" if on else "OFF"
    if setting.brightness is not None:
        values["brightness"] = round(setting.brightness / 100 * _HOME_ASSISTANT_SCALE)
    if setting.hue is not None:
        rgb = colorsys.hsv_to_rgb(setting.hue / 360, (setting.saturation or 0) / 100, 1)
        values["color"] = {
            key: round(part * 255) for key, part in zip(("r", "g", "b"), rgb, strict=True)
        }
    if setting.kelvin is not None:
        values["color_temp"] = round(_MIREDS / setting.kelvin)
    return values


def _home_assistant_plain(device: Device, setting: Setting) -> list[Command]:
    options, found = device.options, []
    if device.kind == HEATING:
        if setting.on is not None and "mode_command_topic" in options:
            found.append(Command(options["mode_command_topic"], "heat" if setting.on else "off"))
        if setting.temperature is not None:
            topic = options["temperature_command_topic"]
            found.append(Command(topic, f"{setting.temperature:g}"))
        return found
    if device.kind == COVER:
        if setting.position is not None and "set_position_topic" in options:
            return [Command(options["set_position_topic"], f"{setting.position:g}")]
        if setting.on is not None:
            return [Command(options["command_topic"], "OPEN" if setting.on else "CLOSE")]
        return []
    if setting.on is None:
        return []
    on, off = options.get("payload_on", "ON"), options.get("payload_off", "OFF")
    return [Command(options["command_topic"], on if setting.on else off)]


def _cover(setting: Setting) -> dict[str, Any]:
    if setting.position is not None:
        return {"position": round(setting.position)}
    return {} if setting.on is None else {"state": "OPEN" if setting.on else "CLOSE"}


def _from_json(device: Device, values: Mapping[str, Any], scale: int) -> State:
    setpoint = device.options.get("setpoint", "occupied_heating_setpoint")
    hue, saturation = _hue_and_saturation(values.get("color"))
    brightness, mireds = _number(values.get("brightness")), _number(values.get("color_temp"))
    measured = values.get("local_temperature", values.get("temperature"))
    on = _boolean(values.get("state"))
    if device.kind == HEATING and "system_mode" in values:
        on = str(values["system_mode"]).casefold() != "off"
    mode = values.get("color_mode")
    return State(
        on=on,
        brightness=None if brightness is None else brightness / scale * 100,
        hue=hue,
        saturation=saturation,
        kelvin=_MIREDS / mireds if mireds else None,
        white=None if mode is None else mode == "color_temp",
        target=_number(values.get(setpoint)) if device.kind == HEATING else None,
        temperature=_number(measured),
        humidity=_number(values.get("humidity")),
        position=_number(values.get("position")),
    )


def _hue_and_saturation(colour: Any) -> tuple[float | None, float | None]:
    if not isinstance(colour, Mapping):
        return None, None
    hue, saturation = (
        _number(colour.get("hue", colour.get("h"))),
        _number(colour.get("saturation", colour.get("s"))),
    )
    parts = [_number(colour.get(key)) for key in ("r", "g", "b")]
    red, green, blue = (None if part is None else part / 255 for part in parts)
    if hue is None and red is not None and green is not None and blue is not None:
        h, s, _ = colorsys.rgb_to_hsv(red, green, blue)
        return h * 360, s * 100
    return hue, saturation


def _json(payload: str) -> dict[str, Any]:
    try:
        values = json.loads(payload)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _boolean(value: Any) -> bool | None:
    word = str(value).strip().casefold()
    if word in _TRUE:
        return True
    return False if word in _FALSE or word in ("close", "closed") else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
