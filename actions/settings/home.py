"""What the environment says of the home: its file of devices, its MQTT broker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from actions.settings.reading import PROJECT_ROOT, read_seconds

HOME_VARIABLE = "PARLEY_HOME"
MQTT_URL_VARIABLE = "PARLEY_MQTT_URL"
MQTT_TIMEOUT_VARIABLE = "PARLEY_MQTT_TIMEOUT"
MQTT_ANSWER_TIMEOUT_VARIABLE = "PARLEY_MQTT_ANSWER_TIMEOUT"

DEFAULT_HOME = PROJECT_ROOT / "home.yml"
DEFAULT_MQTT_URL = "mqtt://localhost:1883"
DEFAULT_MQTT_TIMEOUT = 3.0
DEFAULT_MQTT_ANSWER_TIMEOUT = 2.0


@dataclass(frozen=True)
class HomeSettings:
    """The home's settings."""

    file: Path
    """The devices of the house."""

    mqtt_url: str = field(repr=False)
    """The MQTT broker: mqtt://user:password@host:port."""

    mqtt_timeout: float
    """Seconds that each step with the broker may take."""

    mqtt_answer_timeout: float
    """Seconds that a device has to report what it did, or how it is."""


def read_home_settings(environment: Mapping[str, str] | None = None) -> HomeSettings:
    """Reads the home's settings from the environment.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    return HomeSettings(
        file=Path(variables.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser(),
        mqtt_url=variables.get(MQTT_URL_VARIABLE) or DEFAULT_MQTT_URL,
        mqtt_timeout=read_seconds(variables, MQTT_TIMEOUT_VARIABLE, DEFAULT_MQTT_TIMEOUT),
        mqtt_answer_timeout=read_seconds(
            variables, MQTT_ANSWER_TIMEOUT_VARIABLE, DEFAULT_MQTT_ANSWER_TIMEOUT
        ),
    )
