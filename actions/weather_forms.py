"""The form of the weather skill: it asks once for the place where the person is at home."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT
from rasa_sdk.types import DomainDict

from actions.clients.open_meteo import WeatherError
from actions.forms import SkillForm, Slots
from actions.places import place_from, place_from_text
from actions.reading import intent_of, text_of
from actions.speaking import speak_name
from actions.weather_service import find_place

logger = logging.getLogger(__name__)

PLACE = "weather_place"
"""The slot in which the form gathers."""

HOME = "home_place"
"""The slot that keeps the place from then on."""


class ValidateWeatherForm(SkillForm):
    """Fills `weather_form`."""

    trigger = "ask_weather"
    answer_intents = SkillForm.answer_intents | {"follow_up"}

    def name(self) -> str:
        """Rasa's name of the action."""
        return "validate_weather_form"

    async def extract_weather_place(
        self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes the place from the answer: the entity, or the bare words."""
        message = tracker.latest_message
        if self.starts_now(tracker):
            return {PLACE: None}
        if not self.answers(tracker):
            return {}
        if tracker.get_slot(REQUESTED_SLOT) != PLACE:
            return {}
        words = "" if intent_of(message) == "affirm" else text_of(message)
        return {PLACE: place_from(message) or place_from_text(words)}

    async def validate_weather_place(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Slots:
        """Takes a place that there is; where nobody can be asked, any."""
        if not value:
            return self.accepted(PLACE, None, tracker)
        try:
            found = await find_place(str(value))
        except WeatherError as error:
            logger.warning("The place cannot be looked up: %s", error)
            return self.accepted(PLACE, value, tracker)
        if found is None:
            dispatcher.utter_message(response="utter_place_unknown", place=speak_name(str(value)))
            return self.accepted(PLACE, None, tracker)
        return self.accepted(PLACE, found.place.full_name or value, tracker)
