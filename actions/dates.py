"""Dates and what lies between them: the skill `time_and_numbers` on the calendar's days."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.clock import now_for
from actions.reading import text_of
from actions.speaking import join
from actions.speaking_times import speak_date, speak_duration, speak_number
from actions.values import Moment, durations, impossible, times

Events = list[dict[str, Any]]

_COUNTS = re.compile(
    r"\b(?:how (?:many|long)|until|till|between|since|days? (?:to|left)|countdown|far (?:off|away))"
    r"\b",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|ago)\b", re.IGNORECASE)
_WEEK = re.compile(r"\bweek(?:'s)? number\b|\b(?:what|which|calendar) week\b", re.IGNORECASE)
_IN_WEEKS = re.compile(r"\bhow many weeks\b|\bin weeks\b", re.IGNORECASE)
_IN_MONTHS = re.compile(r"\bhow many months\b|\bin months\b", re.IGNORECASE)
_SAME_MOMENT = timedelta(minutes=2)
_WHOLE = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "year": relativedelta(years=1),
}
_CLOCK_GRAINS = frozenset({"second", "minute", "hour"})


class ActionTellDate(Action):
    """Says a date, the day of the week, the number of the week, or how far off a day is."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_tell_date"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says it."""
        message = tracker.latest_message
        now = now_for(tracker)
        text = text_of(message)
        if impossible(message):
            dispatcher.utter_message(response="utter_no_such_day")
            return []
        moments = times(message)
        if _COUNTS.search(text) and moments:
            _say_distance(dispatcher, text, moments, now)
            return []
        day = _day(moments, durations(message), now)
        if day is None:
            dispatcher.utter_message(response="utter_date_too_far")
        elif _WEEK.search(text):
            week = str(day.isocalendar().week)
            dispatcher.utter_message(response="utter_week", week=week, date=speak_whole_date(day))
        elif day == now.date():
            dispatcher.utter_message(response="utter_today", date=speak_whole_date(day))
        else:
            dispatcher.utter_message(
                response="utter_date", date=speak_whole_date(day), verb=_verb(day, now.date())
            )
        return []


def speak_whole_date(day: date) -> str:
    """Puts a date into words: "Friday the 20th of November 2026"."""
    return f"{day:%A} the {speak_date(day)} {day.year}"


def _day(moments: list[Moment], ahead: list[timedelta], now: datetime) -> date | None:
    if moments:
        return moments[0].start.astimezone(now.tzinfo).date()
    try:
        return (now + sum(ahead, timedelta())).date()
    except OverflowError:
        return None


def _verb(day: date, today: date) -> str:
    return "was" if day < today else "will be"


def _say_distance(
    dispatcher: CollectingDispatcher, text: str, moments: list[Moment], now: datetime
) -> None:
    start, end, grain = _ends(moments, now)
    from_now = abs(start - now) < _SAME_MOMENT
    if from_now and grain in _CLOCK_GRAINS:
        if abs(end - now) < _SAME_MOMENT:
            dispatcher.utter_message(response="utter_moment_is_now")
            return
        response = "utter_time_until" if end > now else "utter_time_since"
        duration = speak_duration(end - now)
        dispatcher.utter_message(response=response, duration=duration, date=speak_whole_date(end))
        return
    first, last = start.date(), end.date()
    if from_now and _SINCE.search(text) and last > first:
        # "Since the 1st of May" is the last one, whatever the next one is.
        last -= relativedelta(years=1)
    duration = _speak_distance(first, last, text)
    if first == last:
        dispatcher.utter_message(response="utter_day_is_today", date=speak_whole_date(last))
    elif not from_now:
        dispatcher.utter_message(response="utter_time_between", duration=duration)
    else:
        response = "utter_time_until" if last > first else "utter_time_since"
        dispatcher.utter_message(response=response, duration=duration, date=speak_whole_date(last))


def _ends(moments: list[Moment], now: datetime) -> tuple[datetime, datetime, str]:
    """From when to when is to be counted, and how finely; from now where it is a single day."""
    zone = now.tzinfo
    moment = moments[-1]
    start = moment.start.astimezone(zone)
    if len(moments) > 1:
        return moments[0].start.astimezone(zone), start, moment.grain
    if moment.end is None:
        return now, start, moment.grain
    end = moment.end.astimezone(zone)
    if abs(end - now) < _SAME_MOMENT:
        return now, start, moment.grain  # "since Monday"
    # "Until Christmas" ends with that day, and is counted up to its beginning.
    return start, end - _WHOLE.get(moment.grain, relativedelta()), moment.grain


def _speak_distance(start: date, end: date, text: str) -> str:
    start, end = min(start, end), max(start, end)
    days = (end - start).days
    if _IN_MONTHS.search(text):
        between = relativedelta(end, start)
        months = between.years * 12 + between.months
        return _parts((months, "month"), (between.days, "day"))
    if _IN_WEEKS.search(text):
        return _parts((days // 7, "week"), (days % 7, "day"))
    return _parts((days, "day"))


def _parts(*parts: tuple[int, str]) -> str:
    return join([f"{speak_number(n)} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n])
