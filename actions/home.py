"""The home skill: setting devices, answering questions about them, scenes."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from rapidfuzz import fuzz, process
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import buttons_by_place, fitting, most_named
from actions.choices import Choice, offer
from actions.clients.mqtt import BrokerError
from actions.ending_forms import EndsForm
from actions.home_colours import COLOURS, WHITES, colour_setting
from actions.home_control import set_devices
from actions.home_devices import HEATING, Device, Home
from actions.home_effects import note_home
from actions.home_file import HomeFileError, NoHomeFileError, read_home
from actions.home_forms import COMMAND, TARGETS, meant_by
from actions.home_questions import answer_question
from actions.home_replies import say_outcomes, say_problem
from actions.home_requests import (
    ASK,
    SCENE,
    TURN_OFF,
    NothingToSetError,
    command_of,
    read_wish,
    spoken_again,
)
from actions.home_speaking import name_all
from actions.home_talk import note_talk
from actions.home_wishes import Wish, setting_for
from actions.reading import entities_of, text_of
from actions.settings.home import read_home_settings
from actions.speaking import join, speak_name

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

_ALIKE = 80
"""How much of a scene's name must be in what was said (of 100)."""


class HomeAction(Action, ABC):
    """An action on the house, which says so when that is not set up or out of reach."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    @abstractmethod
    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker, home: Home) -> Events:
        """Does it; may raise `BrokerError`."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Does it, or says why not."""
        dispatcher = fitting(dispatcher, tracker)
        try:
            return await self.act(dispatcher, tracker, read_home(read_home_settings().file))
        except NoHomeFileError:
            dispatcher.utter_message(response="utter_home_no_file")
        except HomeFileError as error:
            logger.error("%s", error)
            dispatcher.utter_message(
                response="utter_home_file_wrong", problem=speak_name(str(error))
            )
        except BrokerError as error:
            logger.error("%s: the home is out of reach: %s", self.name(), error)
            dispatcher.utter_message(response="utter_home_unavailable")
        return []


class ActionControlHome(EndsForm, HomeAction):
    """Does what `home_form` gathered, or answers what it found to be a question."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_control_home"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker, home: Home) -> Events:
        """Sets the devices and says what became of it."""
        command: Mapping[str, Any] = tracker.get_slot(COMMAND) or {}
        if command.get("problem"):
            say_problem(dispatcher, command["problem"], home, most_named(tracker))
            return []
        devices = [d for d in map(home.device, tracker.get_slot(TARGETS) or []) if d]
        if not devices:
            dispatcher.utter_message(response="utter_given_up")
            return []
        room = command.get("room") or _only_room(devices)
        if command["intent"] == ASK:
            enumerated = await answer_question(
                dispatcher, home, devices, command["text"], room=room, one_by_one=False
            )
            return [note_talk(devices, room, command), offer(enumerated)]
        try:
            wish = read_wish(command, devices)
        except NothingToSetError:
            dispatcher.utter_message(response="utter_home_ask_setting", devices=name_all(devices))
            return [note_talk(devices, room, command)]
        if wish.colour and colour_setting(wish.colour) is None:
            known = join([*list(COLOURS)[:1], "orange", "blue", *list(WHITES)[1:2]])
            dispatcher.utter_message(
                response="utter_home_unknown_colour",
                colour=speak_name(wish.colour),
                colours=known,
            )
            return [note_talk(devices, room, command)]
        outcomes = await set_devices(home, devices, lambda d, now: setting_for(d, wish, now))
        say_outcomes(dispatcher, outcomes, wish.colour)
        if command.get("everything") and command["intent"] == TURN_OFF and _heats(home, wish):
            dispatcher.utter_message(response="utter_home_heating_stays")
        again = spoken_again(command, devices)
        noted = note_home(outcomes, command["intent"], again)
        return [note_talk(devices, room, command), *noted]


class ActionAskHome(HomeAction):
    """Answers a question about devices or rooms."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_home"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker, home: Home) -> Events:
        """Asks the devices, or says which of those named there are not."""
        message = tracker.latest_message
        command = command_of(message)
        meant = meant_by(home, tracker, command)
        if meant.unknown:
            problem = {"what": "unknown", "name": meant.unknown[0]}
            say_problem(dispatcher, problem, home, most_named(tracker))
            return []
        if meant.nowhere:
            kind, room = meant.nowhere
            say_problem(dispatcher, {"what": "nowhere", "kind": kind, "room": room}, home)
            return []
        # A question does no harm: one of several is answered for all of them.
        devices = list(meant.devices or meant.several) or list(home.devices)
        enumerated = await answer_question(
            dispatcher,
            home,
            devices,
            text_of(message),
            room=meant.room,
            one_by_one=bool(meant.devices) and not meant.grouped,
        )
        if not meant.devices and not meant.several:
            return [offer(enumerated)]
        # Asking how warm a room is names none of its lamps: "it" is none of them.
        named = devices if entities_of(message, "device") or not meant.grouped else []
        found = [d for d in (home.device(choice.title) for choice in enumerated) if d]
        where = meant.room or _only_room(devices)
        return [note_talk(found or named, where, command), offer(enumerated)]


class ActionActivateScene(HomeAction):
    """Sets all that a scene is made of."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_activate_scene"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker, home: Home) -> Events:
        """Sets it, or says which scenes there are."""
        if not home.scenes:
            dispatcher.utter_message(response="utter_home_no_scenes")
            return []
        message = tracker.latest_message
        named = entities_of(message, "scene")
        scene = _find_scene(home, [*named, text_of(message)])
        if scene is None:
            dispatcher.utter_message(
                response="utter_home_unknown_scene",
                scenes=join([speak_name(name) for name in home.scenes], most_named(tracker)),
                buttons=buttons_by_place(tracker, list(home.scenes)),
            )
            choices = [
                Choice(name, SCENE, [{"entity": "scene", "value": name}]) for name in home.scenes
            ]
            return [offer(choices)]
        settings = home.scenes[scene]
        devices = [device for device in map(home.device, settings) if device]
        outcomes = await set_devices(home, devices, lambda d, _: settings[d.name])
        dispatcher.utter_message(response="utter_home_scene", scene=speak_name(scene))
        say_outcomes(dispatcher, outcomes)
        entities = [{"entity": "scene", "value": scene}]
        command = {**command_of(message), "intent": SCENE}
        return [
            note_talk(devices, _only_room(devices), command),
            *note_home(outcomes, SCENE, entities),
        ]


def _find_scene(home: Home, said: list[str]) -> str | None:
    names = {name.casefold(): name for name in home.scenes}
    for words in said:
        found = process.extractOne(
            words.casefold(), list(names), scorer=fuzz.token_set_ratio, score_cutoff=_ALIKE
        )
        if found:
            return names[found[0]]
    return None


def _only_room(devices: list[Device]) -> str | None:
    rooms = {device.room for device in devices}
    return rooms.pop() if len(rooms) == 1 else None


def _heats(home: Home, wish: Wish) -> bool:
    return wish.on is False and any(device.kind == HEATING for device in home.devices)
