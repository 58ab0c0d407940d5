"""Open-Meteo: weather forecasts, and where places are (https://open-meteo.com/en/docs).

What leaves the machine is the place: a name to be found, or coordinates. The forecast is always
asked for as a whole, so that not even the day that somebody asks about is told.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import httpx

from actions.forecast import Forecast, Hour, Now, Sun
from actions.places import Place

FORECAST_DAYS = 16
"""As far as the service looks ahead, today included."""

MOST_PLACES = 10
"""Places of one name that are looked at."""

MOST_BYTES = 1_000_000
"""Of an answer: sixteen days are some fifty thousand."""

_CURRENT = ("temperature_2m", "apparent_temperature", "weather_code", "wind_speed_10m")
_HOURLY = (
    "temperature_2m",
    "precipitation_probability",
    "precipitation",
    "snowfall",
    "weather_code",
    "wind_speed_10m",
    "wind_gusts_10m",
)
_DAILY = ("sunrise", "sunset")


class Problem(Enum):
    """What is the matter with the service."""

    OFF = "off"
    """It is switched off by the settings."""

    AWAY = "away"
    """It cannot be reached."""

    SLOW = "slow"
    """It does not answer in time."""

    BUSY = "busy"
    """It was asked too often (429)."""

    BROKEN = "broken"
    """It has a fault of its own (5xx)."""

    REFUSED = "refused"
    """It will not answer that (any other status)."""

    GARBLED = "garbled"
    """Its answer makes no sense."""


class WeatherError(Exception):
    """The weather, or a place, could not be had."""

    def __init__(self, problem: Problem, reason: str) -> None:
        """Keeps what is the matter; the reason is for the log and names no place."""
        super().__init__(f"{problem.value}: {reason}")
        self.problem = problem


class OpenMeteo:
    """The two services of Open-Meteo, or of a server of one's own that speaks like them."""

    def __init__(self, forecast_url: str, geocoding_url: str, timeout: float) -> None:
        """Asks nothing yet.

        Args:
            forecast_url: Where forecasts are; empty if that is switched off.
            geocoding_url: Where places are looked up; empty if that is switched off.
            timeout: Seconds for an answer, all in all.
        """
        self._forecast_url = forecast_url
        self._geocoding_url = geocoding_url
        self._timeout = timeout
        # At INFO it would write every address with its parameters, the place, into the log.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    async def find(self, name: str) -> list[Place]:
        """Looks for places of a name, the likeliest first.

        Raises:
            WeatherError: If the service is off, away, slow or makes no sense.
        """
        parameters: dict[str, str | float] = {
            "name": name,
            "count": MOST_PLACES,
            "language": "en",
            "format": "json",
        }
        answer = await self._ask(self._geocoding_url, parameters)
        try:
            return [_place(result) for result in answer.get("results") or []]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _garbled("a place", error) from None

    async def forecast(self, latitude: float, longitude: float) -> Forecast:
        """Fetches all that there is about a place, now and for sixteen days.

        Raises:
            WeatherError: If the service is off, away, slow or makes no sense.
        """
        parameters: dict[str, str | float] = {
            "latitude": latitude,
            "longitude": longitude,
            "current": ",".join(_CURRENT),
            "hourly": ",".join(_HOURLY),
            "daily": ",".join(_DAILY),
            "timezone": "auto",
            "forecast_days": FORECAST_DAYS,
        }
        answer = await self._ask(self._forecast_url, parameters)
        try:
            return _forecast(answer)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise _garbled("a forecast", error) from None

    async def _ask(self, url: str, parameters: Mapping[str, str | float]) -> Mapping[str, Any]:
        if not url:
            raise WeatherError(Problem.OFF, "switched off by the settings")
        try:
            status, body = await asyncio.wait_for(self._get(url, parameters), self._timeout)
        except (asyncio.TimeoutError, httpx.TimeoutException):
            raise WeatherError(Problem.SLOW, f"no answer in {self._timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise WeatherError(Problem.AWAY, type(error).__name__) from None
        if status == 429:
            raise WeatherError(Problem.BUSY, "429")
        if status >= 500:
            raise WeatherError(Problem.BROKEN, str(status))
        if status != 200:
            raise WeatherError(Problem.REFUSED, str(status))
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise _garbled("no JSON", error) from None
        if not isinstance(answer, dict):
            raise WeatherError(Problem.GARBLED, "not a JSON object")
        return answer

    async def _get(self, url: str, parameters: Mapping[str, str | float]) -> tuple[int, bytes]:
        body = bytearray()
        async with (
            httpx.AsyncClient(timeout=self._timeout, headers={"User-Agent": "Parley"}) as client,
            client.stream("GET", url, params=dict(parameters)) as response,
        ):
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise WeatherError(Problem.GARBLED, f"more than {MOST_BYTES} bytes")
            return response.status_code, bytes(body)


def _place(result: Mapping[str, Any]) -> Place:
    latitude, longitude = float(result["latitude"]), float(result["longitude"])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("not on the map")
    return Place(
        name=str(result["name"]),
        latitude=latitude,
        longitude=longitude,
        region=str(result.get("admin1") or ""),
        country=str(result.get("country") or ""),
        country_code=str(result.get("country_code") or ""),
        timezone=str(result.get("timezone") or ""),
        population=int(result.get("population") or 0),
    )


def _forecast(answer: Mapping[str, Any]) -> Forecast:
    current, hourly, daily = answer["current"], answer["hourly"], answer["daily"]
    columns = [hourly["time"], *(hourly[name] for name in _HOURLY)]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("columns of different lengths")
    # Where the models end the service says null; an hour without a temperature is none.
    hours = tuple(_hour(*row) for row in zip(*columns, strict=True) if None not in (row[1], row[5]))
    if not hours:
        raise ValueError("no hours")
    return Forecast(
        timezone=str(answer["timezone"]),
        now=Now(
            time=datetime.fromisoformat(current["time"]),
            temperature=float(current["temperature_2m"]),
            feels_like=_number(current.get("apparent_temperature")),
            code=int(current["weather_code"]),
            wind=float(current["wind_speed_10m"]),
        ),
        hours=hours,
        suns=tuple(
            Sun(datetime.fromisoformat(rise), datetime.fromisoformat(fall))
            for rise, fall in zip(daily["sunrise"], daily["sunset"], strict=True)
            if rise and fall
        ),
    )


def _hour(
    time: str,
    temperature: Any,
    chance: Any,
    precipitation: Any,
    snowfall: Any,
    code: Any,
    wind: Any,
    gusts: Any,
) -> Hour:
    return Hour(
        time=datetime.fromisoformat(time),
        temperature=float(temperature),
        chance=_number(chance),
        precipitation=float(precipitation or 0),
        snowfall=float(snowfall or 0),
        code=int(code),
        wind=float(wind or 0),
        gusts=_number(gusts),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _garbled(what: str, error: Exception) -> WeatherError:
    return WeatherError(Problem.GARBLED, f"{what}: {type(error).__name__}")
