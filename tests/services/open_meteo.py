"""Open-Meteo's two endpoints as they are documented, on this machine, and strict about it.

The weather is made up, but the same every time: it depends on the place and the day alone. The
present moment is that of `NOW`, so that tests can say what they expect.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
"""A Friday; in Berlin it is three in the afternoon."""

SLOW_SECONDS = 30.0

FORECAST, SEARCH = "/v1/forecast", "/v1/search"

_FORECAST_PARAMETERS = frozenset(
    "latitude longitude elevation current hourly daily timezone timeformat temperature_unit "
    "wind_speed_unit precipitation_unit past_days forecast_days start_date end_date models "
    "cell_selection".split()
)
_SEARCH_PARAMETERS = frozenset("name count format language countryCode apikey".split())
_HOURLY = {
    "temperature_2m": "°C",
    "apparent_temperature": "°C",
    "precipitation_probability": "%",
    "precipitation": "mm",
    "snowfall": "cm",
    "weather_code": "wmo code",
    "wind_speed_10m": "km/h",
    "wind_gusts_10m": "km/h",
}
_DAILY = {"sunrise": "iso8601", "sunset": "iso8601"}


@dataclass(frozen=True)
class Day:
    """The weather of a day."""

    code: int
    chance: int
    """Percent, from two in the afternoon; a tenth of it before."""

    low: float
    high: float
    wind: float = 10.0
    gusts: float = 20.0


CLOUDS = Day(3, 10, 4, 9)
RAIN = Day(61, 80, 6, 11)
CLEAR = Day(0, 0, -2, 7)
SNOW = Day(73, 70, -4, -1)
STORM = Day(2, 30, 5, 10, 45, 90)
HEAT = Day(0, 5, 21, 33)


@dataclass(frozen=True)
class Town:
    """A place that can be found, and its weather from `NOW` on, day by day, over and over."""

    name: str
    region: str
    country: str
    code: str
    latitude: float
    longitude: float
    zone: str
    population: int
    days: Sequence[Day]


TOWNS = (
    Town(
        *("Berlin", "Land Berlin", "Germany", "DE", 52.52437, 13.41053, "Europe/Berlin", 3426354),
        days=(CLOUDS, RAIN, CLEAR, SNOW, STORM, CLOUDS, CLOUDS),
    ),
    Town(
        *("Berlin", "New Hampshire", "United States", "US", 44.47, -71.19, "America/New_York"),
        *(9367, (SNOW,)),
    ),
    Town(
        *("Hamburg", "Hamburg", "Germany", "DE", 53.55073, 9.99302, "Europe/Berlin", 1739117),
        days=(RAIN, CLOUDS, RAIN, CLOUDS),
    ),
    Town(*("Oslo", "Oslo", "Norway", "NO", 59.91, 10.75, "Europe/Oslo", 580000), days=(SNOW,)),
    Town(
        *("Tokyo", "Tokyo", "Japan", "JP", 35.6895, 139.69171, "Asia/Tokyo", 9733276),
        days=(CLEAR, CLOUDS),
    ),
    Town(
        *("Springfield", "Missouri", "United States", "US", 37.21533, -93.29824),
        *("America/Chicago", 170188, (HEAT,)),
    ),
    Town(
        *("Springfield", "Massachusetts", "United States", "US", 42.10148, -72.58981),
        *("America/New_York", 155929, (SNOW,)),
    ),
    Town(
        *("Springfield", "Illinois", "United States", "US", 39.80172, -89.64371),
        *("America/Chicago", 114394, (RAIN,)),
    ),
    Town(
        *("Bremen", "Bremen", "Germany", "DE", 53.08, 8.81, "Europe/Berlin", 546501), days=(RAIN,)
    ),
    Town(*("Graz", "Styria", "Austria", "AT", 47.07, 15.44, "Europe/Vienna", 222326), days=(SNOW,)),
    Town(
        *("Turku", "Southwest Finland", "Finland", "FI", 60.45, 22.27, "Europe/Helsinki", 175945),
        days=(STORM,),
    ),
    Town(
        *("Porto", "Porto", "Portugal", "PT", 41.15, -8.61, "Europe/Lisbon", 249633), days=(HEAT,)
    ),
    Town(
        *("Leeds", "England", "United Kingdom", "GB", 53.8, -1.55, "Europe/London", 455123),
        days=(CLOUDS, RAIN),
    ),
    Town(
        *("Longyearbyen", "Svalbard", "Norway", "NO", 78.22334, 15.64689),
        *("Arctic/Longyearbyen", 2060, (SNOW,)),
    ),
)


class OpenMeteo:
    """The server. Whatever was done to it, `start` makes it well again, on the same port."""

    def __init__(self) -> None:
        """Takes a port; `start` listens on it."""
        self.requests: list[tuple[str, dict[str, str]]] = []
        """What it was asked: the path and the parameters."""

        self.mood = "well"
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self.start()
        self.stop()

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells Parley where the service is."""
        base = f"http://127.0.0.1:{self._port}"
        return {
            "PARLEY_WEATHER_URL": base + FORECAST,
            "PARLEY_GEOCODING_URL": base + SEARCH,
            "PARLEY_WEATHER_TIMEOUT": "2",
        }

    def start(self) -> None:
        """Listens, and answers as it should."""
        self.mood = "well"
        if self._server is not None:
            return
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.service = self
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listens no longer."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def slow_down(self) -> None:
        """Lets everybody wait."""
        self.mood = "slow"

    def break_down(self) -> None:
        """Answers with its own fault."""
        self.mood = "broken"

    def limit(self) -> None:
        """Answers that it was asked too often."""
        self.mood = "busy"

    def garble(self) -> None:
        """Answers with what is no JSON."""
        self.mood = "garbled"

    def change_form(self) -> None:
        """Answers with JSON of another form."""
        self.mood = "other form"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    service: OpenMeteo


