"""One Bot API server, one action server and one Rasa server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.services.telegram import SECRET, TOKEN, WEBHOOK_URL, Telegram

INPUT = "channels.telegram.TelegramInput"


class TelegramBot(Bot):
    """A server whose log is looked through for the token whenever it ends."""

    def stop(self) -> None:
        super().stop()
        self.look_through_log()

    def kill(self) -> None:
        super().kill()
        self.look_through_log()

    def look_through_log(self) -> None:
        assert TOKEN not in self.log
        assert SECRET not in self.log


def environment_for(telegram: Telegram) -> dict[str, str]:
    """What makes a server use this Bot API, with all that a webhook needs."""
    return {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_WEBHOOK_URL": WEBHOOK_URL,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "LOG_LEVEL": "DEBUG",
    }


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture(scope="module")
def actions() -> Iterator[ActionServer]:
    with ActionServer() as server:
        yield server


@pytest.fixture(scope="module")
def bot(
    tmp_path_factory: pytest.TempPathFactory,
    small_model: Path,
    actions: ActionServer,
    telegram: Telegram,
) -> Iterator[TelegramBot]:
    folder = tmp_path_factory.mktemp("telegram")
    bot = TelegramBot(folder, small_model, actions, {INPUT: None}, environment_for(telegram))
    bot.start()
    telegram.deliver_to = bot.url
    yield bot
    bot.stop()
