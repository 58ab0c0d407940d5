"""What the channel is told, and how it refuses what is wrong."""

from __future__ import annotations

import pytest

from channels.settings import ChannelSettingsError
from channels.telegram import TelegramInput
from channels.telegram.settings import read_telegram_settings
from tests.services.telegram import SECRET, TOKEN

COMPLETE = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TELEGRAM_WEBHOOK_URL": "https://parley.example.org",
    "TELEGRAM_WEBHOOK_SECRET": SECRET,
}


def test_the_environment_suffices_for_a_webhook() -> None:
    settings = read_telegram_settings(None, COMPLETE)
    assert settings.mode == "webhook"
    assert settings.webhook_url == "https://parley.example.org/webhooks/telegram/webhook"
    assert settings.api_url == "https://api.telegram.org"
    assert settings.group_conversations == "person"


def test_secrets_are_not_shown() -> None:
    shown = repr(read_telegram_settings(None, COMPLETE))
    assert TOKEN not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("variable", list(COMPLETE))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_is_named(variable: str, value: str | None) -> None:
    environment = {name: known for name, known in COMPLETE.items() if name != variable}
    if value is not None:
        environment[variable] = value
    with pytest.raises(ChannelSettingsError, match=f"set {variable} in the environment"):
        read_telegram_settings(None, environment)


def test_polling_needs_the_token_alone() -> None:
    settings = read_telegram_settings({"mode": "polling"}, {"TELEGRAM_BOT_TOKEN": TOKEN})
    assert (settings.mode, settings.secret, settings.webhook_url) == ("polling", "", "")
    by_variable = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_MODE": "polling"}
    assert read_telegram_settings({}, by_variable).mode == "polling"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "parley"),
        ("TELEGRAM_BOT_TOKEN", f"bot{TOKEN}"),
        ("TELEGRAM_BOT_TOKEN", f"{TOKEN}/getMe?x=y z"),
        ("TELEGRAM_WEBHOOK_SECRET", "with space"),
        ("TELEGRAM_WEBHOOK_SECRET", "s\u00e9cret"),
        ("TELEGRAM_WEBHOOK_SECRET", "x" * 257),
        ("TELEGRAM_WEBHOOK_URL", "http://parley.example.org"),
        ("TELEGRAM_WEBHOOK_URL", "parley.example.org"),
        ("TELEGRAM_WEBHOOK_URL", "https://"),
        ("TELEGRAM_WEBHOOK_URL", "https://a:b@parley.example.org"),
        ("TELEGRAM_WEBHOOK_URL", "https://parley.example.org:5005"),
        ("TELEGRAM_WEBHOOK_URL", "https://parley.example.org:99999"),
        ("TELEGRAM_MODE", "sometimes"),
        ("TELEGRAM_API_URL", "localhost:8081"),
        ("TELEGRAM_API_URL", "ftp://localhost"),
    ],
)
def test_what_is_wrong_is_named(variable: str, value: str) -> None:
    with pytest.raises(ChannelSettingsError) as refused:
        read_telegram_settings(None, {**COMPLETE, variable: value})
    assert variable in str(refused.value)
    if variable in ("TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"):
        assert value not in str(refused.value)


@pytest.mark.parametrize("port", ["", ":443", ":80", ":88", ":8443"])
def test_the_ports_that_telegram_calls_are_taken(port: str) -> None:
    address = f"https://parley.example.org{port}/my/path"
    settings = read_telegram_settings(None, {**COMPLETE, "TELEGRAM_WEBHOOK_URL": address})
    assert settings.webhook_url == address


def test_a_bot_api_server_of_ones_own_may_call_any_address() -> None:
    environment = {
        **COMPLETE,
        "TELEGRAM_API_URL": "http://localhost:8081/",
        "TELEGRAM_WEBHOOK_URL": "http://localhost:5005",
    }
    settings = read_telegram_settings(None, environment)
    assert settings.api_url == "http://localhost:8081"
    assert settings.webhook_url == "http://localhost:5005/webhooks/telegram/webhook"


def test_a_key_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ChannelSettingsError, match="knows no 'access_token'"):
        TelegramInput.from_credentials({"access_token": "x"})
    with pytest.raises(ChannelSettingsError, match="group_conversations.*person, group"):
        TelegramInput.from_credentials({"group_conversations": "all"})
