"""Ears and voice, one of each for all channels of a server process."""

from __future__ import annotations

from typing import Any

from sanic import Sanic

from channels.settings import ChannelSettingsError
from channels.voice.hearing import Ears
from channels.voice.settings import read_hearing_settings
from channels.voice.speech import Voice


def ears_of(app: Sanic) -> Ears:
    """The ears of a server; in its running loop.

    Raises:
        ChannelSettingsError: If what the environment says of them is wrong.
    """
    context: Any = app.ctx
    if getattr(context, "parley_ears", None) is None:
        settings = read_hearing_settings()
        try:
            context.parley_ears = Ears(settings, lambda: getattr(context, "agent", None))
        except OSError as error:
            raise ChannelSettingsError(
                f"Recordings cannot be kept in {settings.keep_audio}: {error.strerror}."
            ) from None
    ears: Ears = context.parley_ears
    return ears


def voice_of(app: Sanic) -> Voice:
    """The voice of a server; in its running loop."""
    context: Any = app.ctx
    if getattr(context, "parley_voice", None) is None:
        context.parley_voice = Voice()
    voice: Voice = context.parley_voice
    return voice


async def close_ears(app: Sanic) -> None:
    """Ends the processes, if there are any. Any channel may say so when the server ends."""
    ears: Ears | None = getattr(app.ctx, "parley_ears", None)
    if ears is not None:
        app.ctx.parley_ears = None
        await ears.close()
