"""Telegram, by the Bot API: https://core.telegram.org/bots/api; `docs/telegram.md` sets it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from channels.telegram.connector import TelegramInput

__all__ = ["TelegramInput"]


def __getattr__(name: str) -> Any:
    """The connector, imported when somebody asks for it.

    `make telegram` uses the settings and the client alone, and would else wait for all of Rasa.
    """
    if name == "TelegramInput":
        from channels.telegram.connector import TelegramInput

        return TelegramInput
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
