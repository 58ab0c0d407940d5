"""Telegram, by the Bot API: https://core.telegram.org/bots/api; `docs/telegram.md` sets it up."""

from channels.telegram.connector import TelegramInput

__all__ = ["TelegramInput"]
