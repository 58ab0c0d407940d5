"""What somebody wants of devices, and what that is for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from actions.home_colours import colour_setting
from actions.home_devices import (
    BRIGHTNESS,
    COLOUR,
    COLOUR_TEMPERATURE,
    COVER,
    HEATING,
    LIGHT,
    POSITION,
    SENSOR,
    TEMPERATURE,
    Device,
    Range,
    Setting,
    State,
)


@dataclass(frozen=True)
class Wish:
    """What shall be otherwise; None is left as it is."""

    on: bool | None = None
    """Of covers: open."""

    level: float | None = None
    """Percent: of brightness, or how far a cover is open."""

    level_by: float | None = None
    """Percent more, or less."""

    colour: str | None = None
    """A name of a colour."""

    temperature: float | None = None
    """Degrees Celsius."""

    temperature_by: float | None = None
    """Degrees more, or less."""

    warmth_by: float | None = None
    """Of a light: kelvin more, or less; fewer are warmer."""

    def to_json(self) -> dict[str, Any]:
        """What is wished, in plain JSON."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Wish:
        """Reads what `to_json` wrote."""
        known = {entry.name for entry in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})

    @property
    def relative(self) -> bool:
        """Whether it takes to know how the device is now."""
        return not (self.level_by is self.temperature_by is self.warmth_by is None)


class CannotError(Exception):
    """A device cannot do what is wished."""

    def __init__(self, device: Device, what: str) -> None:
        """Says what it cannot do: "change its colour"."""
        super().__init__(f"{device.name} cannot {what}")
        self.device, self.what = device, what


class OverLimitError(Exception):
    """A wish beyond what the file allows."""

    def __init__(self, device: Device, limit: Range, unit: str) -> None:
        """Says the limits with their unit."""
        super().__init__(f"{device.name}: {limit.least:g} to {limit.most:g} {unit}")
        self.device, self.limit, self.unit = device, limit, unit


class UnknownStateError(Exception):
    """How the device is now is not known, and so neither what more of it would be."""

    def __init__(self, device: Device) -> None:
        """Names the device."""
        super().__init__(device.name)
        self.device = device


def setting_for(device: Device, wish: Wish, before: State | None = None) -> Setting:
    """What a device is set to.

    Args:
        device: Which one.
        wish: What is wished.
        before: How it is now; for relative wishes. Without it they are only checked: whether
            the device can do such a thing at all.

    Raises:
        CannotError: It has no such feature.
        OverLimitError: The file's limits forbid it.
        UnknownStateError: It is relative, and the device has not said how it is.
    """
    if device.kind == SENSOR:
        raise CannotError(device, "be set, it only measures")
    values: dict[str, Any] = {}
    if wish.on is not None:
        if device.kind == HEATING and not _can_switch(device):
            raise CannotError(device, "be switched on and off, only set to a temperature")
        values["on"] = wish.on
    if wish.level is not None or wish.level_by is not None:
        values |= _level(device, wish, before)
    if wish.colour is not None:
        values |= _colour(device, wish.colour)
    if wish.warmth_by is not None:
        values |= _warmth(device, wish.warmth_by, before)
    if wish.temperature is not None or wish.temperature_by is not None:
        values |= _temperature(device, wish, before)
    return Setting(**values)


def _level(device: Device, wish: Wish, before: State | None) -> dict[str, Any]:
    feature = POSITION if device.kind == COVER else BRIGHTNESS
    if not device.can(feature):
        what = {COVER: "be opened partly", LIGHT: "be dimmed"}.get(device.kind, "be dimmed")
        raise CannotError(device, what)
    limit = device.limit(feature)
    if wish.level is not None:
        if wish.level == 0 and device.kind == LIGHT:
            return {"on": False}
        if wish.level not in limit:
            raise OverLimitError(device, limit, "percent")
        return {feature: wish.level}
    if abs(float(wish.level_by or 0)) >= 100:
        # As far as it goes, from wherever it is.
        return {feature: limit.most if float(wish.level_by or 0) > 0 else limit.least}
    if before is None:
        return {}
    now = before.position if device.kind == COVER else before.brightness
    if now is None and before.on is not False:
        raise UnknownStateError(device)
    # A lamp that is off is as dark as can be, whatever it will be when switched on.
    now = 0.0 if now is None or (device.kind == LIGHT and before.on is False) else now
    return {feature: round(limit.nearest(now + float(wish.level_by or 0)))}


def _colour(device: Device, name: str) -> dict[str, Any]:
    setting = colour_setting(name)
    if setting is None:
        raise ValueError(f"'{name}' is no colour that is known here")
    white = setting.kelvin is not None
    if white and not device.can(COLOUR_TEMPERATURE) and device.can(COLOUR):
        return {"hue": 30.0 if float(setting.kelvin or 0) < 3500 else 0.0, "saturation": 5.0}
    if not device.can(COLOUR_TEMPERATURE if white else COLOUR):
        raise CannotError(device, "change its colour")
    if setting.kelvin is not None:
        return {"kelvin": device.limit(COLOUR_TEMPERATURE).nearest(setting.kelvin)}
    return setting.to_json()


def _warmth(device: Device, by: float, before: State | None) -> dict[str, Any]:
    if not device.can(COLOUR_TEMPERATURE):
        raise CannotError(device, "change the warmth of its light")
    if before is None:
        return {}
    if before.kelvin is None:
        raise UnknownStateError(device)
    return {"kelvin": device.limit(COLOUR_TEMPERATURE).nearest(before.kelvin + by)}


def _temperature(device: Device, wish: Wish, before: State | None) -> dict[str, Any]:
    if not device.can(TEMPERATURE):
        raise CannotError(device, "be set to a temperature")
    limit = device.limit(TEMPERATURE)
    if wish.temperature is not None:
        value = wish.temperature
    elif before is None:
        return {}
    elif before.target is None:
        raise UnknownStateError(device)
    else:
        value = before.target + float(wish.temperature_by or 0)
    if value not in limit:
        raise OverLimitError(device, limit, "degrees")
    return {"temperature": round(value * 2) / 2}


def _can_switch(device: Device) -> bool:
    return device.protocol == "zigbee2mqtt" or "mode_command_topic" in device.options
