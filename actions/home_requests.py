"""Reading what somebody wants of devices out of a message.

What has few words in English ("brighter", "down", "half") is read off the text; an entity
`adjustment` stands for it where a message is said on the user's behalf and has no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from actions.home_colours import NAMES
from actions.home_devices import COLOUR_TEMPERATURE, COVER, HEATING, LIGHT, Device
from actions.home_wishes import Wish
from actions.reading import entities_of, intent_of, text_of
from actions.values import is_shared, measures, numbers, percentages

Message = Mapping[str, Any]

TURN_ON, TURN_OFF, SET = "turn_on", "turn_off", "set_device"
ASK, SCENE, INFORM = "ask_device_state", "activate_scene", "inform_device"

_DIRECTIONS = {
    "brighter": 1, "lighter": 1, "up": 1, "raise": 1, "increase": 1, "higher": 1, "more": 1,
    "brighten": 1, "warmer": 1, "hotter": 1, "warm": 1, "dark": 1, "cold": 1,
    "freezing": 1, "chilly": 1, "gloomy": 1,
    "cosier": 1, "cozier": 1, "cosy": 1, "cozy": 1, "snugger": 1,
    "dimmer": -1, "darker": -1, "down": -1, "lower": -1, "decrease": -1, "reduce": -1, "less": -1,
    "dim": -1, "darken": -1, "cooler": -1, "colder": -1, "cool": -1, "bright": -1, "hot": -1,
    "softer": -1, "boiling": -1, "glaring": -1,
}  # fmt: skip
"""Up or down; "it is too dark" asks for more."""

_COMPLAINTS = frozenset(
    "dark cold freezing chilly gloomy bright hot boiling glaring warm cool".split()
)
"""Words that ask for the contrary only where something is too much of it."""

_TOO_WARM = {"warm": -1, "cool": 1}
_COSY = frozenset("cosier cozier cosy cozy snugger".split())
"""Of heating, warmer; of a light, warmer and a little dimmer."""

_OF_HEAT = _COSY | frozenset(
    "warmer hotter warm cold freezing chilly cooler colder cool hot boiling".split()
)
_OF_LIGHT = frozenset(
    "brighter lighter brighten dark gloomy dimmer darker dim darken bright glaring".split()
)
_WEAK = frozenset({"dim", "darken", "brighten"})
"""Verbs beside which a value is where to go, not by how much."""

_SMALL = re.compile(r"(?i)\b(a bit|a little|slightly|a touch|a tad|somewhat|a smidge)\b")
_LARGE = re.compile(r"(?i)\b(much|a lot|lots|way|far|considerably|significantly)\b")
_LEVELS = (
    (re.compile(r"(?i)\b(half ?-?way|half|medium)\b"), 50.0),
    (re.compile(r"(?i)\b(a quarter)\b"), 25.0),
)
_MOST = re.compile(r"(?i)\b(full(?:y)?|max(?:imum)?|all the way|brightest|completely)\b")
_LEAST = re.compile(r"(?i)\b(min(?:imum)?|lowest|dimmest)\b")
_GOAL = re.compile(r"(?i)\b(to|at|on)\s+(?:about |around |roughly )?$")
_BY = re.compile(r"(?i)\bby\s+(?:about |around )?$")
_COLOURS = re.compile(
    r"(?i)\b(" + "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True)) + r")\b"
)
_WORDS = re.compile(r"[a-z]+")
_VOLUME = re.compile(
    r"(?i)\b(?:volume|louder|too loud|quieter|too quiet|mute|unmute)\b"
    r"|\bturn\b.*\b(?:music|sound|radio|song)\b.*\b(?:up|down)\b"
    r"|\bturn (?:up|down)\b.*\b(?:music|sound|radio|song)\b"
)
_OFF = re.compile(r"(?i)\b(off|out|close|closed|shut)\b")
_ON = re.compile(r"(?i)\b(on|open|opened)\b")

PLACES = ("device", "room")
"""The entities that say which devices are meant."""

_STEPS = {LIGHT: (10.0, 25.0, 40.0), HEATING: (0.5, 1.0, 2.0), COVER: (10.0, 25.0, 40.0)}
"""A bit, plainly, much: percent, degrees, percent."""

_WARMTH_STEPS = (400.0, 800.0, 1500.0)
"""Kelvin."""


@dataclass(frozen=True)
class _Adjustment:
    """More or less of something: "brighter", "up", "a bit cooler"."""

    word: str
    direction: int
    of_heat: bool
    of_light: bool
    weak: bool
    size: int
    """An index into the steps."""


class NothingToSetError(Exception):
    """The message names no brightness, colour or temperature."""


def command_of(message: Message) -> dict[str, Any]:
    """What of a message is kept until the devices are known, in plain JSON."""
    kept = ("entity", "value", "start", "end", "additional_info")
    entities = [
        {key: e[key] for key in kept if e.get(key) is not None}
        for e in message.get("entities") or []
        if not (e.get("entity") in PLACES and says_how(str(e.get("value"))))
    ]
    return {"intent": _intent(message), "text": text_of(message), "entities": entities}


def spoken_again(command: Mapping[str, Any], devices: Iterable[Device]) -> list[dict[str, Any]]:
    """The entities with which a command would be said in one message without a text.

    Devices are called as they were, so that a correction of the room finds others; where they
    were not, or it had to be asked which, they are named.
    """
    said = [e for e in command["entities"] if e["entity"] != "adjustment"]
    rest = [e for e in said if e["entity"] not in PLACES]
    # "The bedroom too": what was said first was of another room.
    places = command.get("places") or [e for e in said if e["entity"] in PLACES]
    if not places or command.get("several"):
        places = [{"entity": "device", "value": device.name} for device in devices]
    kept = ("entity", "value", "additional_info")
    entities = [{key: e[key] for key in kept if key in e} for e in (*rest, *places)]
    message = _message(command)
    if (adjustment := _spoken_adjustment(message)) and not _value_is_goal(message):
        entities.append({"entity": "adjustment", "value": adjustment})
    return entities


def _spoken_adjustment(message: Message) -> str:
    """The words of a message that say more, less, half or as far as it goes."""
    text = str(message["text"])
    patterns = (_SMALL, _LARGE, _MOST, _LEAST, *(pattern for pattern, _ in _LEVELS))
    words = [found[0] for pattern in patterns if (found := pattern.search(text))]
    adjustment = _adjustment(message)
    return " ".join([*words, *([adjustment.word] if adjustment else [])])


def _value_is_goal(message: Message) -> bool:
    """Whether a number is said that is not by how much."""
    kinds = ("temperature", "percentage", "number")
    kind = next((k for k in kinds if any(e["entity"] == k for e in message["entities"])), None)
    return kind is not None and not _is_relative(message, kind, _adjustment(message))


def wished_kinds(command: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The kinds of device that a command can be about where it names none; None: any."""
    message = _message(command)
    adjustment = _adjustment(message)
    if measures(message, "temperature") or (adjustment and adjustment.of_heat):
        return (HEATING,)
    if _colour(message) or percentages(message) or (adjustment and adjustment.of_light):
        return (LIGHT,)
    return None


