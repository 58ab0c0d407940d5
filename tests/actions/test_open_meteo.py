"""The weather's client against a server that speaks as documented, and what can go wrong."""

from __future__ import annotations

import dataclasses
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlencode

import pytest

from actions.clients.cache import ExpiringCache
from actions.clients.open_meteo import FORECAST_DAYS, OpenMeteo, Problem, WeatherError
from actions.weather_service import find_place, forecast_for
from tests.services import open_meteo as service_module
from tests.services.open_meteo import FORECAST, SEARCH

pytestmark = pytest.mark.services

BERLIN = (52.52, 13.41)


@pytest.fixture(scope="module")
def server() -> Iterator[service_module.OpenMeteo]:
    """The service, running."""
    service = service_module.OpenMeteo()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def service(server: service_module.OpenMeteo) -> Iterator[service_module.OpenMeteo]:
    """The service, well, and asked nothing yet."""
    server.start()
    server.requests.clear()
    yield server
    server.start()


@pytest.fixture
def client(service: service_module.OpenMeteo) -> OpenMeteo:
    """A client of it that waits for a second."""
    where = service.environment
    return OpenMeteo(where["PARLEY_WEATHER_URL"], where["PARLEY_GEOCODING_URL"], 3.0)


async def test_a_forecast_has_all_hours_of_sixteen_days(client: OpenMeteo) -> None:
    forecast = await client.forecast(*BERLIN)

    assert forecast.timezone == "Europe/Berlin"
    assert len(forecast.hours) == FORECAST_DAYS * 24
    assert forecast.last_day == date(2026, 12, 5)
    assert forecast.now.time == datetime(2026, 11, 20, 15, 0)
    assert forecast.hours[24 + 15].code == 61
    assert forecast.hours[24 + 15].chance == 80
    assert forecast.hours[-1].chance is None
    assert len(forecast.suns) == FORECAST_DAYS


async def test_places_come_with_region_zone_and_size(client: OpenMeteo) -> None:
    found = await client.find("Springfield")

    assert [place.region for place in found] == ["Missouri", "Massachusetts", "Illinois"]
    assert found[0].timezone == "America/Chicago"
    assert found[0].country_code == "US"
    assert found[0].population == 170188


async def test_no_place_of_that_name_is_an_empty_list(client: OpenMeteo) -> None:
    assert await client.find("Xyzzyville") == []


async def test_only_the_place_leaves_the_machine(
    client: OpenMeteo, service: service_module.OpenMeteo
) -> None:
    await client.find("Hamburg")
    await client.forecast(*BERLIN)

    (search, named), (forecast, asked) = service.requests
    assert (search, named["name"]) == (SEARCH, "Hamburg")
    assert set(named) == {"name", "count", "language", "format"}
    assert forecast == FORECAST
    told = {"latitude", "longitude", "current", "hourly", "daily", "timezone", "forecast_days"}
    assert set(asked) == told


async def test_the_log_names_no_place(client: OpenMeteo, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await client.find("Hamburg")
        await client.forecast(*BERLIN)
    assert "Hamburg" not in caplog.text
    assert "52.52" not in caplog.text


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("stop", Problem.AWAY),
        ("slow_down", Problem.SLOW),
        ("break_down", Problem.BROKEN),
        ("limit", Problem.BUSY),
        ("garble", Problem.GARBLED),
        ("change_form", Problem.GARBLED),
    ],
)
async def test_each_fault_of_the_service_is_told_by_its_kind(
    client: OpenMeteo, service: service_module.OpenMeteo, what: str, problem: Problem
) -> None:
    getattr(service, what)()

    with pytest.raises(WeatherError) as forecast:
        await client.forecast(*BERLIN)
    with pytest.raises(WeatherError) as places:
        await client.find("Berlin")

    assert (forecast.value.problem, places.value.problem) == (problem, problem)

    service.start()
    assert await client.find("Berlin"), "well again, on the same port"


