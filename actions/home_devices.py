"""The devices of a house, what can be asked of them, and what they report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

LIGHT, PLUG, HEATING, COVER, SENSOR = "light", "plug", "heating", "cover", "sensor"
KINDS = (LIGHT, PLUG, HEATING, COVER, SENSOR)

BRIGHTNESS, COLOUR, COLOUR_TEMPERATURE = "brightness", "colour", "colour_temperature"
TEMPERATURE, POSITION = "temperature", "position"
FEATURES = {
    LIGHT: (BRIGHTNESS, COLOUR, COLOUR_TEMPERATURE),
    COVER: (POSITION,),
}
"""What a device of a kind may be able to do beside its kind's own."""

ZIGBEE2MQTT, TOPICS = "zigbee2mqtt", "topics"
PROTOCOLS = (ZIGBEE2MQTT, TOPICS)


@dataclass(frozen=True)
class Range:
    """What a value may be, both ends included."""

    least: float
    most: float

    def __contains__(self, value: float) -> bool:
        """Whether the value lies within."""
        return self.least <= value <= self.most

    def nearest(self, value: float) -> float:
        """The value, or the end that it lies beyond."""
        return min(max(value, self.least), self.most)


DEFAULT_LIMITS: Mapping[str, Range] = {
    BRIGHTNESS: Range(1, 100),
    TEMPERATURE: Range(5, 30),
    POSITION: Range(0, 100),
    COLOUR_TEMPERATURE: Range(2000, 6500),
}
"""Percent, degrees Celsius, percent open, kelvin."""


@dataclass(frozen=True)
class Device:
    """A device as the file has it."""

    name: str
    kind: str
    room: str | None = None
    aliases: tuple[str, ...] = ()
    protocol: str = ZIGBEE2MQTT
    features: frozenset[str] = frozenset()
    limits: Mapping[str, Range] = field(default_factory=dict, hash=False)

    only_by_name: bool = False
    """Whether "everything" and "the plugs" leave it out: a refrigerator, a router."""

    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What its protocol needs: topics and payloads, by the names in the file."""

    def can(self, feature: str) -> bool:
        """Whether a feature can be set."""
        return feature in self.features or (feature == TEMPERATURE and self.kind == HEATING)

    def limit(self, feature: str) -> Range:
        """What a feature's value may be."""
        return self.limits.get(feature) or DEFAULT_LIMITS[feature]


@dataclass(frozen=True)
class Setting:
    """What a device shall be like; None leaves it as it is."""

    on: bool | None = None
    """Of a cover: open."""

    brightness: float | None = None
    """Percent."""

    hue: float | None = None
    """Degrees, 0 to 360; with `saturation`."""

    saturation: float | None = None
    """Percent."""

    kelvin: float | None = None
    """The temperature of white light."""

    temperature: float | None = None
    """Degrees Celsius that the heating shall keep."""

    position: float | None = None
    """Percent that a cover is open."""

    def to_json(self) -> dict[str, Any]:
        """What is set, in plain JSON."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Setting:
        """Reads what `to_json` wrote."""
        known = {entry.name for entry in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})


@dataclass(frozen=True)
class State:
    """What a device has reported; None where it has not."""

    on: bool | None = None
    brightness: float | None = None
    hue: float | None = None
    saturation: float | None = None
    kelvin: float | None = None
    white: bool | None = None
    """Whether its light is white rather than coloured."""

    target: float | None = None
    """Degrees Celsius that the heating keeps."""

    temperature: float | None = None
    """Degrees Celsius measured."""

    humidity: float | None = None
    """Percent measured."""

    position: float | None = None
    available: bool | None = None

    def with_news(self, news: State) -> State:
        """This state, with what has been reported since."""
        told = {key: value for key, value in asdict(news).items() if value is not None}
        return replace(self, **told)

    @property
    def reported(self) -> bool:
        """Whether anything but its availability is known."""
        return any(v is not None for k, v in asdict(self).items() if k != "available")


@dataclass(frozen=True)
class Home:
    """A house: its devices and its scenes."""

    devices: tuple[Device, ...]
    scenes: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    """By name: the devices' names and what each shall be like."""

    base_topic: str = ZIGBEE2MQTT
    """Zigbee2MQTT's own topic."""

    def device(self, name: str) -> Device | None:
        """The device of exactly that name."""
        return next((device for device in self.devices if device.name == name), None)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms, in the file's order."""
        return tuple(dict.fromkeys(device.room for device in self.devices if device.room))
