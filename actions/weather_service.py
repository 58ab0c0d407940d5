"""The weather service as the skills ask it: by the settings, with a memory of ten minutes."""

from __future__ import annotations

from collections.abc import Hashable

from actions.clients.cache import ExpiringCache
from actions.clients.open_meteo import OpenMeteo
from actions.forecast import Forecast
from actions.places import Found, Place, choose, readings
from actions.settings.weather import WeatherSettings, read_weather_settings

CACHE_SECONDS = 600.0
MOST_CACHED = 64

_places: ExpiringCache[list[Place]] = ExpiringCache(CACHE_SECONDS, MOST_CACHED)
_forecasts: ExpiringCache[Forecast] = ExpiringCache(CACHE_SECONDS, MOST_CACHED)


async def find_place(text: str) -> Found | None:
    """Looks a place up as somebody said it: "Hamburg", "Springfield, Illinois", "52.52,13.41".

    Returns:
        The place, or None if there is none of that name.

    Raises:
        WeatherError: If the service could not be asked.
    """
    coordinates = _coordinates(text)
    if coordinates:
        return Found(Place("", *coordinates))
    for name, region in readings(text):
        found = choose(await _search(name), region)
        if found:
            return found
    return None


async def forecast_for(place: Place) -> Forecast:
    """The forecast for a place.

    Raises:
        WeatherError: If the service could not be asked.
    """
    settings = read_weather_settings()
    # Two digits are a kilometre: nobody needs to know it better.
    latitude, longitude = round(place.latitude, 2), round(place.longitude, 2)
    key: Hashable = (settings.weather_url, latitude, longitude)
    forecast = _forecasts.get(key)
    if forecast is None:
        forecast = await _client(settings).forecast(latitude, longitude)
        _forecasts.put(key, forecast)
    return forecast


def forget() -> None:
    """Forgets what the services said."""
    _places.clear()
    _forecasts.clear()


async def _search(name: str) -> list[Place]:
    settings = read_weather_settings()
    key: Hashable = (settings.geocoding_url, name.casefold())
    places = _places.get(key)
    if places is None:
        places = await _client(settings).find(name)
        _places.put(key, places)
    return places


def _client(settings: WeatherSettings) -> OpenMeteo:
    return OpenMeteo(settings.weather_url, settings.geocoding_url, settings.weather_timeout)


def _coordinates(text: str) -> tuple[float, float] | None:
    parts = text.split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        return None
    on_the_map = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (latitude, longitude) if on_the_map else None