class RefusedError(ValueError):
    """A request that is not as documented."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answers one request."""
        parts = urlsplit(self.path)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        service = self.server.service
        service.requests.append((parts.path, dict(pairs)))
        if service.mood == "slow":
            time.sleep(SLOW_SECONDS)
        if service.mood == "broken":
            return self._send(500, b"Internal Server Error", "text/plain")
        if service.mood == "busy":
            reason = "Minutely API request limit exceeded. Please try again in one minute."
            return self._say(429, {"error": True, "reason": reason})
        if service.mood == "garbled":
            return self._send(200, b"<html>It works!</html>", "text/html")
        if service.mood == "other form":
            return self._say(200, {"current": [], "results": {"name": "Berlin"}})
        try:
            if len(dict(pairs)) != len(pairs):
                raise RefusedError("A parameter is given twice.")
            answers = {FORECAST: forecast, SEARCH: search}
            if parts.path not in answers:
                return self._say(404, {"error": True, "reason": "Not Found"})
            self._say(200, answers[parts.path](dict(pairs)))
        except RefusedError as error:
            self._say(400, {"error": True, "reason": str(error)})

    def log_message(self, format: str, *args: Any) -> None:
        """Writes nothing: tests read what they want to know from `requests`."""

    def _say(self, status: int, answer: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(answer).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked has given up


def search(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answers a search for places.

    Raises:
        RefusedError: If the request is not as documented.
    """
    _check_names(parameters, _SEARCH_PARAMETERS)
    if "name" not in parameters:
        raise RefusedError("Parameter 'name' is required.")
    count = _integer(parameters, "count", 10, 1, 100)
    if parameters.get("format", "json") != "json":
        raise RefusedError("Only JSON is spoken here.")
    name = parameters["name"].casefold()
    if len(name) < 2:
        return {"generationtime_ms": 0.1}
    found = [
        t
        for t in TOWNS
        if t.name.casefold() == name or (len(name) > 2 and t.name.casefold().startswith(name))
    ]
    results = [
        {
            "id": 1000 + TOWNS.index(town),
            "name": town.name,
            "latitude": town.latitude,
            "longitude": town.longitude,
            "feature_code": "PPL",
            "country_code": town.code,
            "timezone": town.zone,
            "population": town.population,
            "country": town.country,
            "admin1": town.region,
        }
        for town in found[:count]
    ]
    # As the service does it: without results there is no key.
    return {**({"results": results} if results else {}), "generationtime_ms": 0.5}


def forecast(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Answers a request for a forecast.

    Raises:
        RefusedError: If the request is not as documented.
    """
    _check_names(parameters, _FORECAST_PARAMETERS)
    latitude = _coordinate(parameters, "latitude", 90)
    longitude = _coordinate(parameters, "longitude", 180)
    days = _integer(parameters, "forecast_days", 7, 0, 16)
    town = min(TOWNS, key=lambda t: math.dist((t.latitude, t.longitude), (latitude, longitude)))
    if "daily" in parameters and "timezone" not in parameters:
        raise RefusedError("Timezone is required")
    zone = _zone(parameters.get("timezone", "GMT"), town)
    now = NOW.astimezone(zone)
    answer: dict[str, Any] = {
        "latitude": round(latitude, 2),
        "longitude": round(longitude, 2),
        "generationtime_ms": 0.3,
        "utc_offset_seconds": int((now.utcoffset() or timedelta()).total_seconds()),
        "timezone": zone.key,
        "timezone_abbreviation": now.tzname(),
        "elevation": 38.0,
    }
    if "current" in parameters:
        wanted = _variables(parameters, "current", _HOURLY)
        answer["current_units"] = {"time": "iso8601", "interval": "seconds", **wanted}
        values = _weather(town, now.date(), now.date(), now.hour)
        answer["current"] = {"time": _written(now), "interval": 900} | {
            name: values[name] for name in wanted
        }
    dates = [now.date() + timedelta(days=n) for n in range(days)]
    if "hourly" in parameters:
        wanted = _variables(parameters, "hourly", _HOURLY)
        moments = [(day, hour) for day in dates for hour in range(24)]
        rows = [_weather(town, now.date(), day, hour) for day, hour in moments]
        answer["hourly_units"] = {"time": "iso8601", **wanted}
        answer["hourly"] = {"time": [f"{day}T{hour:02}:00" for day, hour in moments]} | {
            name: [row[name] for row in rows] for name in wanted
        }
    if "daily" in parameters:
        wanted = _variables(parameters, "daily", _DAILY)
        times = {"sunrise": "07:35", "sunset": "16:05"}
        answer["daily_units"] = {"time": "iso8601", **wanted}
        dark = town.name == "Longyearbyen"
        answer["daily"] = {"time": [str(day) for day in dates]} | {
            name: [None if dark else f"{day}T{times[name]}" for day in dates] for name in wanted
        }
    return answer


def _weather(town: Town, today: date, day: date, hour: int) -> dict[str, float | int | None]:
    ahead = (day - today).days
    weather = town.days[ahead % len(town.days)]
    warmth = (1 - math.cos((hour - 2) / 24 * 2 * math.pi)) / 2
    temperature = round(weather.low + (weather.high - weather.low) * warmth, 1)
    wet = hour >= 14
    falls = weather.chance >= 50 and wet
    snows = weather.code in (71, 73, 75)
    return {
        "temperature_2m": temperature,
        "apparent_temperature": round(temperature - weather.wind / 5, 1),
        # The probabilities come from a model that ends sooner than the others.
        "precipitation_probability": None if ahead >= 15 else weather.chance // (1 if wet else 10),
        "precipitation": 1.2 if falls else 0.0,
        "snowfall": 0.7 if falls and snows else 0.0,
        "weather_code": weather.code if falls or weather.chance < 50 else 3,
        "wind_speed_10m": weather.wind,
        "wind_gusts_10m": weather.gusts,
    }


def _check_names(parameters: Mapping[str, str], known: frozenset[str]) -> None:
    for name in parameters:
        if name not in known:
            raise RefusedError(f"Unknown parameter '{name}'.")


def _coordinate(parameters: Mapping[str, str], name: str, limit: int) -> float:
    if name not in parameters:
        raise RefusedError(f"Parameter '{name}' is required.")
    try:
        value = float(parameters[name])
    except ValueError:
        value = math.nan
    if not abs(value) <= limit:
        raise RefusedError(
            f"{name.capitalize()} must be in range of -{limit} to {limit}°. "
            f"Given: {parameters[name]}."
        )
    return value


def _integer(parameters: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = parameters.get(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise RefusedError(f"Parameter '{name}' is out of the range from {least} to {most}.")
    return int(text)


def _variables(
    parameters: Mapping[str, str], part: str, known: Mapping[str, str]
) -> dict[str, str]:
    names = parameters[part].split(",")
    for name in names:
        if name not in known:
            raise RefusedError(
                f"Data corrupted at path ''. Cannot initialize {part} variable from invalid "
                f"String value {name}."
            )
    return {name: known[name] for name in names}


def _zone(name: str, town: Town) -> ZoneInfo:
    if name == "auto":
        return ZoneInfo(town.zone)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        raise RefusedError("Invalid timezone") from None


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")
