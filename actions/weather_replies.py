"""What is said of a forecast, by what was asked and what matters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rasa_sdk.executor import CollectingDispatcher

from actions.clients.open_meteo import Problem
from actions.forecast import LIKELY, Forecast, Outlook, outlook
from actions.places import Found, Place
from actions.speaking import join, speak_name
from actions.speaking_times import speak_day, speak_time
from actions.weather_times import Stretch, clock_at, rest_of_day
from actions.weather_words import (
    POSSIBLE,
    RAIN,
    SNOW,
    SUNRISE,
    SUNSET,
    WARMTH,
    WIND,
    speak_chance,
    speak_degrees,
    speak_range,
    speak_remarks,
    speak_sky,
    speak_snowfall,
    speak_speed,
    speak_wind,
)

MOST_SINGLE_DAYS = 3
"""Days that are told one by one; more of them are summed up."""

NOTICEABLE = 2.0
"""Degrees by which it must become warmer, or feel otherwise, to be worth a word."""

PROBLEMS = {
    Problem.OFF: "utter_weather_off",
    Problem.AWAY: "utter_weather_away",
    Problem.SLOW: "utter_weather_slow",
    Problem.BUSY: "utter_weather_busy",
    Problem.BROKEN: "utter_weather_broken",
    Problem.REFUSED: "utter_weather_broken",
    Problem.GARBLED: "utter_weather_garbled",
}
"""What is said where the service does not help."""


@dataclass(frozen=True)
class Answer:
    """All that an answer is made of."""

    place: Place
    forecast: Forecast
    stretch: Stretch
    here: datetime
    """The present moment, aware."""

    imperial: bool


def say_weather(dispatcher: CollectingDispatcher, about: str, answer: Answer) -> None:
    """Answers a question about the weather."""
    if about in (SUNRISE, SUNSET):
        _say_sun(dispatcher, about, answer)
    elif about == WARMTH and answer.stretch.is_now:
        _say_warmth_now(dispatcher, answer)
    elif about in (RAIN, SNOW, WIND, WARMTH):
        _say_aspect(dispatcher, about, answer)
    elif answer.stretch.is_now:
        _say_now(dispatcher, answer)
    elif answer.stretch.is_point:
        _say_hour(dispatcher, answer)
    elif len(answer.stretch.days) > 1 and answer.stretch.end - answer.stretch.start > timedelta(1):
        _say_days(dispatcher, answer)
    else:
        _say_ahead(dispatcher, answer)


def say_taken(dispatcher: CollectingDispatcher, found: Found) -> None:
    """Says which of several places of a name was taken."""
    dispatcher.utter_message(
        response="utter_place_taken",
        place=speak_name(found.place.full_name),
        others=join([speak_name(place.full_name) for place in found.namesakes]),
    )


def _say_now(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    now = answer.forecast.now
    rest = rest_of_day(answer.here, answer.forecast)
    hours = answer.forecast.between(rest.start, rest.end)
    further = ""
    if hours:
        ahead = outlook(hours)
        if ahead.high >= now.temperature + NOTICEABLE:
            further = f" Later up to {speak_degrees(ahead.high, answer.imperial)}."
        further += speak_remarks(ahead, answer.imperial)
    dispatcher.utter_message(
        response="utter_weather_now",
        temperature=speak_degrees(now.temperature, answer.imperial),
        where=_where(answer),
        sky=speak_sky(now.code),
        further=further,
    )


def _say_hour(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    ahead = _ahead(answer)
    dispatcher.utter_message(
        response="utter_weather_at",
        temperature=speak_degrees(ahead.high, answer.imperial),
        where=_where(answer),
        when=answer.stretch.words,
        sky=speak_sky(ahead.code),
        further=speak_remarks(ahead, answer.imperial),
    )


def _say_ahead(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    ahead = _ahead(answer)
    dispatcher.utter_message(
        response="utter_weather_ahead",
        sky=speak_sky(ahead.code),
        where=_where(answer),
        when=answer.stretch.words,
        degrees=speak_range(ahead.low, ahead.high, answer.imperial),
        further=speak_remarks(ahead, answer.imperial),
    )


def _say_days(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    today = _today(answer)
    days = []
    for day in answer.stretch.days:
        start = max(answer.stretch.start, datetime.combine(day, time()))
        hours = answer.forecast.between(start, datetime.combine(day + timedelta(days=1), time()))
        if hours:
            days.append((speak_day(day, today).removeprefix("on "), outlook(hours)))
    if len(days) <= MOST_SINGLE_DAYS:
        told = "; ".join(f"{name} {_sky_and_degrees(ahead, answer)}" for name, ahead in days)
    else:
        whole = _ahead(answer)
        wet = [name for name, ahead in days if ahead.chance >= LIKELY]
        rain = f"rain is likely {join(wet)}" if wet else "mostly dry"
        if len(wet) > MOST_SINGLE_DAYS:
            rain = f"rain is likely on {len(wet)} of {len(days)} days"
        told = f"{speak_range(whole.low, whole.high, answer.imperial)}, and {rain}"
    dispatcher.utter_message(
        response="utter_weather_days", where=_where(answer), when=answer.stretch.words, days=told
    )


def _say_aspect(dispatcher: CollectingDispatcher, about: str, answer: Answer) -> None:
    stretch = answer.stretch
    if stretch.is_now:
        stretch = rest_of_day(answer.here, answer.forecast)
    ahead = outlook(answer.forecast.between(stretch.start, stretch.end))
    where, when, imperial = _where(answer), stretch.words, answer.imperial
    degrees = speak_range(ahead.low, ahead.high, imperial)
    if about == WARMTH:
        further = speak_remarks(ahead, imperial)
        dispatcher.utter_message(
            response="utter_warmth_ahead", degrees=degrees, where=where, when=when, further=further
        )
    elif about == WIND:
        gusts = speak_speed(ahead.gusts, imperial)
        wind = speak_wind(ahead.wind)
        dispatcher.utter_message(
            response="utter_wind", wind=wind, gusts=gusts, where=where, when=when
        )
    elif about == SNOW and ahead.snows:
        depth = speak_snowfall(ahead.snowfall, imperial)
        dispatcher.utter_message(
            response="utter_snow_expected", depth=depth, where=where, when=when
        )
    elif about == SNOW:
        dispatcher.utter_message(
            response="utter_snow_none", degrees=degrees, where=where, when=when
        )
    else:
        _say_rain(dispatcher, ahead, where, stretch)


def _say_rain(
    dispatcher: CollectingDispatcher, ahead: Outlook, where: str, stretch: Stretch
) -> None:
    what = "snow" if ahead.snows else "rain"
    when, chance = stretch.words, speak_chance(ahead.chance)
    if ahead.chance >= LIKELY:
        begins = ""
        later = ahead.rain_from and ahead.rain_from > stretch.start + timedelta(hours=1)
        if ahead.rain_from and later and ahead.rain_from.date() == stretch.start.date():
            begins = f", from about {speak_time(ahead.rain_from)}"
        dispatcher.utter_message(
            response="utter_rain_likely",
            what=what,
            chance=chance,
            begins=begins,
            where=where,
            when=when,
        )
    elif ahead.chance >= POSSIBLE:
        dispatcher.utter_message(
            response="utter_rain_possible", what=what, chance=chance, where=where, when=when
        )
    else:
        dispatcher.utter_message(response="utter_rain_unlikely", where=where, when=when)


def _say_warmth_now(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    now = answer.forecast.now
    feels = ""
    if now.feels_like is not None and abs(now.feels_like - now.temperature) >= NOTICEABLE:
        feels = f", and it feels like {speak_degrees(now.feels_like, answer.imperial)}"
    dispatcher.utter_message(
        response="utter_warmth_now",
        temperature=speak_degrees(now.temperature, answer.imperial),
        where=_where(answer),
        feels=feels,
    )


def _say_sun(dispatcher: CollectingDispatcher, about: str, answer: Answer) -> None:
    day = answer.stretch.start.date()
    sun = answer.forecast.sun_on(day)
    when = speak_day(day, _today(answer))
    if sun is None:
        dispatcher.utter_message(response="utter_no_sun", where=_where(answer), when=when)
        return
    moment, does = (sun.sunrise, "rises") if about == SUNRISE else (sun.sunset, "sets")
    dispatcher.utter_message(
        response="utter_sun", does=does, time=speak_time(moment), where=_where(answer), when=when
    )


def _ahead(answer: Answer) -> Outlook:
    return outlook(answer.forecast.between(answer.stretch.start, answer.stretch.end))


def _sky_and_degrees(ahead: Outlook, answer: Answer) -> str:
    degrees = speak_range(ahead.low, ahead.high, answer.imperial)
    return f"{speak_sky(ahead.code)} and {degrees}"


def _today(answer: Answer) -> date:
    return clock_at(answer.here, answer.forecast).date()


def _where(answer: Answer) -> str:
    return speak_name(answer.place.where)
