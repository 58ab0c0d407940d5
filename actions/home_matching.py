"""Which devices are meant: by their names, kinds and rooms, said loosely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA

from actions.home_devices import COVER, HEATING, LIGHT, PLUG, SENSOR, Device, Home

_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FILLERS = frozenset(
    "the a an my our your this that these those in on at of to please one ones all both every "
    "each room's whole entire of for just other".split()
)
_KIND_WORDS = {
    "light": LIGHT, "lamp": LIGHT, "bulb": LIGHT, "lighting": LIGHT, "illumination": LIGHT,
    "plug": PLUG, "socket": PLUG, "outlet": PLUG, "switch": PLUG, "appliance": PLUG,
    "heating": HEATING, "heater": HEATING, "radiator": HEATING, "thermostat": HEATING,
    "heat": HEATING, "blind": COVER, "shutter": COVER, "curtain": COVER, "cover": COVER,
    "shade": COVER, "sensor": SENSOR, "thermometer": SENSOR,
}  # fmt: skip
_EVERYTHING = frozenset({"everything", "all", "device", "thing", "house", "home", "flat", "place"})
_MASS_NOUNS = frozenset({"heating", "heat", "lighting", "illumination"})
_ALL = re.compile(r"(?i)\b(all|every|everything|both|each|everywhere)\b")
_LEAST_LETTERS_TO_MISSPELL = 5

_AT_THE_END = re.compile(r"(?i)\bin (?:the|my|our) (\w+(?: room)?)(?:,? please)?[.!?]*$")
_NO_ROOMS = frozenset(
    "house home flat apartment building place morning afternoon evening night dark middle "
    "meantime future end corner".split()
)

EVERYTHING_KINDS = (LIGHT, PLUG)
"""What "everything" stands for. A house whose heating is off freezes."""


@dataclass(frozen=True)
class Meant:
    """Which devices somebody means."""

    devices: tuple[Device, ...] = ()
    room: str | None = None
    """The room that was named, by its name in the file."""

    several: tuple[Device, ...] = ()
    """Where one is meant and these fit alike."""

    unknown: tuple[str, ...] = ()
    """Names that nothing has."""

    nowhere: tuple[str, str] | None = None
    """A kind of device and a room that has none of it."""

    everything: bool = False
    """Whether "everything" was said, rather than some kind or some names."""

    grouped: bool = field(default=False)
    """Whether a kind or a room stands for the devices, rather than their names."""


def find_room(home: Home, name: str) -> str | None:
    """The room of that name, a slip of the keys forgiven."""
    rooms = {_key(room): room for room in home.rooms}
    key = _key(name)
    if key in rooms:
        return rooms[key]
    shorter = _key(" ".join(w for w in key.split() if w != "room"))
    for known, room in rooms.items():
        if shorter and shorter == _key(" ".join(w for w in known.split() if w != "room")):
            return room
    close = _close(key, list(rooms))
    return rooms[close] if close else None


def find_devices(
    home: Home, names: Sequence[str], rooms: Sequence[str], text: str, kinds: Sequence[str]
) -> Meant:
    """Finds what a message names.

    Args:
        home: The house.
        names: The devices as they were called, one after the other.
        rooms: The rooms as they were called.
        text: The message; "all the lamps" are not one of several.
        kinds: What can be meant by a room alone, or by "everything".
    """
    known_rooms = [find_room(home, room) for room in rooms]
    unknown = [room for room, found in zip(rooms, known_rooms, strict=True) if found is None]
    places = [room for room in known_rooms if room]
    if unknown:
        return Meant(unknown=tuple(unknown))
    room = places[-1] if places else None
    if not names:
        if not places:
            return Meant()
        found = [d for d in home.devices if d.room in places and d.kind in kinds]
        found = [device for device in found if not device.only_by_name]
        if not found:
            return Meant(room=room, nowhere=("device", places[0]))
        return Meant(tuple(found), room, grouped=True)
    parts = [_one(home, name, places, text, kinds) for name in names]
    return Meant(
        devices=tuple(dict.fromkeys(d for part in parts for d in part.devices)),
        room=room or next((part.room for part in parts if part.room), None),
        several=next((part.several for part in parts if part.several), ()),
        unknown=tuple(name for part in parts for name in part.unknown),
        nowhere=next((part.nowhere for part in parts if part.nowhere), None),
        everything=any(part.everything for part in parts),
        grouped=any(part.grouped for part in parts),
    )


def _one(home: Home, name: str, places: Sequence[str], text: str, kinds: Sequence[str]) -> Meant:
    """What one name stands for."""
    key = _key(name)
    inside = [d for d in home.devices if not places or d.room in places]
    # "The lamp in the kitchen" may well be called "kitchen lamp".
    wanted = [key, *(_key(f"{place} {name}") for place in places)]
    words = key.split()
    everyone = bool(_ALL.search(text))
    plural = everyone or bool(_plurals(name)) or bool(set(words) & _MASS_NOUNS)
    by_name = _named(inside, wanted, plural=everyone or bool(_plurals(name)))
    if not by_name and not text:
        # A correction ("no, the desk lamp") leaves the room of what it corrects.
        by_name = _named(home.devices, [key], plural=plural)
    if len(by_name) == 1:
        return Meant((by_name[0],))
    kind_words = [word for word in words if word in _KIND_WORDS]
    rest = " ".join(w for w in words if w not in _KIND_WORDS and w not in _EVERYTHING)
    own_room = find_room(home, rest) if rest else None
    if rest and own_room is None:
        return _by_words(inside, words, plural) or _misspelt(home, key) or Meant(unknown=(name,))
    here = [own_room] if own_room else list(places)
    everything = not kind_words
    allowed = tuple(kinds) if everything else tuple(_KIND_WORDS[w] for w in kind_words)
    group = [d for d in home.devices if d.kind in allowed and (not here or d.room in here)]
    group = [device for device in group if not device.only_by_name] or group
    room = own_room or (places[-1] if places else None)
    if not group:
        what = kind_words[0] if kind_words else "device"
        return Meant(room=room, nowhere=(what, here[0] if here else ""))
    if len(group) == 1 or plural or everything:
        # "Everything" in a room is that room.
        return Meant(tuple(group), room, everything=everything and not here, grouped=True)
    close = [d for d in group if set(words) <= set(_key(d.name).split())]
    if len(close) == 1:
        return Meant((close[0],), room)
    return Meant(several=tuple(close or group), room=room)


def names_in(home: Home, text: str) -> list[str]:
    """What a text calls devices, for want of entities: names in the file, else kinds.

    The names of somebody's own devices are in no training data.
    """
    key = f" {_key(text)} "
    found: list[str] = []
    names = {_key(name) for device in home.devices for name in (device.name, *device.aliases)}
    for name in sorted(names, key=len, reverse=True):
        if f" {name} " in key:
            found.append(name)
            key = key.replace(f" {name} ", "  ")
    if found:
        return found
    return [w for w in text.split() if _singular(w.casefold().strip(".,!?")) in _KIND_WORDS][:1]


def rooms_in(home: Home, text: str, names: Iterable[str]) -> list[str]:
    """The rooms that a text names beside the devices.

    A room at its end that is not in the file counts too ("the lights in the attic"): without
    it, the lights would be those of the whole house.
    """
    key = f" {_key(text)} "
    for name in names:
        key = key.replace(f" {_key(name)} ", "  ")
    known = [room for room in home.rooms if f" {_key(room)} " in key]
    strange = _AT_THE_END.search(text)
    if known or strange is None or strange[1].casefold() in _NO_ROOMS:
        return known
    return [strange[1]]


def _named(devices: Iterable[Device], keys: Sequence[str], *, plural: bool) -> list[Device]:
    """The devices with exactly one of the names; "kitchen lights" are not a kitchen light."""
    return [
        device
        for device in devices
        if any(
            _key(name) in keys and (not plural or bool(_plurals(name)) or not _kinds_in(name))
            for name in (device.name, *device.aliases)
        )
    ]


def _kinds_in(name: str) -> set[str]:
    return set(_key(name).split()) & set(_KIND_WORDS)


def _by_words(devices: Sequence[Device], words: Sequence[str], plural: bool) -> Meant | None:
    """The devices whose names, with their rooms, have all of the words.

    "Reading" is the reading lamp, "kitchen counter light" the counter light.
    """
    found = [
        device
        for device in devices
        if any(
            set(words) <= set(_key(f"{device.room or ''} {name}").split())
            for name in (device.name, *device.aliases)
        )
    ]
    if len(found) == 1:
        return Meant((found[0],))
    if found:
        return Meant(tuple(found), grouped=True) if plural else Meant(several=tuple(found))
    return None


def _misspelt(home: Home, key: str) -> Meant | None:
    by_key = {_key(name): d for d in home.devices for name in (d.name, *d.aliases)}
    close = _close(key, list(by_key))
    return Meant((by_key[close],)) if close else None


def _close(key: str, known: Sequence[str]) -> str | None:
    """The known name that is one or two slips of the keys away; None if two are alike."""
    if len(key) < _LEAST_LETTERS_TO_MISSPELL:
        return None
    slips = 1 if len(key) < 2 * _LEAST_LETTERS_TO_MISSPELL else 2
    found = process.extract(key, known, scorer=OSA.distance, score_cutoff=slips, limit=2)
    if not found or (len(found) == 2 and found[0][1] == found[1][1]):
        return None
    return str(found[0][0])


def _key(name: str) -> str:
    """The name's words, plain and singular: "the Kitchen lights" is "kitchen light"."""
    words = [w.casefold().replace("’", "'").removesuffix("'s") for w in _WORDS.findall(name)]
    kept = [word for word in words if word not in _FILLERS] or words
    return " ".join(_singular(word) for word in kept)


def _plurals(name: str) -> list[str]:
    words = [word.casefold() for word in _WORDS.findall(name)]
    return [w for w in words if w.endswith("s") and _singular(w) in _KIND_WORDS and len(w) > 3]


def _singular(word: str) -> str:
    """The singular of the words that count here; "glass" and "bus" stay."""
    if word.endswith("ches"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word
