"""What the action server is told by its environment; no other module reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

DATABASE_URL_VARIABLE = "PARLEY_DATABASE_URL"
DATABASE_TIMEOUT_VARIABLE = "PARLEY_DATABASE_TIMEOUT"
TIMEZONE_VARIABLE = "PARLEY_TIMEZONE"
# handoff
HANDOFF_URL_VARIABLE = "PARLEY_HANDOFF_URL"
HANDOFF_SECRET_VARIABLE = "PARLEY_HANDOFF_SECRET"
HANDOFF_SLACK_TOKEN_VARIABLE = "PARLEY_HANDOFF_SLACK_TOKEN"
HANDOFF_SLACK_CHANNEL_VARIABLE = "PARLEY_HANDOFF_SLACK_CHANNEL"

DEFAULT_DATABASE_URL = f"sqlite:///{PROJECT_ROOT / 'var' / 'parley.db'}"
DEFAULT_DATABASE_TIMEOUT = 5.0
DEFAULT_SLACK_API = "https://slack.com/api"
_SLACK_WEBHOOKS = "hooks.slack.com"
# home
HOME_VARIABLE = "PARLEY_HOME"
MQTT_URL_VARIABLE = "PARLEY_MQTT_URL"
MQTT_TIMEOUT_VARIABLE = "PARLEY_MQTT_TIMEOUT"
MQTT_ANSWER_TIMEOUT_VARIABLE = "PARLEY_MQTT_ANSWER_TIMEOUT"

# home
DEFAULT_HOME = PROJECT_ROOT / "home.yml"
DEFAULT_MQTT_URL = "mqtt://localhost:1883"
DEFAULT_MQTT_TIMEOUT = 3.0
DEFAULT_MQTT_ANSWER_TIMEOUT = 2.0
# weather
WEATHER_URL_VARIABLE = "PARLEY_WEATHER_URL"
GEOCODING_URL_VARIABLE = "PARLEY_GEOCODING_URL"
WEATHER_TIMEOUT_VARIABLE = "PARLEY_WEATHER_TIMEOUT"
PLACE_VARIABLE = "PARLEY_PLACE"
UNITS_VARIABLE = "PARLEY_UNITS"

DEFAULT_DATABASE_URL = f"sqlite:///{PROJECT_ROOT / 'var' / 'parley.db'}"
DEFAULT_DATABASE_TIMEOUT = 5.0
# weather
DEFAULT_WEATHER_URL = "https://api.open-meteo.com/v1/forecast"
DEFAULT_GEOCODING_URL = "https://geocoding-api.open-meteo.com/v1/search"
DEFAULT_WEATHER_TIMEOUT = 5.0
OFF = "off"


class SettingsError(ValueError):
    """A setting in the environment that cannot be used."""

    def __init__(self, variable: str, value: str, mend: str) -> None:
        """Names the variable, the value it has, and what would be a good one."""
        super().__init__(f"{variable} is '{value}': {mend}")


@dataclass(frozen=True)
class Settings:
    """The action server's settings."""

    database_url: str
    """Where Parley keeps what it is told to keep, as SQLAlchemy writes it."""

    database_timeout: float
    """Seconds that an action waits for the database before it gives up."""

    timezone: str
    """The user's time zone where the channel does not say it, an IANA name; empty: this
    machine's."""

    # home
    home_file: Path
    """The devices of the house."""

    mqtt_url: str
    """The MQTT broker: mqtt://user:password@host:port."""

    mqtt_timeout: float
    """Seconds that each step with the broker may take."""

    mqtt_answer_timeout: float
    """Seconds that a device has to report what it did, or how it is."""


@dataclass(frozen=True)
class SlackSettings:
    """A Slack channel to which conversations are handed."""

    api: str
    """Where Slack's Web API is, without a stroke at the end."""

    token: str = field(repr=False)
    """A bot token that may `chat:write`."""

    channel: str
    """The channel's id or name."""


@dataclass(frozen=True)
class SlackWebhookSettings:
    """An incoming webhook of Slack's to which conversations are handed."""

    url: str = field(repr=False)
    """Who knows it may post: it is a secret itself."""


@dataclass(frozen=True)
class WebhookSettings:
    """A web address to which conversations are handed."""

    url: str
    secret: str = field(repr=False)
    """Known to both sides; signs what is sent."""


HandoffSettings = SlackSettings | SlackWebhookSettings | WebhookSettings
"""Whom conversations are handed to."""