async def test_a_refusal_is_told_without_the_place(client: OpenMeteo) -> None:
    with pytest.raises(WeatherError) as refused:
        await client.forecast(123.456, 13.41)

    assert refused.value.problem is Problem.REFUSED
    assert "123" not in str(refused.value)


async def test_what_is_off_is_not_asked(service: service_module.OpenMeteo) -> None:
    client = OpenMeteo("", "", 1.0)
    with pytest.raises(WeatherError) as off:
        await client.forecast(*BERLIN)
    assert off.value.problem is Problem.OFF
    assert service.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://", "http://nowhere.invalid/x"])
async def test_an_address_of_no_use_is_an_absence(url: str) -> None:
    with pytest.raises(WeatherError) as away:
        await OpenMeteo(url, url, 2.0).find("Berlin")
    assert away.value.problem in (Problem.AWAY, Problem.SLOW)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        (FORECAST, {"longitude": "13.41"}),
        (FORECAST, {"latitude": "52.52"}),
        (FORECAST, {"latitude": "91", "longitude": "13.41"}),
        (FORECAST, {"latitude": "52", "longitude": "13", "person": "ada"}),
        (FORECAST, {"latitude": "52", "longitude": "13", "hourly": "temperatur"}),
        (FORECAST, {"latitude": "52", "longitude": "13", "forecast_days": "17"}),
        (FORECAST, {"latitude": "52", "longitude": "13", "daily": "sunrise"}),
        (SEARCH, {"count": "3"}),
        (SEARCH, {"name": "Berlin", "q": "Berlin"}),
        (SEARCH, {"name": "Berlin", "count": "0"}),
    ],
)
def test_the_service_refuses_what_is_not_documented(
    service: service_module.OpenMeteo, path: str, parameters: dict[str, str]
) -> None:
    base = service.environment["PARLEY_WEATHER_URL"].removesuffix(FORECAST)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(f"{base}{path}?{urlencode(parameters)}", timeout=5)
    with refused.value as answer:
        said = json.load(answer)
    assert refused.value.code == 400
    assert said["error"] is True
    assert said["reason"]


async def test_a_follow_up_does_not_ask_again(
    service: service_module.OpenMeteo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    for text in ("Hamburg", "hamburg", "Berlin"):
        found = await find_place(text)
        assert found is not None
        await forecast_for(found.place)
        await forecast_for(dataclasses.replace(found.place, latitude=found.place.latitude + 0.0001))

    assert [path for path, _ in service.requests] == [SEARCH, FORECAST, SEARCH, FORECAST]


async def test_a_region_tells_places_of_one_name_apart(
    service: service_module.OpenMeteo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    regions = {}
    for text in ("Springfield", "Springfield, Illinois", "springfield illinois", "Berlin"):
        found = await find_place(text)
        assert found is not None
        regions[text] = (found.place.region, [place.region for place in found.namesakes])

    assert regions == {
        "Springfield": ("Missouri", ["Massachusetts", "Illinois"]),
        "Springfield, Illinois": ("Illinois", []),
        "springfield illinois": ("Illinois", []),
        # The other Berlin is so small that nobody means it without saying so.
        "Berlin": ("Land Berlin", []),
    }
    assert await find_place("Springfield, Bavaria") is None


async def test_coordinates_need_nobody(
    service: service_module.OpenMeteo, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await find_place("52.52, 13.41")
    assert found is not None
    assert (found.place.latitude, found.place.longitude) == BERLIN
    assert found.place.where == "at home"
    assert service.requests == []


def test_the_cache_forgets_after_a_while_and_keeps_a_few() -> None:
    now = [0.0]
    cache: ExpiringCache[str] = ExpiringCache(10.0, 2, clock=lambda: now[0])
    cache.put("a", "1")
    now[0] = 9.0
    assert cache.get("a") == "1"
    now[0] = 10.0
    assert cache.get("a") is None
    for key in "abc":
        cache.put(key, key)
    assert [cache.get(key) for key in "abc"] == [None, "b", "c"]
