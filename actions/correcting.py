"""Doing the last thing once more with something else in it ("no, seven").

What was done is taken back, and the request is said again on the user's behalf, with what the
correction names in the place of what it corrects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.effects import LAST_EFFECT
from actions.reading import intent_of
from actions.replaying import say_for_user
from actions.undo import HANDLERS

Events = list[dict[str, Any]]
Entity = Mapping[str, Any]

CONVERSATION = frozenset(
    "affirm deny cancel correct undo repeat choose start_over greet thank praise complain "
    "mood_great mood_unhappy nlu_fallback out_of_scope ask_capabilities".split()
)
"""Intents about the talk itself: what is corrected is a request before them."""

TAKE_A_NUMBER = ("time", "duration", "percentage", "temperature", "amount", "quantity", "number")
"""The entities that a bare number can stand for, the first that the request has."""

_HALF_OF_DAY = re.compile(
    r"(?i)\b(?:a\.?m|p\.?m|morning|noon|midday|afternoon|evening|night|tonight|midnight)\b"
    r"|\d\s*[ap]\.?m\b|\b(?:0\d[:.]|1[3-9]|2[0-3])"
)
"""What says whether an hour is before or after noon."""

_MORNING = re.compile(r"(?i)\b(a\.?m\.?|morning)\b")


class ActionCorrect(Action):
    """Takes back what was done last, and does it as the user now says."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_correct"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Corrects it, or asks what is to be otherwise."""
        request = last_request(tracker)
        message = tracker.latest_message
        entities = (
            corrected(
                request["entities"], message.get("entities") or [], str(message.get("text") or "")
            )
            if request
            else None
        )
        if request is None or entities is None:
            dispatcher.utter_message(response="utter_ask_correction")
            return []
        events: Events = []
        effect = tracker.get_slot(LAST_EFFECT)
        handler = HANDLERS.get(str((effect or {}).get("skill")))
        if handler is not None and request["done"]:
            # What is said of the taking back would only be noise between the two.
            quietly = CollectingDispatcher()
            events = [
                SlotSet(LAST_EFFECT, None),
                *await handler(quietly, tracker, effect.get("undo") or {}),
            ]
        sentiment = message.get("sentiment")
        return [*events, *say_for_user(request["intent"], entities, sentiment=sentiment)]


def last_request(tracker: Tracker) -> dict[str, Any] | None:
    """The last thing that the user wanted, as far as the conversation knows.

    Returns:
        `intent`, `entities`, and `done`: whether it had an effect that can be taken back.
        None where nothing was wanted yet.
    """
    effect = tracker.get_slot(LAST_EFFECT)
    again = effect.get("again") if isinstance(effect, dict) else None
    noted_since = False
    for event in reversed(tracker.applied_events()[:-1]):
        kind = event.get("event")
        if kind == "slot" and event.get("name") == LAST_EFFECT and event.get("value"):
            noted_since = True
        if kind == "session_started":
            return None
        if kind != "user":
            continue
        parsed = event.get("parse_data") or {}
        if parsed == tracker.latest_message or intent_of(parsed) in CONVERSATION:
            continue
        if noted_since and again:
            return {**again, "done": True}
        return {
            "intent": intent_of(parsed),
            "entities": list(parsed.get("entities") or []),
            "done": noted_since,
        }
    return None


def corrected(
    request: Sequence[Entity], correction: Sequence[Entity], text: str
) -> list[dict[str, Any]] | None:
    """The request's entities, with the correction's in the place of those they correct.

    Args:
        request: What the request named.
        correction: What the correction names.
        text: The words of the correction.

    Returns:
        The entities; None where the correction names nothing that could go in.
    """
    result = [_bare(entity) for entity in request]
    kinds = list(dict.fromkeys(str(entity["entity"]) for entity in correction))
    if "number" in kinds:
        # "two" is a number beside the quantity that it is in "no, two": one of them is enough.
        spans = [(e.get("start"), e.get("end")) for e in correction if e["entity"] != "number"]
        rest = [
            e
            for e in correction
            if e["entity"] != "number" or (e.get("start"), e.get("end")) not in spans
        ]
        correction, kinds = rest, list(dict.fromkeys(str(e["entity"]) for e in rest))
    changed = False
    for kind in kinds:
        new = [entity for entity in correction if entity["entity"] == kind]
        changed |= _replace(result, kind, [_bare(entity) for entity in new], text)
    return result if changed else None


def _replace(result: list[dict[str, Any]], kind: str, new: list[dict[str, Any]], text: str) -> bool:
    old = [entity for entity in result if entity["entity"] == kind]
    if not old and kind == "number":
        return _put_number(result, new[-1]["value"], text)
    # "Not milk, oat milk": what is named and was there already is what was wrong.
    wrong = [entity for entity in old if _same(entity, new) and len(new) > 1]
    fresh = [entity for entity in new if not _same(entity, wrong)] if wrong else new
    if not fresh:
        return False
    place = wrong[-1] if wrong else old[-1] if old else None
    if place is None:
        result.extend(fresh)
        return True
    if kind == "time":
        fresh = [_merged_time(place, fresh[0], text)]
    index = result.index(place)
    result[index : index + 1] = fresh
    return True


def _put_number(result: list[dict[str, Any]], value: float, text: str) -> bool:
    for kind in TAKE_A_NUMBER:
        for entity in result:
            if entity["entity"] != kind:
                continue
            info = entity.get("additional_info") or {}
            if kind == "time":
                if not (0 <= value <= 24 and value == int(value)):
                    return False
                entity.update(_at_hour(entity, int(value), text))
            elif kind == "duration":
                per_unit = float(entity["value"]) / float(info.get("amount") or 1)
                entity["value"] = value * per_unit
                entity["additional_info"] = {**info, "amount": value}
            elif kind == "quantity":
                entity["value"] = f"{value:g}"
            else:
                entity["value"] = value
            return True
    return False


def _at_hour(entity: Entity, hour: int, text: str) -> dict[str, Any]:
    before = _start(entity)
    if hour < 12 <= before.hour and not _MORNING.search(text):
        hour += 12
    moment = before.replace(hour=hour % 24, minute=0, second=0)
    info = {**(entity.get("additional_info") or {}), "type": "value", "time_given": True}
    return {"value": moment.isoformat(), "additional_info": {**info, "grain": "hour"}}


def _merged_time(old: Entity, new: dict[str, Any], text: str) -> dict[str, Any]:
    """The new time, with the day or the hour of the old one where it names none."""
    was, says = old.get("additional_info") or {}, new.get("additional_info") or {}
    if isinstance(old["value"], Mapping) or isinstance(new["value"], Mapping):
        return new
    before, after = _start(old), _start(new)
    if says.get("time_given") and not says.get("date_given"):
        after = _nearer_hour(before, after, text)
        after = before.replace(hour=after.hour, minute=after.minute, second=after.second)
    elif says.get("date_given") and not says.get("time_given") and was.get("time_given"):
        after = after.replace(hour=before.hour, minute=before.minute, second=before.second)
        says = {**says, "grain": was.get("grain"), "time_given": True}
    merged = {**says, "date_given": bool(was.get("date_given") or says.get("date_given"))}
    return {**new, "value": after.isoformat(), "additional_info": merged}


def _nearer_hour(before: datetime, after: datetime, text: str) -> datetime:
    """The new hour in the half of the day that is nearer to the old one, unless it says which.

    Alone, "at eleven" was read as the next eleven o'clock there is; here it changes another hour.
    """
    if _HALF_OF_DAY.search(text):
        return after
    early = after.hour % 12
    apart = {hour: abs(hour * 60 + after.minute - before.hour * 60 - before.minute)
             for hour in (early, early + 12)}  # fmt: skip
    if apart[early] == apart[early + 12]:
        return after
    return after.replace(hour=min(apart, key=lambda hour: apart[hour]))


def _start(entity: Entity) -> datetime:
    value = entity["value"]
    return datetime.fromisoformat(str(value["from"] if isinstance(value, Mapping) else value))


def _same(entity: Entity, others: Sequence[Entity]) -> bool:
    value = str(entity["value"]).casefold()
    return any(str(other["value"]).casefold() == value for other in others)


def _bare(entity: Entity) -> dict[str, Any]:
    """The entity without its place in a text: it is put into another one."""
    kept = ("entity", "value", "role", "group", "additional_info")
    return {key: entity[key] for key in kept if entity.get(key) is not None}
