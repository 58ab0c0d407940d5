"""Clocks and calendars: the time here and elsewhere, dates and what lies between them."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

import pytest

from actions.dates import ActionTellDate
from actions.times_elsewhere import ActionTellTime, zone_of_place
from actions.timezones import _BY_CAPITAL, _MORE, known_zone
from tests.actions.asking import ask, day, hour, place, stretch, value
from tests.actions.conftest import Talk
from tests.services.open_meteo import OpenMeteo


@pytest.fixture(autouse=True)
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables alone, unless a test starts the service."""
    monkeypatch.setenv("PARLEY_WEATHER_URL", "off")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenMeteo]:
    """The search for places."""
    one = OpenMeteo()
    one.start()
    for name, content in one.environment.items():
        monkeypatch.setenv(name, content)
    yield one
    one.stop()


@pytest.mark.parametrize(
    ("text", "zone", "name"),
    [
        ("Tokyo", "Asia/Tokyo", "Tokyo"),
        ("tokyo", "Asia/Tokyo", "Tokyo"),
        ("new york", "America/New_York", "New York"),
        ("Los Angeles", "America/Los_Angeles", "Los Angeles"),
        ("Japan", "Asia/Tokyo", "Japan"),
        ("the UK", "Europe/London", "the UK"),
        ("San Francisco", "America/Los_Angeles", "San Francisco"),
        ("Mumbai", "Asia/Kolkata", "Mumbai"),
        ("UTC", "UTC", "UTC"),
        ("the United States", "America/New_York", "Washington"),
        ("Australia", "Australia/Sydney", "Canberra"),
        ("Boston, Massachusetts", "America/New_York", "Boston, Massachusetts"),
    ],
)
def test_places_and_their_zones(text: str, zone: str, name: str) -> None:
    known = known_zone(text)
    assert known is not None
    assert (known.zone.key, known.name) == (zone, name)


def test_every_zone_of_the_table_exists() -> None:
    assert {*_MORE, *_BY_CAPITAL} <= available_timezones()


