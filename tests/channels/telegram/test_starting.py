"""Starts that fail, or that find Telegram away."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.processes import ServerDiedError
from tests.channels.action_server import ActionServer
from tests.channels.telegram.conftest import INPUT, TelegramBot, environment_for
from tests.channels.telegram.people import Person
from tests.services.telegram import SECRET, WEBHOOK_URL, Telegram

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("TELEGRAM_WEBHOOK_SECRET", "", "set TELEGRAM_WEBHOOK_SECRET in the environment"),
        (
            "TELEGRAM_BOT_TOKEN",
            "7000000001:AAE-not_the_token_of_any_bot_at_all",
            "Telegram knows no bot with the token in TELEGRAM_BOT_TOKEN (401 Unauthorized)",
        ),
    ],
    ids=["no secret", "no bot"],
)
def test_a_server_does_not_start_with(
    tmp_path: Path,
    small_model: Path,
    actions: ActionServer,
    telegram: Telegram,
    variable: str,
    value: str,
    told: str,
) -> None:
    environment = {**environment_for(telegram), variable: value, "LOG_LEVEL": "INFO"}
    bot = TelegramBot(tmp_path, small_model, actions, {INPUT: None}, environment)
    with pytest.raises(ServerDiedError):
        bot.start()
    bot.stop()
    assert told in bot.log
    assert "Traceback" not in bot.log
    assert telegram.webhook == {}


def test_a_telegram_that_is_away_at_the_start_is_waited_for(
    tmp_path: Path, small_model: Path, actions: ActionServer, telegram: Telegram
) -> None:
    telegram.fail("getMe", 502, "Bad Gateway", times=1000)
    bot = TelegramBot(tmp_path, small_model, actions, {INPUT: None}, environment_for(telegram))
    bot.start()
    try:
        ada = Person(telegram)
        # As an earlier start registered it. Who the bot is, is not known yet.
        telegram.webhook = {
            "url": f"{WEBHOOK_URL}/webhooks/telegram/webhook",
            "secret_token": SECRET,
        }
        telegram.deliver_to = bot.url
        update = ada.update("hello")
        assert telegram.post(update) == 503
        telegram.recover()
        telegram.wait_for(lambda: telegram.called("setWebhook"))
        assert telegram.post(update) == 200
        ada.hears("Hello!")
    finally:
        bot.stop()