def says_how(name: str) -> bool:
    """Whether what was taken for a device or a room only says how it is to be: "make it cozy"."""
    return name.casefold().strip() in _COSY


def is_about_volume(text: str) -> bool:
    """Whether something is to be louder or quieter, which nothing in the house can be told."""
    return bool(_VOLUME.search(text))


def is_cosy(command: Mapping[str, Any]) -> bool:
    """Whether it is to be cosier, which lights and heating can both do something for."""
    adjustment = _adjustment(_message(command))
    return adjustment is not None and adjustment.word in _COSY


def is_bare_number(command: Mapping[str, Any]) -> bool:
    """Whether a command names a number and nothing that says what of."""
    message = _message(command)
    return bool(numbers(message)) and wished_kinds(command) is None


def read_wish(command: Mapping[str, Any], devices: Iterable[Device]) -> Wish:
    """What a command wants of the devices.

    Raises:
        NothingToSetError: It does not say.
    """
    message, intent = _message(command), command["intent"]
    if intent == TURN_OFF:
        return Wish(on=False)
    devices = list(devices)
    kinds = {device.kind for device in devices}
    wish = _values(message, kinds)
    if kinds == {LIGHT} and wish.warmth_by is not None and is_cosy(command):
        wish = _cosy(wish, devices)
    if intent == TURN_ON and (wish == Wish() or wish.relative):
        return Wish(on=True)
    if wish != Wish():
        return wish
    raise NothingToSetError


def _values(message: Message, kinds: set[str]) -> Wish:
    adjustment = _adjustment(message)
    colour = _colour(message)
    warm = kinds == {HEATING} or bool(measures(message, "temperature"))
    value, relative = _value(message, warm, adjustment)
    if value is None:
        end = None if kinds == {HEATING} else _end(message, adjustment)
        if end or colour:
            return Wish(level=end.level if end else None,
                        level_by=end.level_by if end else None, colour=colour)  # fmt: skip
        return _step(adjustment, kinds) if adjustment else Wish()
    if relative and adjustment:
        by = adjustment.direction * abs(value)
        return Wish(temperature_by=by) if warm else Wish(level_by=by, colour=colour)
    return Wish(temperature=value) if warm else Wish(level=value, colour=colour)