def read_handoff_settings(
    environment: Mapping[str, str] | None = None,
) -> HandoffSettings | None:
    """Reads whom a conversation is handed to.

    It is apart from `read_settings`, so that a mistake in it stops no other skill.

    Args:
        environment: The variables; those of this process unless given.

    Returns:
        The settings, or None where nobody is set up.

    Raises:
        SettingsError: If a variable holds something of no use, or one that it needs is missing.
    """
    variables = os.environ if environment is None else environment
    url = (variables.get(HANDOFF_URL_VARIABLE) or "").rstrip("/")
    token = variables.get(HANDOFF_SLACK_TOKEN_VARIABLE) or ""
    channel = variables.get(HANDOFF_SLACK_CHANNEL_VARIABLE) or ""
    secret = variables.get(HANDOFF_SECRET_VARIABLE) or ""
    address = urlsplit(url)
    if url and (address.scheme not in ("http", "https") or not address.hostname):
        # Not the value: an address may have a password in it.
        raise SettingsError(HANDOFF_URL_VARIABLE, "…", "give an address: https://example.org/in.")
    if token:
        if not channel:
            raise SettingsError(HANDOFF_SLACK_CHANNEL_VARIABLE, "", "name a channel for Slack.")
        if secret or address.hostname == _SLACK_WEBHOOKS:
            # The address would be taken for Slack's API, and would be sent the token.
            mend = "set it for a bot of Slack's or set a webhook, not both."
            raise SettingsError(HANDOFF_SLACK_TOKEN_VARIABLE, "…", mend)
        return SlackSettings(url or DEFAULT_SLACK_API, token, channel)
    if address.hostname == _SLACK_WEBHOOKS:
        return SlackWebhookSettings(url)
    if not url:
        return None
    if not secret:
        raise SettingsError(HANDOFF_SECRET_VARIABLE, "", "give a secret to sign with.")
    return WebhookSettings(url, secret)
    # weather
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


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings from the environment.

    Args:
        environment: The variables; those of this process unless given.

    Returns:
        The settings; what is unset or empty has its default.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    return Settings(
        database_url=variables.get(DATABASE_URL_VARIABLE) or DEFAULT_DATABASE_URL,
        database_timeout=_seconds(variables, DATABASE_TIMEOUT_VARIABLE, DEFAULT_DATABASE_TIMEOUT),
        timezone=_timezone(variables),
        # home
        home_file=Path(variables.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser(),
        mqtt_url=variables.get(MQTT_URL_VARIABLE) or DEFAULT_MQTT_URL,
        mqtt_timeout=_seconds(variables, MQTT_TIMEOUT_VARIABLE, DEFAULT_MQTT_TIMEOUT),
        mqtt_answer_timeout=_seconds(
            variables, MQTT_ANSWER_TIMEOUT_VARIABLE, DEFAULT_MQTT_ANSWER_TIMEOUT
        ),
        # weather
        weather_url=_weather_url(variables),
        geocoding_url=_geocoding_url(variables),
        weather_timeout=_seconds(variables, WEATHER_TIMEOUT_VARIABLE, DEFAULT_WEATHER_TIMEOUT),
        place=_place(variables),
        imperial=_imperial(variables),
    )


def _weather_url(variables: Mapping[str, str]) -> str:
    return _address(variables, WEATHER_URL_VARIABLE, DEFAULT_WEATHER_URL)


def _geocoding_url(variables: Mapping[str, str]) -> str:
    # Who switches the weather off wants nothing to leave the machine for its sake.
    url = _address(variables, GEOCODING_URL_VARIABLE, DEFAULT_GEOCODING_URL)
    return url if _weather_url(variables) else ""


def _address(variables: Mapping[str, str], variable: str, default: str) -> str:
    text = (variables.get(variable) or default).strip()
    if text.casefold() == OFF:
        return ""
    if not text.startswith(("http://", "https://")):
        raise SettingsError(variable, text, f"give an http(s) address, or '{OFF}'.")
    return text


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


def _timezone(variables: Mapping[str, str]) -> str:
    name = variables.get(TIMEZONE_VARIABLE) or ""
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(TIMEZONE_VARIABLE, name, "give an IANA name: Europe/Berlin.") from None
    return name


def _seconds(variables: Mapping[str, str], variable: str, default: float) -> float:
    text = variables.get(variable) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # `not >` rather than `<=`: it refuses "nan" as well.
    if not 0 < seconds <= 60:
        raise SettingsError(variable, text, "give seconds, more than 0 and at most 60.")
    return seconds
