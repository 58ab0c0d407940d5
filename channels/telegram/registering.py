"""Making the bot known to the Bot API: who it is, where it is called, which commands it has."""

from __future__ import annotations

import logging

from channels.settings import ChannelSettingsError
from channels.telegram.api import BotApi, RefusedError
from channels.telegram.entities import Me
from channels.telegram.kinds import COMMANDS
from channels.telegram.settings import (
    TOKEN_VARIABLE,
    URL_VARIABLE,
    WEBHOOK,
    TelegramSettings,
)
from channels.telegram.updates import ALLOWED_UPDATES

logger = logging.getLogger(__name__)


async def identify(api: BotApi) -> Me:
    """Who the bot is.

    Raises:
        ChannelSettingsError: If the token is no bot's.
        TelegramError: If it cannot be known now.
    """
    try:
        me = await api.call("getMe")
    except RefusedError as error:
        raise ChannelSettingsError(
            f"Telegram knows no bot with the token in {TOKEN_VARIABLE} ({error.code} "
            f"{error.description}): copy it again from @BotFather, /mybots."
        ) from None
    return Me(int(me["id"]), str(me["username"]))


async def register(api: BotApi, settings: TelegramSettings) -> None:
    """Has Telegram call the webhook, or no webhook, and offer the commands.

    What waits at Telegram stays there until it is delivered.

    Raises:
        ChannelSettingsError: If Telegram refuses the address.
        TelegramError: If it cannot be done now.
    """
    if settings.mode == WEBHOOK:
        try:
            await api.call(
                "setWebhook",
                {
                    "url": settings.webhook_url,
                    "secret_token": settings.secret,
                    "allowed_updates": ALLOWED_UPDATES,
                },
            )
        except RefusedError as error:
            raise ChannelSettingsError(
                f"Telegram refuses the address in {URL_VARIABLE}: {error.description}"
            ) from None
    else:
        await api.call("deleteWebhook")
    commands = [
        {"command": command, "description": description}
        for command, (_, description) in COMMANDS.items()
    ]
    await api.call("setMyCommands", {"commands": commands})
