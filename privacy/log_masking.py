"""Masking of personal data in logs: ours, Rasa's and those of the libraries.

Every line of Python's `logging`, whichever handler writes it, is made in `Handler.format`: with
what a message was filled with, what was added to it and the words of an exception. That one place
is where lines are masked. Rasa's structured logs come there as JSON, in which a line break is the
letter n; so their values are masked before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from privacy.masking import text_masker
from privacy.settings import LOGS, read_masking_settings

Mask = Callable[[str], str]

_INSTALLED = "masks_personal_data"


def install_log_masking() -> None:
    """Masks the logs of this process from now on, unless PARLEY_REDACT says otherwise.

    Raises:
        SettingsError: If PARLEY_REDACT names something that there is not.
        NamesUnavailableError: If PARLEY_REDACT_NAMES names no model.
    """
    settings = read_masking_settings()
    if LOGS not in settings.places or hasattr(logging.Handler, _INSTALLED):
        return
    mask = text_masker(settings.names)
    _mask_handlers(mask)
    _mask_structlog(mask)
    setattr(logging.Handler, _INSTALLED, True)


def structlog_masker(mask: Mask) -> Callable[[Any, str, Any], Any]:
    """A processor for structlog that masks the texts among an event's values."""

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            return mask(value)
        if isinstance(value, Mapping):
            return {key: masked(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [masked(each) for each in value]
        return value

    def process(_logger: Any, _method: str, event: Any) -> Any:
        return masked(event)

    return process


def _mask_handlers(mask: Mask) -> None:
    plain = logging.Handler.format

    def format_masked(self: logging.Handler, record: logging.LogRecord) -> str:
        return mask(plain(self, record))

    logging.Handler.format = format_masked  # type: ignore[method-assign]


def _mask_structlog(mask: Mask) -> None:
    # Rasa sets its processors when its command line begins, and when a server starts: whoever
    # sets some gets ours ahead of them.
    plain = structlog.configure
    first = structlog_masker(mask)

    def configure(processors: Any = None, *arguments: Any, **more: Any) -> None:
        with_ours = None if processors is None else [first, *processors]
        plain(with_ours, *arguments, **more)

    structlog.configure = configure
