"""What the environment and endpoints.yml say of what is kept of people, and where.

The databases and folders are those that the skills and the channels use, as their own settings
name them. Where Rasa keeps conversations stands in endpoints.yml, which the action server is not
told: PARLEY_TRACKER_DATABASE_URL names it where it is another one than that file says.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from actions.settings import PROJECT_ROOT, SettingsError, read_settings
from actions.settings.calendar import read_calendar_settings
from channels.settings import read_channel_settings
from operations.tracker_address import StoreError, find_store, store_kind

KEEP_DAYS_VARIABLE = "PARLEY_KEEP_DAYS"
REDACT_VARIABLE = "PARLEY_REDACT"
NAMES_VARIABLE = "PARLEY_REDACT_NAMES"
LOGS_VARIABLE = "PARLEY_LOGS"
REPORTS_VARIABLE = "PARLEY_REPORTS"
RECORDINGS_VARIABLE = "PARLEY_VOICE_KEEP_AUDIO"
"""As `channels.voice.settings` calls it, which brings all of speech with it."""

SCHEMA_VARIABLE = "POSTGRESQL_SCHEMA"
"""Rasa's own name for the schema that its tracker store is in."""

LOGS, EXPORTS, EVENTS, TRACKER = "logs", "exports", "events", "tracker"
PLACES = (LOGS, EXPORTS, EVENTS, TRACKER)
DEFAULT_PLACES = frozenset({LOGS, EXPORTS, EVENTS})

TRACKER_STORES = ("privacy.tracker_store.PrivateTrackerStore", "operations.trackers.SqlTrackers")
"""The tracker stores that do not write back what was erased."""

_LONGEST_DAYS = 36500


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
    path = endpoints or PROJECT_ROOT / "endpoints.yml"
    try:
        url = find_store(path, environment=variables).render_as_string(hide_password=False)
    except StoreError:
        url = ""
    recordings = variables.get(RECORDINGS_VARIABLE) or ""
    return PrivacySettings(
        skills_url=read_settings(variables).database_url,
        channels_url=read_channel_settings(variables).database_url,
        tracker_url=url,
        tracker_is_safe=store_kind(path) in TRACKER_STORES,
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
