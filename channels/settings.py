"""What the channels are told: by credentials.yml, and by the environment.

No other module of this package reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.shared.exceptions import RasaException

DATABASE_URL_VARIABLE = "PARLEY_CHANNELS_DATABASE_URL"

DEFAULT_DATABASE_URL = f"sqlite:///{Path(__file__).resolve().parents[1] / 'var' / 'channels.db'}"

DATABASE_TIMEOUT = 5.0
"""Seconds to wait for another's lock."""


class ChannelSettingsError(RasaException):
    """A channel cannot start; the message names what is missing or wrong, and the mend.

    Rasa prints it and ends.
    """


@dataclass(frozen=True)
class ChannelSettings:
    """What all channels share."""

    database_url: str
    """Where messages are kept that are yet to be answered or sent, as SQLAlchemy writes it."""


def read_channel_settings(environment: Mapping[str, str] | None = None) -> ChannelSettings:
    """Reads what all channels share.

    Args:
        environment: The variables; those of this process unless given.
    """
    variables = os.environ if environment is None else environment
    return ChannelSettings(variables.get(DATABASE_URL_VARIABLE) or DEFAULT_DATABASE_URL)


class Credentials:
    """A channel's entry in credentials.yml, with the environment for what is not in it."""

    def __init__(
        self,
        channel: str,
        entry: Mapping[str, Any] | None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Keeps both.

        Args:
            channel: The channel's name, for what is said of mistakes.
            entry: The keys in credentials.yml; None where nothing is below the channel's name.
            environment: The variables; those of this process unless given.
        """
        self._channel = channel
        self._entry = dict(entry or {})
        self._environment = os.environ if environment is None else environment
        self._known: set[str] = set()

    def required(self, key: str, variable: str) -> str:
        """A text that the channel cannot do without.

        Raises:
            ChannelSettingsError: If it is neither in credentials.yml nor in the environment.
        """
        value = self.text(key, variable)
        if not value:
            raise ChannelSettingsError(
                f"The channel '{self._channel}' does not start without '{key}': set {variable} "
                "in the environment."
            )
        return value

    def text(self, key: str, variable: str | None = None, default: str = "") -> str:
        """A text; an empty one counts as none."""
        value = self._value(key, variable)
        return str(value).strip() if value not in (None, "") else default

    def flag(self, key: str, default: bool) -> bool:
        """True or false.

        Raises:
            ChannelSettingsError: If it is something else.
        """
        value = self._value(key, None)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(key, value, "give true or false")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """One of several words; the first unless given.

        Raises:
            ChannelSettingsError: If it is another.
        """
        value = self.text(key, default=choices[0])
        if value not in choices:
            raise self._wrong(key, value, f"give one of {', '.join(choices)}")
        return value

    def number(self, key: str, default: float, least: float, most: float) -> float:
        """A number within limits.

        Raises:
            ChannelSettingsError: If it is none, or beyond them.
        """
        value = self._value(key, None)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(key, value, "give a number")
        if not least <= value <= most:
            raise self._wrong(key, value, f"give a number from {least:g} to {most:g}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Several texts, empty unless given.

        Raises:
            ChannelSettingsError: If it is no list of texts.
        """
        value = self._value(key, None)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, value, "give a list of texts")
        return tuple(value)

    def refuse_unknown(self) -> None:
        """To be called when everything has been read.

        Raises:
            ChannelSettingsError: If credentials.yml has a key that nobody asked for.
        """
        unknown = sorted(set(self._entry) - self._known)
        if unknown:
            raise ChannelSettingsError(
                f"The channel '{self._channel}' knows no '{unknown[0]}' in credentials.yml; it "
                f"knows {', '.join(sorted(self._known))}."
            )

    def _value(self, key: str, variable: str | None) -> Any:
        self._known.add(key)
        value = self._entry.get(key)
        if value in (None, "") and variable is not None:
            value = self._environment.get(variable)
        return value

    def _wrong(self, key: str, value: object, mend: str) -> ChannelSettingsError:
        return ChannelSettingsError(
            f"'{key}' of the channel '{self._channel}' is '{value}' in credentials.yml: {mend}."
        )
