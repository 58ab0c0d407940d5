"""Parley on Telegram: looks through the configuration, says what is wrong, then serves.

By webhook where TELEGRAM_WEBHOOK_URL is set, else by polling. `--check` ends before it serves.
docs/telegram.md tells how to get there.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from channels.settings import ChannelSettingsError
from channels.telegram.api import BotApi, RefusedError, TelegramError
from channels.telegram.settings import (
    MODE_VARIABLE,
    POLLING,
    SECRET_VARIABLE,
    TELEGRAM,
    TOKEN_VARIABLE,
    URL_VARIABLE,
    WEBHOOK,
    TelegramSettings,
    read_telegram_settings,
)
from scripts import serve
from scripts.addresses import is_public
from scripts.console import complain, give_up, say
from scripts.credentials import CHANNELS, CREDENTIALS
from scripts.project import ROOT, port_setting, setting

MENDS = {
    TOKEN_VARIABLE: "ask @BotFather for a bot (/newbot), then: export TELEGRAM_BOT_TOKEN=…",
    SECRET_VARIABLE: "make one up: export TELEGRAM_WEBHOOK_SECRET=$(openssl rand -hex 32)",
}
"""What to do about a variable that is not set."""

LAST_ERRORS = (
    ("403", f"{SECRET_VARIABLE} had another value then; the one of now is registered below"),
    ("404", f"the path in {URL_VARIABLE} does not lead to Parley"),
    ("413", "the proxy refuses what is long: let it pass 1 MB"),
    ("SSL", "the certificate must be a public authority's, complete, and for this name"),
    ("certificate", "the certificate must be a public authority's, complete, and for this name"),
    ("resolve", f"the name in {URL_VARIABLE} is not in the DNS"),
    ("50", "the proxy answered, and Parley behind it did not"),
    ("refused", "nobody listened there: start the proxy, open the firewall"),
    ("timed out", "nobody answered there: open the firewall"),
)
"""What Telegram says of its last call that failed, and what that means."""


def settings_of(entry: Mapping[str, Any], environment: Mapping[str, str]) -> TelegramSettings:
    """The settings, once everything that they need is there.

    Raises:
        SystemExit: If something is missing or wrong; it has been told.
    """
    mode = entry.get("mode") or environment.get(MODE_VARIABLE, "").strip()
    has_url = entry.get("webhook_url") or environment.get(URL_VARIABLE, "").strip()
    mode = mode or (WEBHOOK if has_url else POLLING)
    needed = {"token": TOKEN_VARIABLE}
    if mode == WEBHOOK:
        needed["webhook_secret"] = SECRET_VARIABLE
    missing = [
        variable
        for key, variable in needed.items()
        if not entry.get(key) and not environment.get(variable, "").strip()
    ]
    for variable in missing:
        complain(f"wrong  {variable} is not set: {MENDS[variable]}")
    if missing:
        raise SystemExit(1)
    try:
        settings = read_telegram_settings(entry, {**environment, MODE_VARIABLE: str(mode)})
    except ChannelSettingsError as error:
        give_up(f"wrong  {error}")
    say(f"right  The settings are complete, for {settings.mode}.")
    if settings.mode == WEBHOOK:
        say(f"right  Telegram shall call {settings.webhook_url}.")
    else:
        say(f"       ({URL_VARIABLE} is not used: Parley asks Telegram, no public address needed.)")
    return settings


async def check(settings: TelegramSettings) -> None:
    """Asks Telegram about the bot and its webhook.

    Raises:
        SystemExit: If it cannot work like this; it has been told why.
    """
    if settings.mode == WEBHOOK and settings.api_url == TELEGRAM:
        _check_address(settings.webhook_url)
    api = BotApi(settings.token, settings.api_url)
    try:
        me = await api.call("getMe")
        _tell_of_bot(me)
        _tell_of_webhook(settings, await api.call("getWebhookInfo"))
    except RefusedError as error:
        give_up(
            f"wrong  Telegram knows no bot with this token ({error.code} {error.description}): "
            f"copy it again from @BotFather (/mybots, API Token) into {TOKEN_VARIABLE}."
        )
    except TelegramError as error:
        give_up(
            f"wrong  {settings.api_url} does not answer ({error}): see whether this machine is "
            "online; where a proxy leads outside, set HTTPS_PROXY."
        )
    finally:
        await api.close()


def main() -> int:
    """Check, then serve; the exit status."""
    os.chdir(ROOT)
    settings = settings_of(_entry(), os.environ)
    asyncio.run(check(settings))
    if "--check" in sys.argv[1:]:
        return 0
    os.environ["CHANNELS"] = "telegram"
    os.environ[MODE_VARIABLE] = settings.mode
    if settings.mode == WEBHOOK:
        host, port = setting("PARLEY_HOST", "127.0.0.1"), port_setting("PARLEY_PORT", 5005)
        say(f"       Your proxy passes {settings.webhook_url} on to http://{host}:{port}.")
    say("Starting; Ctrl-C ends it.")
    return serve.main()


def _entry() -> dict[str, Any]:
    """What credentials.yml says of the channel, variables filled in as Rasa does."""
    text = os.path.expandvars(CREDENTIALS.read_text(encoding="utf-8"))
    return (yaml.safe_load(text) or {}).get(CHANNELS["telegram"]) or {}


def _check_address(url: str) -> None:
    host = urlsplit(url).hostname or ""
    if not is_public(host):
        give_up(
            f"wrong  {URL_VARIABLE} leads to '{host}', which only this network knows: give a "
            f"public address, or unset {URL_VARIABLE} to poll."
        )


def _tell_of_bot(me: Mapping[str, Any]) -> None:
    say(f"right  Telegram knows the bot: @{me['username']}, https://t.me/{me['username']}")
    if me.get("can_join_groups") is False:
        say("       It may not join groups (@BotFather, /setjoingroups).")
    if me.get("can_read_all_group_messages"):
        say("       In groups it is shown everything; it reads what is addressed to it alone.")


def _tell_of_webhook(settings: TelegramSettings, info: Mapping[str, Any]) -> None:
    registered = str(info.get("url") or "")
    if settings.mode == POLLING and registered:
        say(f"       So far Telegram calls {registered}; that is ended at the start.")
    if settings.mode == WEBHOOK and registered not in ("", settings.webhook_url):
        say(f"       So far Telegram calls {registered}; that is changed at the start.")
    if info.get("pending_update_count"):
        say(f"       Waiting at Telegram: {info['pending_update_count']}; all are answered.")
    reason = str(info.get("last_error_message") or "")
    if settings.mode == WEBHOOK and registered and reason:
        hours = (time.time() - float(info.get("last_error_date") or 0)) / 3600
        mend = next((mend for sign, mend in LAST_ERRORS if sign in reason), "look at the proxy")
        complain(f"look   Telegram's last failed call, {hours:.1f} h ago: {reason}: {mend}.")


if __name__ == "__main__":
    sys.exit(main())
