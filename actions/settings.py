"""What the action server is told by its environment; no other module reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

DATABASE_URL_VARIABLE = "PARLEY_DATABASE_URL"
DATABASE_TIMEOUT_VARIABLE = "PARLEY_DATABASE_TIMEOUT"
TIMEZONE_VARIABLE = "PARLEY_TIMEZONE"
# reminders: how the delivery process reaches Rasa
API_URL_VARIABLE = "PARLEY_API_URL"
API_TOKEN_VARIABLE = "PARLEY_API_TOKEN"
PORT_VARIABLE = "PARLEY_PORT"

DEFAULT_DATABASE_URL = f"sqlite:///{PROJECT_ROOT / 'var' / 'parley.db'}"
DEFAULT_DATABASE_TIMEOUT = 5.0
DEFAULT_PORT = 5005


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

    # reminders
    api_url: str
    """Where Rasa's HTTP API is, for the delivery of what is due."""

    api_token: str = field(repr=False)
    """What Rasa's HTTP API asks for; empty: nothing."""


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
        database_timeout=_seconds(variables),
        timezone=_timezone(variables),
        # reminders
        api_url=_api_url(variables),
        api_token=variables.get(API_TOKEN_VARIABLE) or "",
    )


def _api_url(variables: Mapping[str, str]) -> str:
    port = variables.get(PORT_VARIABLE) or DEFAULT_PORT
    url = variables.get(API_URL_VARIABLE) or f"http://127.0.0.1:{port}"
    if not url.startswith(("http://", "https://")):
        raise SettingsError(API_URL_VARIABLE, url, "give an address: http://127.0.0.1:5005.")
    return url.rstrip("/")


def _timezone(variables: Mapping[str, str]) -> str:
    name = variables.get(TIMEZONE_VARIABLE) or ""
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(TIMEZONE_VARIABLE, name, "give an IANA name: Europe/Berlin.") from None
    return name


def _seconds(variables: Mapping[str, str]) -> float:
    text = variables.get(DATABASE_TIMEOUT_VARIABLE) or str(DEFAULT_DATABASE_TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # `not >` rather than `<=`: it refuses "nan" as well.
    if not 0 < seconds <= 60:
        raise SettingsError(
            DATABASE_TIMEOUT_VARIABLE, text, "give seconds, more than 0 and at most 60."
        )
    return seconds
