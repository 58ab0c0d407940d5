"""What the home skill notes of each change, and how it is taken back."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clients.mqtt import BrokerError
from actions.effects import note_effect
from actions.home_control import UNSENT, Outcome, set_devices
from actions.home_devices import Setting
from actions.home_file import HomeFileError, read_home
from actions.home_protocols import restoring
from actions.home_replies import say_restored
from actions.home_speaking import name_all
from actions.settings.home import read_home_settings
from actions.speaking import join, speak_name

logger = logging.getLogger(__name__)

SKILL = "home"


def note_home(
    outcomes: Sequence[Outcome], intent: str, entities: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The event that notes a change; none where nothing was sent.

    Args:
        outcomes: What became of it.
        intent: What the person wanted.
        entities: With the intent, how the same would be said in one message.
    """
    sent = [outcome for outcome in outcomes if outcome.result != UNSENT]
    if not sent:
        return []
    before: dict[str, Any] = {}
    for outcome in sent:
        back = restoring(outcome.before, outcome.setting or Setting())
        before[outcome.device.name] = back.to_json() if back else None
    return [note_effect(SKILL, {"before": before}, intent, entities)]


async def undo_home(
    dispatcher: CollectingDispatcher, _tracker: Tracker, undo: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Sets devices to what they were, as far as they had said it."""
    before: Mapping[str, Any] = undo.get("before") or {}
    try:
        home = read_home(read_home_settings().file)
        known = {name: Setting.from_json(b) for name, b in before.items() if b}
        devices = [device for device in map(home.device, known) if device]
        if devices:
            outcomes = await set_devices(home, devices, lambda d, _: known[d.name])
            say_restored(dispatcher, outcomes)
    except HomeFileError as error:
        logger.error("%s", error)
        dispatcher.utter_message(response="utter_home_file_wrong", problem=str(error))
        return []
    except BrokerError as error:
        logger.error("The home is out of reach: %s", error)
        dispatcher.utter_message(response="utter_home_unavailable")
        return []
    there = {device.name for device in devices}
    if lost := [name for name in before if name not in there]:
        named = [device for device in map(home.device, lost) if device]
        names = name_all(named) if named else join([speak_name(name) for name in lost])
        dispatcher.utter_message(response="utter_home_not_restored", devices=names)
    return []
