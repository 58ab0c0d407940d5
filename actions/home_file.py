"""The file with the devices of the house: reading it, and saying what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml

from actions.home_colours import NAMES, colour_setting
from actions.home_devices import (
    BRIGHTNESS,
    COLOUR,
    COLOUR_TEMPERATURE,
    COVER,
    DEFAULT_LIMITS,
    FEATURES,
    HEATING,
    KINDS,
    POSITION,
    PROTOCOLS,
    SENSOR,
    TEMPERATURE,
    TOPICS,
    ZIGBEE2MQTT,
    Device,
    Home,
    Range,
    Setting,
)

_DEVICE_KEYS = frozenset("name kind room aliases protocol features limits only_by_name".split())
_OPTIONS = {
    ZIGBEE2MQTT: frozenset({"friendly_name", "setpoint"}),
    TOPICS: frozenset(
        "schema command_topic state_topic availability_topic payload_on payload_off "
        "temperature_command_topic temperature_state_topic current_temperature_topic "
        "mode_command_topic mode_state_topic set_position_topic position_topic".split()
    ),
}
_SCHEMAS = ("default", "json")
_SETPOINTS = ("occupied_heating_setpoint", "current_heating_setpoint")
_LARGEST_FILE = 1_000_000


class _Loader(yaml.SafeLoader):
    """Booleans as in YAML 1.2: `on` is a word, which names what a device shall be."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in those if not tag.endswith(":bool")]
        for first, those in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


class HomeFileError(Exception):
    """The file cannot be used; names the thing, its value and the mend."""


class NoHomeFileError(HomeFileError):
    """There is no such file."""


_read: dict[Path, tuple[tuple[int, int], Home]] = {}
"""What was read last of each file, with its time and size then."""


