"""The form of the home skill: it asks which device is meant, where that is not clear."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.channels import buttons, fitting, most_named
from actions.choices import CHOICES, Choice, offer
from actions.choosing import chosen
from actions.forms import ATTEMPTS, SkillForm, Slots
from actions.home_devices import COVER, HEATING, KINDS, LIGHT, PLUG, SENSOR, Device, Home
from actions.home_file import HomeFileError, read_home
from actions.home_matching import EVERYTHING_KINDS, Meant, find_devices, names_in, rooms_in
from actions.home_requests import (
    ASK,
    INFORM,
    PLACES,
    SET,
    TURN_OFF,
    TURN_ON,
    command_of,
    is_about_volume,
    is_bare_number,
    is_cosy,
    says_how,
    wished_kinds,
)
from actions.home_talk import command_in_talk, devices_in_talk, room_in_talk
from actions.reading import entities_of, intent_of, text_of
from actions.settings.home import read_home_settings
from actions.speaking import join, speak_name
from actions.values import ordinals

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

COMMAND = "home_command"
"""The slot: what is wanted, and what stands in its way (`problem`) or in doubt (`several`)."""

TARGETS = "home_targets"
"""The slot: the names of the devices that it is wanted of."""

_TRIGGERS = frozenset({TURN_ON, TURN_OFF, SET, INFORM})
_THERE = re.compile(r"(?i)\bthere\b")
_HERE = re.compile(r"(?i)\b(it|them|that|those|these|this)\b")


class ValidateHomeForm(SkillForm):
    """Fills `home_form`."""

    trigger = TURN_ON
    answer_intents = SkillForm.answer_intents | _TRIGGERS

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_home_form"

    async def extract_home_targets(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the devices from the message; at the start the wish as well.

        Rasa drops what is extracted for a slot that the form does not require; so both are in
        this one until it is validated.
        """
        try:
            home = read_home(read_home_settings().file)
        except HomeFileError as error:
            # The action will say so.
            logger.error("%s", error)
            return _read(None)
        message = tracker.latest_message
        if self.starts_now(tracker) or self._is_another_wish(message):
            return self._begin(home, tracker)
        if not self.answers(tracker):
            return {}
        command = dict(tracker.get_slot(COMMAND) or {})
        meant = _answer(home, tracker, command)
        if meant.several and len(meant.several) < len(command.get("several") or home.devices):
            return _read(_doubtful(command, meant))
        return _read(command, meant.devices)

    async def validate_home_targets(
        self, value: Any, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Counts the answers that name nothing; with a problem there is nothing to ask."""
        if not isinstance(value, Mapping):
            return {}
        command, targets = value["command"], value["targets"] or None
        narrower = command != tracker.get_slot(COMMAND)
        slots = self.accepted(TARGETS, targets, tracker)
        if narrower:
            slots[ATTEMPTS] = 0
            slots.pop(REQUESTED_SLOT, None)
        slots[COMMAND] = command
        if not targets and (command is None or command.get("problem")):
            slots[REQUESTED_SLOT] = None
        return slots

    def _is_another_wish(self, message: Mapping[str, Any]) -> bool:
        """Whether somebody wants something else instead of answering."""
        return intent_of(message) in (TURN_ON, TURN_OFF, SET) and bool(
            text_of(message) and (entities_of(message, "device") or entities_of(message, "room"))
        )

    def _begin(self, home: Home, tracker: Tracker) -> Slots:
        message = tracker.latest_message
        command = command_of(message)
        if is_about_volume(text_of(message)):
            return _problem(command, {"what": "volume"})
        if intent_of(message) == INFORM:
            # "The bedroom too": the last wish once more.
            last = command_in_talk(tracker)
            if last is None:
                return _problem(command, {"what": "no_wish"})
            places = [e for e in command["entities"] if e["entity"] in PLACES]
            command = {**last, "problem": None, "several": None, "places": places}
        meant = meant_by(home, tracker, command)
        if meant.unknown:
            return _problem(command, {"what": "unknown", "name": meant.unknown[0]})
        if meant.nowhere:
            kind, room = meant.nowhere
            return _problem(command, {"what": "nowhere", "kind": kind, "room": room})
        if meant.several:
            return _read(_doubtful(command, meant))
        command = {**command, "room": meant.room, "everything": meant.everything}
        return _read(command, meant.devices)


class ActionAskHomeTargets(Action):
    """Asks which device is meant, and offers those that can be."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_home_targets"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Asks."""
        command = tracker.get_slot(COMMAND) or {}
        names = [str(name) for name in command.get("several") or []]
        if not names:
            offered = buttons(tracker, [(room, f"the {room}") for room in _rooms()])
            dispatcher.utter_message(response="utter_ask_home_device", buttons=offered)
            return [SlotSet(CHOICES, None)]
        spoken = [speak_name(name) for name in names]
        fitting(dispatcher, tracker).utter_message(
            response="utter_ask_home_which",
            devices=join(spoken, most_named(tracker)),
            buttons=buttons(tracker, [(name, f"the {name}") for name in names]),
        )
        chosen_by = [Choice(name, INFORM, [{"entity": "device", "value": name}]) for name in names]
        return [offer(chosen_by)]


def _rooms() -> Sequence[str]:
    """The rooms there are; none where the file cannot be read, which the action will say."""
    try:
        return read_home(read_home_settings().file).rooms
    except HomeFileError:
        return ()


def meant_by(home: Home, tracker: Tracker, command: Mapping[str, Any]) -> Meant:
    """The devices that the latest message means, with what was talked of before it.

    Args:
        home: The house.
        tracker: The conversation.
        command: What is wanted of them, which need not be in that message.
    """
    message = tracker.latest_message
    text = text_of(message)
    names, rooms = (
        [name for name in entities_of(message, kind) if not says_how(name)] for kind in PLACES
    )
    if not names:
        names = names_in(home, text)
    if not rooms:
        rooms = rooms_in(home, text, names)
    place = room_in_talk(tracker)
    if not rooms and place and _THERE.search(text):
        rooms = [place]
    picked = _picked(home, tracker)
    if picked and not names:
        return Meant((picked,), picked.room)
    kinds = kinds_for(command)
    names = [name for name in names if not _HERE.fullmatch(name.strip())]
    if rooms and not names and is_bare_number(command):
        # "Set the bathroom to 21": degrees, of a room.
        kinds = (HEATING,)
    if names or rooms:
        return find_devices(home, names, rooms, text, kinds)
    # "It" is what was named, of whatever kind, as long as the wish can be about it.
    about = (LIGHT, HEATING) if is_cosy(command) else wished_kinds(command) or KINDS
    before = [device for device in devices_in_talk(tracker, home) if device.kind in about]
    if before:
        return Meant(tuple(before), place)
    if place and wished_kinds(command):
        return find_devices(home, [], [place], text, kinds)
    fitting = [device for device in home.devices if device.kind in kinds]
    fitting = [device for device in fitting if not device.only_by_name]
    if wished_kinds(command) and len(fitting) == 1:
        return Meant((fitting[0],), fitting[0].room)
    if wished_kinds(command) and 1 < len(fitting) <= _MOST_TO_OFFER:
        return Meant(several=tuple(fitting))
    return Meant()


_MOST_TO_OFFER = 6


def kinds_for(command: Mapping[str, Any]) -> tuple[str, ...]:
    """What a command can be about that names a room, or nothing at all."""
    intent = command["intent"]
    if intent == ASK:
        return (LIGHT, PLUG, HEATING, COVER, SENSOR)
    words = str(command.get("text") or "").casefold()
    if intent in (TURN_ON, TURN_OFF):
        if re.search(r"\b(open|close|shut)", words):
            return (COVER,)
        return EVERYTHING_KINDS
    return wished_kinds(command) or (LIGHT, HEATING, COVER)


def _answer(home: Home, tracker: Tracker, command: Mapping[str, Any]) -> Meant:
    """The devices that an answer to "which one?" means: among those asked about, if it can be."""
    names = [str(name) for name in command.get("several") or []]
    asked = [device for device in map(home.device, names) if device]
    message = tracker.latest_message
    picked = _picked(home, tracker)
    if picked:
        return Meant((picked,))
    text = text_of(message)
    if asked and re.search(r"(?i)\b(all|both|every|each)\b", text):
        return Meant(tuple(asked))
    named, rooms = entities_of(message, "device"), entities_of(message, "room")
    named = named or ([] if rooms else [text])
    for house in (Home(tuple(asked)), home) if asked else (home,):
        meant = find_devices(house, named, rooms, text, kinds_for(command))
        if meant.devices or meant.several:
            return meant
    return Meant()


def _picked(home: Home, tracker: Tracker) -> Device | None:
    """The device that "the second one" stands for among those enumerated last."""
    choices: Sequence[Mapping[str, Any]] = tracker.get_slot(CHOICES) or []
    if not choices or not ordinals(tracker.latest_message):
        return None
    index = chosen(tracker.latest_message, [str(choice["title"]) for choice in choices])
    return None if index is None else home.device(str(choices[index]["title"]))


def _doubtful(command: Mapping[str, Any], meant: Meant) -> dict[str, Any]:
    return {**command, "room": meant.room, "several": [device.name for device in meant.several]}


def _problem(command: Mapping[str, Any], problem: Mapping[str, Any]) -> Slots:
    return _read({**command, "problem": dict(problem)})


def _read(command: Mapping[str, Any] | None, devices: Sequence[Device] = ()) -> Slots:
    """What `validate_home_targets` takes apart."""
    return {TARGETS: {"command": command, "targets": [device.name for device in devices]}}