def _value(
    message: Message, warm: bool, adjustment: _Adjustment | None
) -> tuple[float | None, bool]:
    """The number that is said, and whether it is by how much."""
    # "From 18 to 20 degrees": to the second.
    said = {**message, "entities": [e for e in message["entities"] if not is_shared(e)]}
    if warm:
        degrees = measures(said, "temperature")
        if degrees:
            fahrenheit = degrees[0].unit == "fahrenheit"
            value: float | None = degrees[0].value
        else:
            fahrenheit, value = False, next(iter(numbers(said)), None)
        kind = "temperature" if degrees else "number"
    else:
        fahrenheit, found = False, percentages(said)
        value = next(iter(found or numbers(said)), None)
        kind = "percentage" if found else "number"
    relative = _is_relative(message, kind, adjustment)
    if value is not None and fahrenheit:
        value = value * 5 / 9 if relative else (value - 32) * 5 / 9
    return value, relative


def _is_relative(message: Message, kind: str, adjustment: _Adjustment | None) -> bool:
    if adjustment is None:
        return False
    text = str(message.get("text") or "")
    start = next((e.get("start") for e in message["entities"] if e["entity"] == kind), None)
    if start is None:
        # Said on the user's behalf: `spoken_again` keeps the adjustment of relative values only.
        return True
    before = text[: int(start)]
    if _GOAL.search(before):
        return False
    return bool(_BY.search(before)) or not adjustment.weak


def _step(adjustment: _Adjustment, kinds: set[str]) -> Wish:
    if kinds == {LIGHT} and adjustment.of_heat:
        # The fewer kelvin, the warmer.
        return Wish(warmth_by=-adjustment.direction * _WARMTH_STEPS[adjustment.size])
    if HEATING in kinds and not adjustment.of_light:
        return Wish(temperature_by=adjustment.direction * _STEPS[HEATING][adjustment.size])
    return Wish(level_by=adjustment.direction * _STEPS[LIGHT][adjustment.size])


def _cosy(wish: Wish, lights: Iterable[Device]) -> Wish:
    """Dimmer as well as warmer; only dimmer where the lights have no warmth to change."""
    warm = all(light.can(COLOUR_TEMPERATURE) for light in lights)
    return Wish(level_by=-_STEPS[LIGHT][0], warmth_by=wish.warmth_by if warm else None)


def _adjustment(message: Message) -> _Adjustment | None:
    """What the text, or an entity in its place, says of more and less."""
    text = str(message.get("text") or "")
    rest = _COLOURS.sub(" ", _without(message, "device", "room")).casefold()
    words = _WORDS.findall(rest)
    too = bool(re.search(r"\b(too|so|freezing|boiling)\b", rest))
    # "So cosy, a touch warmer still": plain words have the first say.
    for word in sorted(filter(_DIRECTIONS.__contains__, words), key=_COSY.__contains__):
        direction = _DIRECTIONS[word]
        if word in _COMPLAINTS and too:
            direction = _TOO_WARM.get(word, direction)
        size = 0 if _SMALL.search(text) else 2 if _LARGE.search(text) else 1
        return _Adjustment(
            word, direction, word in _OF_HEAT, word in _OF_LIGHT, weak=word in _WEAK, size=size
        )
    return None


def _end(message: Message, adjustment: _Adjustment | None) -> Wish | None:
    """Half, or as far as it goes either way."""
    text = str(message.get("text") or "")
    down = adjustment is not None and adjustment.direction < 0
    if _LEAST.search(text) or (_MOST.search(text) and down):
        return Wish(level_by=-100)
    if _MOST.search(text):
        return Wish(level_by=100)
    return next((Wish(level=level) for pattern, level in _LEVELS if pattern.search(text)), None)


def _colour(message: Message) -> str | None:
    known = _COLOURS.findall(_without(message, "device", "room", "scene"))
    named = entities_of(message, "colour")
    # The model may take "warm white" for "white"; and it may know a colour that is not known here.
    if named and not any(named[-1].casefold() in colour.casefold() for colour in known):
        return named[-1]
    return str(known[-1]) if known else None


def _without(message: Message, *kinds: str) -> str:
    """The text without what is of some kind of entity: "the green lamp" is not to be green."""
    text = list(str(message.get("text") or ""))
    for entity in message["entities"]:
        if entity["entity"] in kinds and "start" in entity and "end" in entity:
            text[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    return "".join(text)


def _intent(message: Message) -> str:
    """The message's intent; plain words about on and off have the last say."""
    intent, text = intent_of(message), text_of(message)
    on, off = bool(_ON.search(text)), bool(_OFF.search(text))
    if intent == TURN_ON and off and not on:
        return TURN_OFF
    if intent == TURN_OFF and on and not off:
        return TURN_ON
    return intent


def _message(command: Mapping[str, Any]) -> dict[str, Any]:
    entities = list(command.get("entities") or [])
    said = command.get("text") or " ".join(
        str(e["value"]) for e in entities if e["entity"] == "adjustment"
    )
    return {"text": said, "entities": entities}
