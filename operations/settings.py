"""What the servers are told of their end by the environment; no other module here reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

STOP_SECONDS_VARIABLE = "PARLEY_STOP_SECONDS"

DEFAULT_STOP_SECONDS = 10.0
LONGEST_STOP = 600.0


class OperationsSettingsError(ValueError):
    """A variable holds something of no use; the message names it and the mend."""


@dataclass(frozen=True)
class OperationsSettings:
    """How a server ends."""

    stop_seconds: float
    """How long turns in progress have to come to their end after SIGTERM."""


def read_operations_settings(environment: Mapping[str, str] | None = None) -> OperationsSettings:
    """Reads how a server ends.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        OperationsSettingsError: If it is no number of seconds.
    """
    variables = os.environ if environment is None else environment
    text = variables.get(STOP_SECONDS_VARIABLE) or str(DEFAULT_STOP_SECONDS)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    # `not` rather than two comparisons the other way: it refuses "nan" as well.
    if not 0 <= seconds <= LONGEST_STOP:
        raise OperationsSettingsError(
            f"{STOP_SECONDS_VARIABLE} is '{text}': give seconds, from 0 to {LONGEST_STOP:g}."
        )
    return OperationsSettings(seconds)
