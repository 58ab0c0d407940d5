"""How single variables of the environment are read, and what is said of those of no use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]

OFF = "off"
"""What switches a service off, in the place of its address."""


class SettingsError(ValueError):
    """A setting in the environment that cannot be used."""

    def __init__(self, variable: str, value: str, mend: str) -> None:
        """Names the variable, the value it has, and what would be a good one."""
        super().__init__(f"{variable} is '{value}': {mend}")


def read_seconds(variables: Mapping[str, str], variable: str, default: float) -> float:
    """Reads a limit on a wait.

    Raises:
        SettingsError: If it is no number of seconds above 0 and up to 60.
    """
    text = variables.get(variable) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # `not >` rather than `<=`: it refuses "nan" as well.
    if not 0 < seconds <= 60:
        raise SettingsError(variable, text, "give seconds, more than 0 and at most 60.")
    return seconds


def read_address(variables: Mapping[str, str], variable: str, default: str) -> str:
    """Reads the address of a service; empty where it is switched off.

    Raises:
        SettingsError: If it is no http(s) address.
    """
    text = (variables.get(variable) or default).strip()
    if text.casefold() == OFF:
        return ""
    if not text.startswith(("http://", "https://")):
        raise SettingsError(variable, text, f"give an http(s) address, or '{OFF}'.")
    return text
