"""What the environment says of the weather: the service, the place, the units."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from actions.settings.reading import SettingsError, read_address, read_seconds

WEATHER_URL_VARIABLE = "PARLEY_WEATHER_URL"
GEOCODING_URL_VARIABLE = "PARLEY_GEOCODING_URL"
WEATHER_TIMEOUT_VARIABLE = "PARLEY_WEATHER_TIMEOUT"
PLACE_VARIABLE = "PARLEY_PLACE"
UNITS_VARIABLE = "PARLEY_UNITS"

DEFAULT_WEATHER_URL = "https://api.open-meteo.com/v1/forecast"
DEFAULT_GEOCODING_URL = "https://geocoding-api.open-meteo.com/v1/search"
DEFAULT_WEATHER_TIMEOUT = 5.0


@dataclass(frozen=True)
class WeatherSettings:
    """The weather's settings."""

    weather_url: str
    """Open-Meteo's forecasts; empty where the weather is switched off."""

    geocoding_url: str
    """Open-Meteo's search for places; empty where it is switched off, or the weather is."""

    weather_timeout: float
    """Seconds that an action waits for either of them before it gives up."""

    place: str
    """Home: a name, or "latitude,longitude"; empty: the person is asked."""

    imperial: bool
    """Whether the weather is told in degrees Fahrenheit and miles."""


def read_weather_settings(environment: Mapping[str, str] | None = None) -> WeatherSettings:
    """Reads the weather's settings from the environment.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    weather_url = read_address(variables, WEATHER_URL_VARIABLE, DEFAULT_WEATHER_URL)
    geocoding_url = read_address(variables, GEOCODING_URL_VARIABLE, DEFAULT_GEOCODING_URL)
    return WeatherSettings(
        weather_url=weather_url,
        # Who switches the weather off wants nothing to leave the machine for its sake.
        geocoding_url=geocoding_url if weather_url else "",
        weather_timeout=read_seconds(variables, WEATHER_TIMEOUT_VARIABLE, DEFAULT_WEATHER_TIMEOUT),
        place=_place(variables),
        imperial=_imperial(variables),
    )


def _place(variables: Mapping[str, str]) -> str:
    text = (variables.get(PLACE_VARIABLE) or "").strip()
    parts = text.split(",")
    if len(parts) == 2:
        try:
            latitude, longitude = float(parts[0]), float(parts[1])
        except ValueError:
            return text  # "Springfield, Illinois"
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            mend = "latitudes go from -90 to 90, longitudes from -180 to 180."
            raise SettingsError(PLACE_VARIABLE, text, mend)
    return text


def _imperial(variables: Mapping[str, str]) -> bool:
    text = (variables.get(UNITS_VARIABLE) or "metric").strip().casefold()
    if text not in ("metric", "imperial"):
        raise SettingsError(UNITS_VARIABLE, text, "give 'metric' or 'imperial'.")
    return text == "imperial"
