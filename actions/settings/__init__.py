"""What the action server is told by its environment; no other package reads it.

What every skill needs is here; what one skill needs is in the module of its name, read by
itself, so that a mistake in it stops no other skill.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from actions.settings.reading import PROJECT_ROOT, SettingsError, read_seconds

__all__ = ["PROJECT_ROOT", "Settings", "SettingsError", "read_settings"]

DATABASE_URL_VARIABLE = "PARLEY_DATABASE_URL"
DATABASE_TIMEOUT_VARIABLE = "PARLEY_DATABASE_TIMEOUT"
TIMEZONE_VARIABLE = "PARLEY_TIMEZONE"

DEFAULT_DATABASE_URL = f"sqlite:///{PROJECT_ROOT / 'var' / 'parley.db'}"
DEFAULT_DATABASE_TIMEOUT = 5.0


@dataclass(frozen=True)
class Settings:
    """The settings of all skills."""

    database_url: str
    """Where Parley keeps what it is told to keep, as SQLAlchemy writes it."""

    database_timeout: float
    """Seconds that an action waits for the database before it gives up."""

    timezone: str
    """The user's time zone where the channel does not say it, an IANA name; empty: this
    machine's."""


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
        database_timeout=read_seconds(
            variables, DATABASE_TIMEOUT_VARIABLE, DEFAULT_DATABASE_TIMEOUT
        ),
        timezone=_timezone(variables),
    )


def _timezone(variables: Mapping[str, str]) -> str:
    name = variables.get(TIMEZONE_VARIABLE) or ""
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(TIMEZONE_VARIABLE, name, "give an IANA name: Europe/Berlin.") from None
    return name
