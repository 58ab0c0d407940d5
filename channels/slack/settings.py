"""What the Slack channel is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from channels.settings import ChannelSettingsError, Credentials

TOKEN_VARIABLE = "SLACK_BOT_TOKEN"
SECRET_VARIABLE = "SLACK_SIGNING_SECRET"
API_VARIABLE = "SLACK_API_URL"
HANDOFF_CHANNEL_VARIABLE = "PARLEY_HANDOFF_SLACK_CHANNEL"

DEFAULT_API = "https://slack.com/api/"

PERSON, CHANNEL = "person", "channel"
EPHEMERAL, IN_CHANNEL = "ephemeral", "in_channel"


@dataclass(frozen=True)
class SlackSettings:
    """The channel's entry in credentials.yml, and its variables."""

    token: str = field(repr=False)
    """The bot token, `xoxb-…`."""

    signing_secret: str = field(repr=False)
    """What Slack signs its requests with."""

    api: str = DEFAULT_API
    """Where Slack's Web API is."""

    channel_conversations: str = PERSON
    """Whether each person has a conversation of their own in a channel, or all share one."""

    thread_conversations: bool = False
    """Whether a thread in a channel is a conversation of its own."""

    reply_in_thread: bool = True
    """Whether a mention in a channel is answered in a thread below it, or in the channel."""

    command_replies: str = EPHEMERAL
    """Whether the person alone sees the answer to a slash command, or the whole channel."""

    handoff_channel: str = ""
    """The id of the channel to which conversations are handed over; empty for none."""

    messages_per_minute: int = 30
    """Of one conversation; what is above is left out, and the person is told so."""


def read_slack_settings(
    entry: Mapping[str, Any] | None, environment: Mapping[str, str] | None = None
) -> SlackSettings:
    """Reads the channel's settings.

    Args:
        entry: What credentials.yml says of the channel.
        environment: The variables; those of this process unless given.

    Raises:
        ChannelSettingsError: If a secret is missing, or something is wrong.
    """
    credentials = Credentials("slack", entry, environment)
    settings = SlackSettings(
        token=credentials.required("bot_token", TOKEN_VARIABLE),
        signing_secret=credentials.required("signing_secret", SECRET_VARIABLE),
        api=credentials.text("api_url", API_VARIABLE, DEFAULT_API),
        channel_conversations=credentials.choice("channel_conversations", (PERSON, CHANNEL)),
        thread_conversations=credentials.flag("thread_conversations", False),
        reply_in_thread=credentials.flag("reply_in_thread", True),
        command_replies=credentials.choice("command_replies", (EPHEMERAL, IN_CHANNEL)),
        handoff_channel=credentials.text("handoff_channel", HANDOFF_CHANNEL_VARIABLE),
        messages_per_minute=int(credentials.number("messages_per_minute", 30, 1, 10_000)),
    )
    credentials.refuse_unknown()
    if urlsplit(settings.api).scheme not in ("http", "https"):
        raise ChannelSettingsError(
            f"{API_VARIABLE} is no web address: leave it out to reach Slack at {DEFAULT_API}."
        )
    return settings