async def test_what_the_tables_lack_is_looked_up_where_that_is_allowed(
    service: OpenMeteo, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await zone_of_place("Springfield, Illinois")
    assert found is not None
    assert found.zone == ZoneInfo("America/Chicago")
    service.stop()
    assert await zone_of_place("Shelbyville") is None
    monkeypatch.setenv("PARLEY_WEATHER_URL", "off")
    assert await zone_of_place("Springfield, Illinois") is None
    assert await zone_of_place("Tokyo") is not None


async def test_the_time_here(talk: Talk) -> None:
    await ask(talk, "ask_time", "what time is it").run(ActionTellTime())
    assert talk.said == ["utter_time"]
    assert talk.filled["time"] == "three in the afternoon"


@pytest.mark.parametrize(
    ("where", "time", "on_day"),
    [
        ("Tokyo", "eleven at night", ""),
        ("Auckland", "three at night", " on the next day"),
        ("New York", "nine in the morning", ""),
    ],
)
async def test_the_time_elsewhere(talk: Talk, where: str, time: str, on_day: str) -> None:
    text = f"what time is it in {where}"
    await ask(talk, "ask_time", text, place(text, where)).run(ActionTellTime())
    assert talk.said == ["utter_time_elsewhere"]
    assert (talk.filled["time"], talk.filled["day"]) == (time, on_day)


async def test_right_now_is_no_other_time(talk: Talk) -> None:
    text = "what's the time in Tokyo right now"
    now = value("time", text, "right now", "2026-11-20T15:00:00+01:00", grain="second",
                time_given=True)  # fmt: skip
    await ask(talk, "ask_time", text, place(text, "Tokyo"), now).run(ActionTellTime())
    assert talk.said == ["utter_time_elsewhere"]


async def test_a_time_here_is_told_elsewhere_and_back(talk: Talk) -> None:
    text = "when it's five pm here, what time is it in Chicago"
    said = hour(text, "five pm", "2026-11-20T17:00:00")
    await ask(talk, "ask_time", text, said, place(text, "Chicago")).run(ActionTellTime())
    assert talk.said == ["utter_time_converted"]
    assert talk.filled["there"] == "ten in the morning"
    assert talk.filled["place"] == "in Chicago"

    text = "what's 5 pm in Denver in my time"
    said = hour(text, "5 pm", "2026-11-20T17:00:00")
    await ask(talk, "ask_time", text, said, place(text, "Denver")).run(ActionTellTime())
    assert (talk.filled["there"], talk.filled["day"]) == ("one at night", " on the next day")
    assert talk.filled["place"] == "here"


async def test_differences_between_times(talk: Talk) -> None:
    text = "time difference between London and Hong Kong"
    places = [place(text, "London"), place(text, "Hong Kong")]
    await ask(talk, "ask_time", text, *places).run(ActionTellTime())
    assert talk.said == ["utter_time_difference"]
    assert talk.filled["difference"] == "eight hours"
    assert talk.filled["direction"] == "behind"

    await ask(talk, "ask_time", text, place(text, "London and Hong Kong")).run(ActionTellTime())
    assert talk.filled["difference"] == "eight hours"

    text = "how far ahead is Mumbai"
    await ask(talk, "ask_time", text, place(text, "Mumbai")).run(ActionTellTime())
    assert (talk.filled["difference"], talk.filled["whom"]) == ("four and a half hours", "us")

    text = "time difference to Paris"
    await ask(talk, "ask_time", text, place(text, "Paris")).run(ActionTellTime())
    assert talk.said == ["utter_no_time_difference"]


async def test_a_place_without_a_zone_is_said_to_be_unknown(talk: Talk) -> None:
    text = "what time is it in Atlantis"
    await ask(talk, "ask_time", text, place(text, "Atlantis")).run(ActionTellTime())
    assert talk.said == ["utter_zone_unknown"]


async def test_the_date_of_today_and_of_other_days(talk: Talk) -> None:
    await ask(talk, "ask_date", "what's the date").run(ActionTellDate())
    assert talk.said == ["utter_today"]
    assert talk.filled["date"] == "Friday the 20th of November 2026"

    text = "what day is it in three weeks"
    await ask(talk, "ask_date", text, day(text, "in three weeks", "2026-12-11")).run(
        ActionTellDate()
    )
    assert talk.said == ["utter_date"]
    assert talk.filled["verb"] == "will be"
    assert talk.filled["date"] == "Friday the 11th of December 2026"

    text = "which day of the week was 3 March 2020"
    await ask(talk, "ask_date", text, day(text, "3 March 2020", "2020-03-03")).run(ActionTellDate())
    assert talk.filled["verb"] == "was"
    assert talk.filled["date"].startswith("Tuesday")


async def test_the_number_of_the_week(talk: Talk) -> None:
    await ask(talk, "ask_date", "what week number is it").run(ActionTellDate())
    assert talk.said == ["utter_week"]
    assert talk.filled["week"] == "47"


NOW = "2026-11-20T15:00:00"


@pytest.mark.parametrize(
    ("text", "said", "start", "end", "grain", "response", "duration"),
    [
        ("how many days until Christmas", "until Christmas", NOW, "2026-12-26T00:00:00", "day",
         "utter_time_until", "35 days"),
        ("how many weeks until Christmas", "until Christmas", NOW, "2026-12-26T00:00:00", "day",
         "utter_time_until", "five weeks"),
        ("how many months till July", "till July", NOW, "2027-08-01T00:00:00", "month",
         "utter_time_until", "seven months and eleven days"),
        ("how many days since the 1st of October", "since the 1st of October",
         "2026-10-01T00:00:00", NOW, "day", "utter_time_since", "50 days"),
        ("how many days between 1 June and 15 August", "between 1 June and 15 August",
         "2027-06-01T00:00:00", "2027-08-16T00:00:00", "day", "utter_time_between", "75 days"),
        ("how long until 6 pm", "until 6 pm", NOW, "2026-11-20T18:00:00", "hour",
         "utter_time_until", "three hours"),
    ],
)  # fmt: skip
async def test_distances(
    talk: Talk,
    text: str,
    said: str,
    start: str,
    end: str,
    grain: str,
    response: str,
    duration: str,
) -> None:
    await ask(talk, "ask_date", text, stretch(text, said, start, end, grain)).run(ActionTellDate())
    assert talk.said == [response]
    assert talk.filled["duration"] == duration


async def test_a_distance_to_a_day_alone(talk: Talk) -> None:
    text = "how far away is Halloween"
    await ask(talk, "ask_date", text, day(text, "Halloween", "2027-10-31")).run(ActionTellDate())
    assert (talk.said, talk.filled["duration"]) == (["utter_time_until"], "345 days")
    text = "how many days to today"
    await ask(talk, "ask_date", text, day(text, "today", "2026-11-20")).run(ActionTellDate())
    assert talk.said == ["utter_day_is_today"]


async def test_a_day_that_is_none(talk: Talk) -> None:
    text = "what weekday is the 30th of February"
    none = value("invalid", text, "the 30th of February", "the 30th of February",
                 reason="no_such_date")  # fmt: skip
    await ask(talk, "ask_date", text, none).run(ActionTellDate())
    assert talk.said == ["utter_no_such_day"]
