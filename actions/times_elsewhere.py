"""The time here and elsewhere: the skill `time_and_numbers` on clocks."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.clients.open_meteo import WeatherError
from actions.clock import now_for
from actions.places import means_here, places_from
from actions.reading import text_of
from actions.speaking import speak_name
from actions.speaking_times import speak_duration, speak_time
from actions.timezones import ZonedPlace, known_zone
from actions.values import Moment, times
from actions.weather_service import find_place

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

_NOW = timedelta(minutes=2)
_DIFFERENCE = re.compile(r"\b(?:difference|ahead|behind|apart)\b", re.IGNORECASE)
_COMPARES = re.compile(r"\b(?:difference|between|apart)\b", re.IGNORECASE)
_ASKS_HERE = re.compile(r"\b(?:here|my time|for me)\b.*\bwhen\b|\bin my time\b", re.IGNORECASE)


def _apart(names: list[str], text: str) -> list[str]:
    """Parts "London and Hong Kong", where two places are compared and one name was read."""
    if len(names) == 1 and _COMPARES.search(text):
        return names[0].split(" and ")
    return names


class ActionTellTime(Action):
    """Says what time it is, here or elsewhere."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_tell_time"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says it."""
        message = tracker.latest_message
        now = now_for(tracker)
        text = text_of(message)
        places = []
        for named in _apart(places_from(message), text):
            if means_here(named):
                continue
            place = await zone_of_place(named)
            if place is None:
                dispatcher.utter_message(
                    response="utter_zone_unknown", place=speak_name(named[:60])
                )
                return []
            places.append(place)
        said = next((m for m in times(message) if _is_clock_time(m, now)), None)
        if not places:
            dispatcher.utter_message(response="utter_time", time=speak_time(now))
        elif len(places) > 1 and not said:
            _say_difference(dispatcher, places[0], places[1], now)
        elif _DIFFERENCE.search(text) and not said:
            _say_difference(dispatcher, places[0], ZonedPlace("", ZoneInfo(str(now.tzinfo))), now)
        elif said:
            _say_converted(dispatcher, said.start, places, now, bool(_ASKS_HERE.search(text)))
        else:
            there = now.astimezone(places[-1].zone)
            dispatcher.utter_message(
                response="utter_time_elsewhere",
                time=speak_time(there),
                place=speak_name(places[-1].name),
                day=_other_day(there, now),
            )
        return []


async def zone_of_place(text: str) -> ZonedPlace | None:
    """The time zone of a place: by the tables, else by the weather's search for places."""
    known = known_zone(text)
    if known:
        return known
    try:
        found = await find_place(text)
        if found and found.place.timezone:
            return ZonedPlace(found.place.name, ZoneInfo(found.place.timezone))
    except WeatherError as error:
        logger.info("The place cannot be looked up: %s", error)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        logger.warning("The place is in a time zone that this machine does not know")
    return None


def _is_clock_time(moment: Moment, now: datetime) -> bool:
    return moment.time_given and not moment.end and abs(moment.start - now) >= _NOW


def _say_converted(
    dispatcher: CollectingDispatcher,
    moment: datetime,
    places: list[ZonedPlace],
    now: datetime,
    asks_here: bool,
) -> None:
    """Says what the clocks show somewhere when they show a time somewhere else."""
    local = moment.astimezone(now.tzinfo)
    if len(places) > 1:
        # "When it is nine in Paris, what time is it in Tokyo?"
        start, target = (places[0], places[1])
        there = local.replace(tzinfo=start.zone).astimezone(target.zone)
        start_words, place = f"in {start.name}", f"in {target.name}"
    elif asks_here:
        there = local.replace(tzinfo=places[0].zone).astimezone(now.tzinfo)
        start_words, place = f"in {places[0].name}", "here"
    else:
        there = local.astimezone(places[0].zone)
        start_words, place = "here", f"in {places[0].name}"
    dispatcher.utter_message(
        response="utter_time_converted",
        time=speak_time(local),
        start=speak_name(start_words),
        place=speak_name(place),
        there=speak_time(there),
        day=_other_day(there, local),
    )


def _say_difference(
    dispatcher: CollectingDispatcher, one: ZonedPlace, other: ZonedPlace, now: datetime
) -> None:
    offsets = [now.astimezone(place.zone).utcoffset() or timedelta() for place in (one, other)]
    ahead = offsets[0] - offsets[1]
    there = f"in {other.name}" if other.name else "here"
    if not ahead:
        dispatcher.utter_message(
            response="utter_no_time_difference", place=speak_name(one.name), other=speak_name(there)
        )
        return
    dispatcher.utter_message(
        response="utter_time_difference",
        place=speak_name(one.name),
        other=speak_name(there),
        difference=speak_duration(ahead),
        direction="ahead of" if ahead > timedelta() else "behind",
        whom=speak_name(other.name) if other.name else "us",
    )


def _other_day(there: datetime, here: datetime) -> str:
    """What is added where the day is another: ", already tomorrow"."""
    days = (there.date() - here.date()).days
    return {0: "", 1: " on the next day", -1: " on the day before"}.get(days, "")