def read_home(path: Path) -> Home:
    """Reads the devices; a file that did not change since is not read again.

    Raises:
        NoHomeFileError: If there is no such file.
        HomeFileError: If there is a mistake in it.
    """
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        if path in _read and _read[path][0] == stamp:
            return _read[path][1]
        if status.st_size > _LARGEST_FILE:
            raise HomeFileError(f"{path.name} has {status.st_size} bytes: is it the right file?")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NoHomeFileError(f"There is no {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HomeFileError(f"{path.name} cannot be read: {error}") from error
    home = parse_home(text)
    _read[path] = (stamp, home)
    return home


def parse_home(text: str) -> Home:
    """Makes a house of the file's text.

    Raises:
        HomeFileError: If there is a mistake in it.
    """
    try:
        raw = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise HomeFileError(f"The file is not YAML{where}: {error}") from error
    raw = _mapping(raw, "The file", {"devices", "scenes", "base_topic"})
    entries = raw.get("devices")
    if not isinstance(entries, list) or not entries:
        _fail("The file", "has no devices", "list them under 'devices:'")
    devices = tuple(_device(entry, index) for index, entry in enumerate(entries, start=1))
    _check_names(devices)
    base = _text(raw.get("base_topic", ZIGBEE2MQTT), "base_topic")
    home = Home(devices, base_topic=_topic(base, "base_topic"))
    scenes = _mapping(raw.get("scenes") or {}, "'scenes'")
    return Home(devices, {name: _scene(name, s, home) for name, s in scenes.items()}, base)


def _device(raw: Any, index: int) -> Device:
    raw = _mapping(raw, f"Device {index}")
    name = _text(raw.get("name"), f"The name of device {index}")
    what = f"The device '{name}'"
    kind = _one_of(raw.get("kind"), KINDS, f"{what}: kind")
    protocol = _one_of(raw.get("protocol", ZIGBEE2MQTT), PROTOCOLS, f"{what}: protocol")
    _mapping(raw, what, _DEVICE_KEYS | _OPTIONS[protocol])
    allowed = FEATURES.get(kind, ())
    features = [
        _one_of(f, allowed, f"{what}: features of a {kind}")
        for f in _list(raw.get("features"), f"{what}: features")
    ]
    if not isinstance(raw.get("only_by_name", False), bool):
        _fail(f"{what}: only_by_name", f"is '{raw['only_by_name']}'", "write true or false")
    room = raw.get("room")
    options = {
        key: _text(value, f"{what}: {key}")
        for key, value in raw.items()
        if key in _OPTIONS[protocol]
    }
    device = Device(
        name=name,
        kind=kind,
        room=None if room is None else _text(room, f"{what}: room"),
        aliases=tuple(
            _text(a, f"{what}: aliases") for a in _list(raw.get("aliases"), f"{what}: aliases")
        ),
        protocol=protocol,
        features=frozenset(features),
        limits=_limits(raw.get("limits"), kind, features, what),
        only_by_name=bool(raw.get("only_by_name", False)),
        options=options,
    )
    _check_options(device, what)
    return device


def _check_options(device: Device, what: str) -> None:
    """What the protocol needs is there, and is of use."""
    options = device.options
    for key, value in options.items():
        if key.endswith("_topic") or key == "friendly_name":
            _topic(value, f"{what}: {key}")
    if device.protocol == ZIGBEE2MQTT:
        if "setpoint" in options:
            _one_of(options["setpoint"], _SETPOINTS, f"{what}: setpoint")
        _topic(device.name, f"{what}: name, which is its friendly_name as well,")
        return
    schema = _one_of(options.get("schema", "default"), _SCHEMAS, f"{what}: schema")
    if schema == "json" and device.kind == HEATING:
        _fail(f"{what}: schema", "is 'json'", "a heating has topics of its own: leave it out")
    needed = {HEATING: "temperature_command_topic", SENSOR: "state_topic"}.get(
        device.kind, "command_topic"
    )
    if needed not in options:
        _fail(f"{what}:", f"has no {needed}", f"a {device.kind} by topics needs one")
    if schema == "default" and device.kind != COVER and device.features:
        _fail(
            f"{what}: features",
            f"are {', '.join(sorted(device.features))}",
            "they need 'schema: json'",
        )
    if schema == "default" and device.can(POSITION) and "set_position_topic" not in options:
        _fail(f"{what}:", "has no set_position_topic", "the feature 'position' needs one")


def _limits(raw: Any, kind: str, features: list[str], what: str) -> dict[str, Range]:
    allowed = {*features} - {COLOUR} | ({TEMPERATURE} if kind == HEATING else set())
    found = {}
    for feature, ends in _mapping(raw or {}, f"{what}: limits", allowed).items():
        label = f"{what}: limits of {feature}"
        ends = _mapping(ends, label, {"min", "max"})
        widest = DEFAULT_LIMITS[feature]
        least = _number(ends.get("min", widest.least), f"{label}: min")
        most = _number(ends.get("max", widest.most), f"{label}: max")
        if least > most:
            _fail(label, f"are {least:g} to {most:g}", "the lower end is 'min'")
        if feature in (BRIGHTNESS, POSITION) and not 0 <= least <= most <= 100:
            _fail(label, f"are {least:g} to {most:g}", "they are percent, 0 to 100")
        found[feature] = Range(least, most)
    return found


def _scene(name: Any, raw: Any, home: Home) -> dict[str, Setting]:
    what = f"The scene '{_text(name, 'The name of a scene')}'"
    settings: dict[str, Setting] = {}
    entries = _list(raw, what)
    if not entries:
        _fail(what, "is empty", "list what each device shall be like")
    for raw_entry in entries:
        entry = _mapping(
            raw_entry, what, {"device", "on", BRIGHTNESS, COLOUR, TEMPERATURE, POSITION}
        )
        device = home.device(str(entry.get("device")))
        if device is None:
            _fail(f"{what}: device", f"is '{entry.get('device')}'", "write a name under 'devices:'")
        settings[device.name] = _setting(entry, device, f"{what}: {device.name}")
    return settings


def _setting(entry: Mapping[str, Any], device: Device, what: str) -> Setting:
    values: dict[str, Any] = {}
    if device.kind == SENSOR:
        _fail(what, "is a sensor", "it can only be asked")
    if "on" in entry:
        if not isinstance(entry["on"], bool):
            _fail(f"{what}: on", f"is '{entry['on']}'", "write true or false")
        values["on"] = entry["on"]
    for feature in (BRIGHTNESS, TEMPERATURE, POSITION):
        if feature not in entry:
            continue
        value, limit = _number(entry[feature], f"{what}: {feature}"), device.limit(feature)
        if not device.can(feature):
            _fail(f"{what}: {feature}", f"is {value:g}", "the device has no such feature")
        if value not in limit:
            mend = f"its limits are {limit.least:g} to {limit.most:g}"
            _fail(f"{what}: {feature}", f"is {value:g}", mend)
        values[feature] = value
    if COLOUR in entry:
        colour = colour_setting(str(entry[COLOUR]))
        if colour is None:
            _fail(f"{what}: colour", f"is '{entry[COLOUR]}'", f"write one of {', '.join(NAMES)}")
        needed = COLOUR_TEMPERATURE if colour.kelvin is not None else COLOUR
        if not device.can(needed):
            _fail(
                f"{what}: colour", f"is '{entry[COLOUR]}'", f"the device has no feature '{needed}'"
            )
        values |= colour.to_json()
    if not values:
        _fail(what, "has nothing to set", "write what it shall be like: 'on: true'")
    return Setting(**values)


def _check_names(devices: tuple[Device, ...]) -> None:
    names: dict[str, str] = {}
    for device in devices:
        for name in (device.name, *device.aliases):
            key = name.casefold()
            if key in names and names[key] != device.name:
                _fail(
                    f"The device '{device.name}'",
                    f"is called '{name}', as is '{names[key]}'",
                    "give each a name of its own",
                )
            if key in names and name == device.name:
                _fail(
                    f"The device '{name}'", "is there twice", "remove one, or give it another name"
                )
            names[key] = device.name


def _topic(value: str, what: str) -> str:
    if "#" in value or "+" in value or value.startswith("/") or "\0" in value:
        _fail(what, f"is '{value}'", "a topic to publish to has no '#' and no '+'")
    return value


def _mapping(raw: Any, what: str, keys: set[str] | frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(raw, dict):
        _fail(what, f"is '{raw}'", "write names and values, as home.example.yml does")
    for key in raw:
        if keys is not None and key not in keys:
            _fail(what, f"has '{key}'", f"what there may be is {', '.join(sorted(keys))}")
    return raw


def _list(raw: Any, what: str) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        _fail(what, f"is '{raw}'", "write a list: [one, another]")
    return raw


def _text(raw: Any, what: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        _fail(what, f"is '{raw}'", "write a text, in quotation marks where it is a number")
    return raw.strip()


def _number(raw: Any, what: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        _fail(what, f"is '{raw}'", "write a number")
    return float(raw)


def _one_of(raw: Any, allowed: tuple[str, ...], what: str) -> str:
    if raw not in allowed:
        mend = f"write one of {', '.join(allowed)}" if allowed else "there are none to choose from"
        _fail(what, f"is '{raw}'", mend)
    return str(raw)


def _fail(what: str, value: str, mend: str) -> NoReturn:
    raise HomeFileError(f"{what} {value}: {mend}.")
