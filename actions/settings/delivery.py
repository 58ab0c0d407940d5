"""What the environment says of the delivery of what is due: how it reaches Rasa."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.settings.reading import SettingsError

API_URL_VARIABLE = "PARLEY_API_URL"
API_TOKEN_VARIABLE = "PARLEY_API_TOKEN"
PORT_VARIABLE = "PARLEY_PORT"

DEFAULT_PORT = 5005


@dataclass(frozen=True)
class DeliverySettings:
    """The delivery's settings."""

    api_url: str
    """Where Rasa's HTTP API is."""

    api_token: str = field(repr=False)
    """What Rasa's HTTP API asks for; empty: nothing."""


def read_delivery_settings(environment: Mapping[str, str] | None = None) -> DeliverySettings:
    """Reads the delivery's settings from the environment.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    port = variables.get(PORT_VARIABLE) or DEFAULT_PORT
    url = variables.get(API_URL_VARIABLE) or f"http://127.0.0.1:{port}"
    if not url.startswith(("http://", "https://")):
        raise SettingsError(API_URL_VARIABLE, url, "give an address: http://127.0.0.1:5005.")
    return DeliverySettings(url.rstrip("/"), variables.get(API_TOKEN_VARIABLE) or "")
