"""The weather skill: answers questions about the weather here and elsewhere."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Choice, offer
from actions.clients.open_meteo import WeatherError
from actions.clock import now_for
from actions.ending_forms import EndsForm
from actions.places import Found
from actions.reading import text_of
from actions.settings.weather import read_weather_settings
from actions.speaking import speak_name
from actions.values import impossible
from actions.weather_forms import HOME, PLACE
from actions.weather_questions import IN_TALK, Question, kept_question, question_from
from actions.weather_replies import PROBLEMS, Answer, say_taken, say_weather
from actions.weather_service import find_place, forecast_for
from actions.weather_times import PastError, TooFarError, resolve

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

_LIVES_THERE = re.compile(r"\bI(?:'ve|’ve| have)? (?:now )?(?:live|moved)\b", re.IGNORECASE)


class ActionTellWeather(Action):
    """Answers a question about the weather; asks for the person's place where it is needed."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_tell_weather"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Answers, or lets the form ask for the place."""
        settings = read_weather_settings()
        if not settings.weather_url:
            dispatcher.utter_message(response="utter_weather_off")
            return []
        if impossible(tracker.latest_message):
            dispatcher.utter_message(response="utter_no_such_day")
            return []
        question = question_from(tracker)
        place = question.place or tracker.get_slot(HOME) or settings.place
        if place:
            events = await tell(dispatcher, tracker, question, str(place))
            if question.place and events and _LIVES_THERE.search(text_of(tracker.latest_message)):
                events.append(SlotSet(HOME, question.place))
            return events
        return [SlotSet(IN_TALK, question.to_slot()), FollowupAction("weather_form")]


class WeatherAction(Action, ABC):
    """An action that answers a question kept from before."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Answers, if there is a place now."""
        place = tracker.get_slot(PLACE)
        if not place:
            dispatcher.utter_message(response="utter_given_up")
            return []
        told = await tell(dispatcher, tracker, kept_question(tracker), str(place))
        return [SlotSet(HOME, place), *told]


class ActionTellWeatherThere(EndsForm, WeatherAction):
    """Answers the question for which the form asked for the person's place, and keeps the place."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_tell_weather_there"


async def tell(
    dispatcher: CollectingDispatcher, tracker: Tracker, question: Question, place: str
) -> Events:
    """Answers a question, or says why that is not possible.

    Returns:
        What is in talk now; nothing where there was no answer.
    """
    here = now_for(tracker)
    try:
        found = await find_place(place)
        if found is None:
            dispatcher.utter_message(response="utter_place_unknown", place=speak_name(place))
            return []
        forecast = await forecast_for(found.place)
    except WeatherError as error:
        logger.warning("No weather: %s", error)
        dispatcher.utter_message(response=PROBLEMS[error.problem])
        return []
    in_talk = SlotSet(IN_TALK, question.to_slot())
    try:
        stretch = resolve(question.moment, question.ahead, here, forecast)
    except PastError:
        dispatcher.utter_message(response="utter_weather_past")
        return [in_talk]
    except TooFarError:
        days = (forecast.last_day - forecast.hours[0].time.date() + timedelta(days=1)).days
        dispatcher.utter_message(response="utter_weather_too_far", days=str(days))
        return [in_talk]
    if found.namesakes:
        say_taken(dispatcher, found)
    answer = Answer(found.place, forecast, stretch, here, read_weather_settings().imperial)
    say_weather(dispatcher, question.about, answer)
    return [in_talk, *_choices(found, question)]


def _choices(found: Found, question: Question) -> Events:
    """Lets "the second one" mean another place of the same name."""
    if not found.namesakes:
        return []
    time = [dict(question.time)] if question.time else []
    return [
        offer(
            [
                Choice(
                    p.full_name, "ask_weather", [{"entity": "place", "value": p.full_name}, *time]
                )
                for p in (found.place, *found.namesakes)
            ]
        )
    ]
