"""The weather skill: which stretch is meant, what is said of it, and what is kept in talk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from actions.follow_up import ActionFollowUp
from actions.places import place_from, place_from_text
from actions.weather import ActionTellWeather, ActionTellWeatherThere
from actions.weather_forms import ValidateWeatherForm
from actions.weather_words import _SKIES, aspect_of, speak_degrees, speak_range, speak_sky
from tests.actions.asking import ask, day, hour, place, stretch, value
from tests.actions.conftest import Talk
from tests.services.open_meteo import FORECAST, OpenMeteo

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def server() -> Iterator[OpenMeteo]:
    """The service, running."""
    one = OpenMeteo()
    one.start()
    yield one
    one.stop()


@pytest.fixture(autouse=True)
def service(server: OpenMeteo, monkeypatch: pytest.MonkeyPatch) -> OpenMeteo:
    """The service, well, and the settings that name it; the person lives in Berlin."""
    server.start()
    server.requests.clear()
    for name, content in server.environment.items():
        monkeypatch.setenv(name, content)
    monkeypatch.setenv("PARLEY_WEATHER_TIMEOUT", "3")
    monkeypatch.setenv("PARLEY_PLACE", "Berlin")
    monkeypatch.delenv("PARLEY_UNITS", raising=False)
    return server


def in_talk(talk: Talk, slots: dict[str, Any]) -> Talk:
    """The answer has been given; what it left in the slots is there."""
    for name, content in slots.items():
        talk.slot(name, content)
    return talk.bot("action_tell_weather")


async def test_the_weather_now(talk: Talk) -> None:
    await ask(talk, "ask_weather", "what's the weather like").run(ActionTellWeather())

    assert talk.said == ["utter_weather_now"]
    assert talk.filled["where"] == "in Berlin"
    assert talk.filled["temperature"] == "9 degrees"
    assert talk.filled["sky"] == "an overcast sky"


async def test_a_day_with_what_matters_of_it(talk: Talk) -> None:
    text = "what will the weather be like tomorrow"
    await ask(talk, "ask_weather", text, day(text, "tomorrow", "2026-11-21")).run(
        ActionTellWeather()
    )

    assert talk.said == ["utter_weather_ahead"]
    assert (talk.filled["when"], talk.filled["sky"]) == ("tomorrow", "light rain")
    assert talk.filled["degrees"] == "between 6 and 11 degrees"
    assert "80 percent chance of rain" in talk.filled["further"]

    text = "and the weather on Tuesday"
    await ask(talk, "ask_weather", text, day(text, "on Tuesday", "2026-11-24")).run(
        ActionTellWeather()
    )
    assert "stormy" in talk.filled["further"]
    assert "90 kilometres an hour" in talk.filled["further"]


async def test_an_hour_a_part_of_a_day_and_several_days(talk: Talk) -> None:
    text = "what's the weather tomorrow at 8"
    await ask(talk, "ask_weather", text, hour(text, "tomorrow at 8", "2026-11-21T08:00:00")).run(
        ActionTellWeather()
    )
    assert talk.said == ["utter_weather_at"]
    assert talk.filled["when"] == "tomorrow at eight in the morning"

    text = "the weather on Saturday evening"
    evening = stretch(text, "on Saturday evening", "2026-11-21T18:00:00", "2026-11-21T22:00:00")
    await ask(talk, "ask_weather", text, evening).run(ActionTellWeather())
    assert (talk.said, talk.filled["when"]) == (["utter_weather_ahead"], "tomorrow evening")

    text = "the weather at the weekend"
    weekend = stretch(text, "at the weekend", "2026-11-21T00:00:00", "2026-11-23T00:00:00", "day")
    await ask(talk, "ask_weather", text, weekend).run(ActionTellWeather())
    assert (talk.said, talk.filled["when"]) == (["utter_weather_days"], "at the weekend")
    assert "tomorrow light rain" in talk.filled["days"]
    assert "Sunday a clear sky" in talk.filled["days"]

    text = "forecast for next week"
    week = stretch(text, "next week", "2026-11-23T00:00:00", "2026-11-30T00:00:00", "week")
    await ask(talk, "ask_weather", text, week).run(ActionTellWeather())
    assert talk.filled["when"] == "from Monday to Sunday the 29th of November"
    assert "rain is likely" in talk.filled["days"]
    assert "between minus 4 and 11 degrees" in talk.filled["days"]


@pytest.mark.parametrize(
    ("text", "date", "response"),
    [
        ("do I need an umbrella", None, "utter_rain_unlikely"),
        ("do I need an umbrella tomorrow", "2026-11-21", "utter_rain_likely"),
        ("will it rain on Tuesday", "2026-11-24", "utter_rain_possible"),
        ("is it going to snow on Monday", "2026-11-23", "utter_snow_expected"),
        ("is it going to snow", None, "utter_snow_none"),
        ("is it windy", None, "utter_wind"),
        ("how warm is it outside", None, "utter_warmth_now"),
        ("how cold will it be on Sunday", "2026-11-22", "utter_warmth_ahead"),
        ("when does the sun set", None, "utter_sun"),
    ],
)
async def test_what_is_asked_about_is_answered(
    talk: Talk, text: str, date: str | None, response: str
) -> None:
    times = [value("time", text, text.split()[-1], f"{date}T00:00:00+01:00", grain="day")]
    await ask(talk, "ask_weather", text, *(times if date else [])).run(ActionTellWeather())
    assert talk.said == [response]


async def test_rain_is_told_with_its_beginning(talk: Talk) -> None:
    text = "will it rain tomorrow"
    await ask(talk, "ask_weather", text, day(text, "tomorrow", "2026-11-21")).run(
        ActionTellWeather()
    )
    assert talk.filled["begins"] == ", from about two in the afternoon"
    assert talk.filled["chance"] == "an 80 percent chance"


async def test_another_place_and_its_own_clock(talk: Talk) -> None:
    text = "how's the weather in Tokyo today"
    entities = [place(text, "Tokyo"), day(text, "today", "2026-11-20")]
    await ask(talk, "ask_weather", text, *entities).run(ActionTellWeather())
    assert (talk.filled["where"], talk.filled["when"]) == ("in Tokyo", "today")


async def test_follow_ups_keep_what_is_in_talk(talk: Talk, service: OpenMeteo) -> None:
    text = "do I need an umbrella in Hamburg tomorrow"
    entities = [place(text, "Hamburg"), day(text, "tomorrow", "2026-11-21")]
    in_talk(talk, await ask(talk, "ask_weather", text, *entities).run(ActionTellWeather()))
    assert talk.said == ["utter_rain_unlikely"]

    text = "and on Sunday?"
    slots = await ask(talk, "ask_weather", text, day(text, "on Sunday", "2026-11-22")).run(
        ActionTellWeather()
    )
    in_talk(talk, slots)
    assert talk.said == ["utter_rain_likely"]
    assert (talk.filled["where"], talk.filled["when"]) == ("in Hamburg", "on Sunday")

    text = "and in Berlin?"
    in_talk(talk, await ask(talk, "ask_weather", text, place(text, "Berlin")).run(
        ActionTellWeather()
    ))  # fmt: skip
    assert talk.said == ["utter_rain_unlikely"]
    assert (talk.filled["where"], talk.filled["when"]) == ("in Berlin", "on Sunday")

    assert [path for path, _ in service.requests].count(FORECAST) == 2, "no place is asked twice"


async def test_here_is_home_again(talk: Talk) -> None:
    text = "weather in Hamburg"
    in_talk(talk, await ask(talk, "ask_weather", text, place(text, "Hamburg")).run(
        ActionTellWeather()
    ))  # fmt: skip
    await ask(talk, "ask_weather", "and how warm is it here?").run(ActionTellWeather())
    assert talk.filled["where"] == "in Berlin"


async def test_what_was_talked_of_long_ago_is_forgotten(talk: Talk) -> None:
    text = "weather in Hamburg"
    in_talk(talk, await ask(talk, "ask_weather", text, place(text, "Hamburg")).run(
        ActionTellWeather()
    ))  # fmt: skip
    for _ in range(3):
        talk.user("hello", "greet").bot("utter_greet")
    await ask(talk, "ask_weather", "how is the weather").run(ActionTellWeather())
    assert talk.filled["where"] == "in Berlin"


async def test_of_several_places_it_says_which_it_took(talk: Talk) -> None:
    text = "weather in Springfield"
    slots = await ask(talk, "ask_weather", text, place(text, "Springfield")).run(
        ActionTellWeather()
    )
    assert talk.said[0] == "utter_place_taken"
    taken = talk.dispatcher.messages[0]
    assert taken["place"] == "Springfield, Missouri"
    assert taken["others"] == "Springfield, Massachusetts and Springfield, Illinois"
    assert slots["choices"][1]["intent"] == "ask_weather"

    in_talk(talk, slots)
    talk.user("/ask_weather", "ask_weather", entities=slots["choices"][1]["entities"])
    await talk.run(ActionTellWeather())
    assert talk.said == ["utter_weather_now"]


@pytest.mark.parametrize(
    ("text", "said", "date", "response"),
    [
        ("what was the weather like yesterday", "yesterday", "2026-11-19", "utter_weather_past"),
        ("will it rain on 24 December", "24 December", "2026-12-24", "utter_weather_too_far"),
        ("weather on the 5th", "the 5th", "2026-12-05", "utter_weather_ahead"),
        ("weather on the 6th", "the 6th", "2026-12-06", "utter_weather_too_far"),
    ],
)
async def test_the_past_and_the_far_future(
    talk: Talk, text: str, said: str, date: str, response: str
) -> None:
    await ask(talk, "ask_weather", text, day(text, said, date)).run(ActionTellWeather())
    assert talk.said == [response]


async def test_a_place_that_is_none(talk: Talk) -> None:
    text = "weather in Xyzzyville"
    await ask(talk, "ask_weather", text, place(text, "Xyzzyville")).run(ActionTellWeather())
    assert talk.said == ["utter_place_unknown"]


@pytest.mark.parametrize(
    ("what", "response"),
    [
        ("stop", "utter_weather_away"),
        ("slow_down", "utter_weather_slow"),
        ("break_down", "utter_weather_broken"),
        ("limit", "utter_weather_busy"),
        ("garble", "utter_weather_garbled"),
        ("change_form", "utter_weather_garbled"),
    ],
)
async def test_each_fault_has_its_sentence(
    talk: Talk, service: OpenMeteo, what: str, response: str
) -> None:
    getattr(service, what)()
    slots = await ask(talk, "ask_weather", "how is the weather").run(ActionTellWeather())
    assert (talk.said, slots) == ([response], {})


async def test_switched_off_it_asks_nobody(
    talk: Talk, service: OpenMeteo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_WEATHER_URL", "off")
    monkeypatch.delenv("PARLEY_PLACE")
    await ask(talk, "ask_weather", "how is the weather").run(ActionTellWeather())
    assert talk.said == ["utter_weather_off"]
    assert not any(event["event"] == "followup" for event in talk.returned)
    assert service.requests == []


async def test_coordinates_are_a_place_without_a_name(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_PLACE", "52.52,13.41")
    await ask(talk, "ask_weather", "how is the weather").run(ActionTellWeather())
    assert talk.filled["where"] == "at home"


async def test_fahrenheit_and_miles(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_UNITS", "imperial")
    await ask(talk, "ask_weather", "how warm is it outside").run(ActionTellWeather())
    assert talk.filled["temperature"] == "48 degrees"


async def test_where_no_place_is_known_the_form_asks_once(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARLEY_PLACE")
    text = "do I need an umbrella tomorrow"
    slots = await ask(talk, "ask_weather", text, day(text, "tomorrow", "2026-11-21")).run(
        ActionTellWeather()
    )
    assert talk.said == []
    assert [e["name"] for e in talk.returned if e["event"] == "followup"] == ["weather_form"]
    talk.slot("weather_in_talk", slots["weather_in_talk"]).waiting("weather_form", "weather_place")

    form = ValidateWeatherForm()
    filled = await ask(talk, "follow_up", "I live in Hamburg").run(form)
    assert filled["weather_place"] == "Hamburg, Germany"

    talk.slot("weather_place", "Hamburg, Germany").form(None)
    kept = await talk.run(ActionTellWeatherThere())
    assert talk.said == ["utter_rain_unlikely"]
    assert talk.filled["when"] == "tomorrow"
    assert (kept["home_place"], kept["weather_place"]) == ("Hamburg, Germany", None)

    talk.slot("home_place", kept["home_place"]).bot("action_tell_weather_there")
    await ask(talk, "ask_weather", "what's the weather like").run(ActionTellWeather())
    assert talk.filled["where"] == "in Hamburg"


@pytest.mark.parametrize("answer", ["hmm", "I don't know", "why?", "Xyzzyville"])
async def test_an_answer_of_no_use_is_counted(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.delenv("PARLEY_PLACE")
    talk.waiting("weather_form", "weather_place")
    filled = await ask(talk, "nlu_fallback", answer).run(ValidateWeatherForm())
    assert (filled["weather_place"], filled["form_attempts"]) == (None, 1)


async def test_a_form_without_an_answer_is_left(talk: Talk) -> None:
    await ask(talk, "nlu_fallback", "hmm").run(ActionTellWeatherThere())
    assert talk.said == ["utter_given_up"]


async def test_while_the_service_is_away_any_place_will_do(talk: Talk, service: OpenMeteo) -> None:
    service.stop()
    talk.waiting("weather_form", "weather_place")
    filled = await ask(talk, "follow_up", "Bremen").run(ValidateWeatherForm())
    assert filled["weather_place"] == "Bremen"


async def test_the_place_is_asked_for_while_another_form_waits(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARLEY_PLACE")
    talk.waiting("add_items_form", "list_name")
    await ask(talk, "ask_weather", "how is the weather").run(ActionTellWeather())
    assert talk.returned[-1]["event"] == "followup"
    assert talk.returned[-1]["name"] == "weather_form"


@pytest.mark.parametrize(
    ("action", "intent"),
    [
        ("action_tell_weather", "ask_weather"),
        ("action_tell_time", "ask_time"),
        ("action_tell_date", "ask_date"),
        ("action_convert_units", "convert_units"),
        ("action_ask_calendar", "ask_calendar"),
    ],
)
async def test_a_follow_up_goes_on_with_the_last_question(
    talk: Talk, action: str, intent: str
) -> None:
    talk.user("a question", intent).bot(action)
    text = "and in Hamburg?"
    await ask(talk, "follow_up", text, place(text, "Hamburg")).run(ActionFollowUp())
    (uttered,) = [event for event in talk.returned if event["event"] == "user"]
    assert uttered["parse_data"]["intent"]["name"] == intent
    assert uttered["parse_data"]["text"] == text
    assert [e["value"] for e in uttered["parse_data"]["entities"]] == ["Hamburg"]


async def test_a_follow_up_of_nothing_is_asked_about(talk: Talk) -> None:
    await ask(talk, "follow_up", "and tomorrow?").run(ActionFollowUp())
    assert talk.said == ["utter_ask_rephrase"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hamburg", "Hamburg"),
        ("I live in Hamburg", "Hamburg"),
        ("it's Bad Homburg, please", "Bad Homburg"),
        ("We're in Springfield, Illinois.", "Springfield, Illinois"),
        ("the Black Forest", "Black Forest"),
        ("what?", None),
        ("I don't know", None),
        ("here", None),
        ("😀", None),
        ("x" * 80, None),
    ],
)
def test_a_bare_answer_is_a_place(text: str, name: str | None) -> None:
    assert place_from_text(text) == name


def test_a_name_behind_in_is_a_place_where_none_was_found() -> None:
    text = "when does the sun set in Bad Homburg, Germany on Monday"
    monday = day(text, "on Monday", "2026-11-23")
    assert place_from({"text": text, "entities": [monday]}) == "Bad Homburg, Germany"
    text = "will it snow in December"
    december = day(text, "in December", "2026-12-01")
    assert place_from({"text": text, "entities": [december]}) is None
    assert place_from({"text": "how warm is it in here", "entities": []}) is None


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("will I get wet", "rain"),
        ("what's the weather like", "general"),
        ("when is sunrise", "sunrise"),
        ("when does it get dark", "sunset"),
        ("is it freezing", "warmth"),
        ("any snow in sight", "snow"),
        ("is there a gale", "wind"),
        ("the training weather", "general"),
    ],
)
def test_what_a_question_is_after(text: str, about: str) -> None:
    assert aspect_of(text) == about


def test_temperatures_are_said_as_people_do() -> None:
    assert speak_degrees(-3.4, False) == "minus 3 degrees"
    assert speak_degrees(1.2, False) == "1 degree"
    assert speak_degrees(-0.3, False) == "0 degrees"
    assert speak_degrees(20, True) == "68 degrees"
    assert speak_range(4.6, 5.4, False) == "around 5 degrees"
    assert speak_range(-2, 5, False) == "between minus 2 and 5 degrees"


def test_every_code_of_the_service_has_words() -> None:
    assert len(set(_SKIES.values())) == len(_SKIES)
    assert speak_sky(12345) == "mixed weather"
