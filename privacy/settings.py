"""What the environment and endpoints.yml say of what is kept of people, and where.

The databases and folders are those that the skills and the channels use, as their own settings
name them. Where Rasa keeps conversations stands in endpoints.yml, which the action server is not
told: PARLEY_TRACKER_DATABASE_URL (or PARLEY_TRACKER_URL, as deploy/ calls it) names it where it is
another one than that file says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from actions.settings import PROJECT_ROOT, SettingsError, read_settings
from actions.settings.calendar import read_calendar_settings
from channels.settings import read_channel_settings

KEEP_DAYS_VARIABLE = "PARLEY_KEEP_DAYS"
REDACT_VARIABLE = "PARLEY_REDACT"
NAMES_VARIABLE = "PARLEY_REDACT_NAMES"
LOGS_VARIABLE = "PARLEY_LOGS"
REPORTS_VARIABLE = "PARLEY_REPORTS"
RECORDINGS_VARIABLE = "PARLEY_VOICE_KEEP_AUDIO"
"""As `channels.voice.settings` calls it, which brings all of speech with it."""

TRACKER_URL_VARIABLES = ("PARLEY_TRACKER_DATABASE_URL", "PARLEY_TRACKER_URL")
SCHEMA_VARIABLE = "POSTGRESQL_SCHEMA"
"""Rasa's own name for the schema that its tracker store is in."""

LOGS, EXPORTS, EVENTS, TRACKER = "logs", "exports", "events", "tracker"
PLACES = (LOGS, EXPORTS, EVENTS, TRACKER)
DEFAULT_PLACES = frozenset({LOGS, EXPORTS, EVENTS})

TRACKER_STORES = ("privacy.tracker_store.PrivateTrackerStore", "operations.trackers.SqlTrackers")
"""The tracker stores that do not write back what was erased."""

_LONGEST_DAYS = 36500
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class MaskingSettings:
    """Where personal data are masked."""

    places: frozenset[str] = DEFAULT_PLACES
    """Some of `logs`, `exports`, `events`, `tracker`."""

    names: str = ""
    """A spaCy model, by its name or folder, that finds names and places; empty: none does."""


@dataclass(frozen=True)
class PrivacySettings:
    """Where things are kept of people."""

    skills_url: str
    channels_url: str

    tracker_url: str
    """Empty where Rasa keeps conversations in no SQL database."""

    tracker_is_safe: bool
    """Whether Rasa keeps conversations by the store that does not write back what was erased."""

    tracker_schema: str
    calendar: str
    """A folder with a file for each person, or one calendar for all: a file or an address."""

    recordings: Path | None
    logs: Path
    reports: Path
    keep_days: int | None
    """After so many days a conversation is deleted; None: never."""


def read_privacy_settings(
    environment: Mapping[str, str] | None = None, endpoints: Path | None = None
) -> PrivacySettings:
    """Reads where things are kept.

    Args:
        environment: The variables; those of this process unless given.
        endpoints: Rasa's endpoints; the project's unless given.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    given = next(filter(None, map(variables.get, TRACKER_URL_VARIABLES)), "")
    url, is_safe = _tracker_store(endpoints or PROJECT_ROOT / "endpoints.yml", variables)
    recordings = variables.get(RECORDINGS_VARIABLE) or ""
    return PrivacySettings(
        skills_url=read_settings(variables).database_url,
        channels_url=read_channel_settings(variables).database_url,
        tracker_url=given or url,
        tracker_is_safe=is_safe,
        tracker_schema=variables.get(SCHEMA_VARIABLE) or "",
        calendar=read_calendar_settings(variables).calendar,
        recordings=Path(recordings).expanduser().resolve() if recordings else None,
        logs=Path(variables.get(LOGS_VARIABLE) or PROJECT_ROOT / "var" / "log"),
        reports=Path(variables.get(REPORTS_VARIABLE) or PROJECT_ROOT / "var"),
        keep_days=read_keep_days(variables),
    )


def read_keep_days(variables: Mapping[str, str]) -> int | None:
    """After how many days conversations are deleted; None where they never are.

    Raises:
        SettingsError: If it is no number of days.
    """
    text = (variables.get(KEEP_DAYS_VARIABLE) or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _LONGEST_DAYS):
        mend = f"give days, from 1 to {_LONGEST_DAYS}, or nothing to keep all."
        raise SettingsError(KEEP_DAYS_VARIABLE, text, mend)
    return int(text)


def read_masking_settings(environment: Mapping[str, str] | None = None) -> MaskingSettings:
    """Reads where personal data are masked.

    Raises:
        SettingsError: If a place is named that there is not.
    """
    variables = os.environ if environment is None else environment
    text = variables.get(REDACT_VARIABLE)
    names = (variables.get(NAMES_VARIABLE) or "").strip()
    if text is None or not text.strip():
        return MaskingSettings(names=names)
    places = frozenset(text.replace(",", " ").lower().split())
    if places == {"none"}:
        return MaskingSettings(frozenset(), names)
    if unknown := sorted(places - set(PLACES)):
        mend = f"'{unknown[0]}' is none of {', '.join(PLACES)}, nor 'none' alone."
        raise SettingsError(REDACT_VARIABLE, text, mend)
    return MaskingSettings(places, names)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for another database, and for one in memory."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def _tracker_store(path: Path, variables: Mapping[str, str]) -> tuple[str, bool]:
    """Where Rasa keeps conversations, and whether it does so by our store."""
    try:
        endpoints = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError):
        return "", False
    entry: dict[str, Any] = endpoints.get("tracker_store") or {}
    kind = str(entry.get("type") or "")
    if kind not in TRACKER_STORES and kind.lower() != "sql":
        return "", False
    values = {key: _filled(value, variables) for key, value in entry.items()}
    host, port = str(values.get("url") or ""), values.get("port")
    if "://" in host:
        return host, kind in TRACKER_STORES
    name, _, port_in_host = host.partition(":")
    url = URL.create(
        str(values.get("dialect") or "sqlite"),
        username=values.get("username") or None,
        password=values.get("password") or None,
        host=name or None,
        port=int(str(port_in_host or port)) if port_in_host or port else None,
        database=_database(values),
        query=values.get("query") or {},
    )
    return url.render_as_string(hide_password=False), kind in TRACKER_STORES


def _database(values: Mapping[str, Any]) -> str:
    name = str(values.get("db") or "rasa.db")
    if str(values.get("dialect") or "sqlite") == "sqlite":
        # Rasa takes it relative to where it was started, which is the project's folder.
        return str(PROJECT_ROOT / name)
    return name


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda found: variables.get(found[1], ""), value)
