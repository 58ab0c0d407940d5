"""How the server listens and speaks: told by the environment, as all of its channels share it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from channels.settings import ChannelSettingsError, Credentials
from voice.worker import DEFAULT_ENGINE

WORKERS_VARIABLE = "PARLEY_VOICE_WORKERS"
ENGINE_VARIABLE = "PARLEY_VOICE_ENGINE"
MODEL_VARIABLE = "PARLEY_VOICE_MODEL"
LANGUAGE_VARIABLE = "PARLEY_VOICE_LANGUAGE"
KEEP_AUDIO_VARIABLE = "PARLEY_VOICE_KEEP_AUDIO"
KEEP_DAYS_VARIABLE = "PARLEY_VOICE_KEEP_DAYS"

MOST_WORKERS = 64


@dataclass(frozen=True)
class HearingSettings:
    """How a server listens."""

    workers: int = 1
    """Processes that decode speech, each with a core of its own when there is much to hear."""

    engine: str = DEFAULT_ENGINE

    model: Path | None = None
    """The engine's model, where it does not bring one."""

    language: Path | None = None
    """A language model to be used in place of the one in the assistant's model."""

    keep_audio: Path | None = None
    """Where what was said is kept; nowhere unless set."""

    kept: timedelta = timedelta(days=7)


def read_hearing_settings(environment: Mapping[str, str] | None = None) -> HearingSettings:
    """Reads how the server listens.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        ChannelSettingsError: If one is wrong; the message names it.
    """
    given = Credentials("voice", None, os.environ if environment is None else environment)
    plain = HearingSettings()
    # A decoder beside the one that another person's speech keeps busy, where there are the cores.
    usual = 2 if (os.cpu_count() or 1) >= 4 else 1
    keep = given.text("keep_audio", KEEP_AUDIO_VARIABLE)
    return HearingSettings(
        workers=_count(given.text("workers", WORKERS_VARIABLE), WORKERS_VARIABLE, usual),
        engine=given.text("engine", ENGINE_VARIABLE, plain.engine),
        model=_folder(given.text("model", MODEL_VARIABLE), MODEL_VARIABLE),
        language=_folder(given.text("language", LANGUAGE_VARIABLE), LANGUAGE_VARIABLE),
        keep_audio=Path(keep).expanduser().resolve() if keep else None,
        kept=timedelta(
            days=_count(
                given.text("keep_days", KEEP_DAYS_VARIABLE), KEEP_DAYS_VARIABLE, plain.kept.days
            )
        ),
    )


def _count(given: str, variable: str, usual: int) -> int:
    if not given:
        return usual
    most = MOST_WORKERS if variable == WORKERS_VARIABLE else 3650
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise ChannelSettingsError(f"{variable} is '{given}': give a number from 1 to {most}.")
    return int(given)


def _folder(given: str, variable: str) -> Path | None:
    if not given:
        return None
    path = Path(given).expanduser().resolve()
    if not path.exists():
        raise ChannelSettingsError(f"{variable} names {path}, which is not there.")
    return path
