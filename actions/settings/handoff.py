"""What the environment says of handing over: to whom a conversation goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from actions.settings.reading import SettingsError

HANDOFF_URL_VARIABLE = "PARLEY_HANDOFF_URL"
HANDOFF_SECRET_VARIABLE = "PARLEY_HANDOFF_SECRET"
HANDOFF_SLACK_TOKEN_VARIABLE = "PARLEY_HANDOFF_SLACK_TOKEN"
HANDOFF_SLACK_CHANNEL_VARIABLE = "PARLEY_HANDOFF_SLACK_CHANNEL"

DEFAULT_SLACK_API = "https://slack.com/api"
_SLACK_WEBHOOKS = "hooks.slack.com"


@dataclass(frozen=True)
class SlackSettings:
    """A Slack channel to which conversations are handed."""

    api: str
    """Where Slack's Web API is, without a stroke at the end."""

    token: str = field(repr=False)
    """A bot token that may `chat:write`."""

    channel: str
    """The channel's id or name."""


@dataclass(frozen=True)
class SlackWebhookSettings:
    """An incoming webhook of Slack's to which conversations are handed."""

    url: str = field(repr=False)
    """Who knows it may post: it is a secret itself."""


@dataclass(frozen=True)
class WebhookSettings:
    """A web address to which conversations are handed."""

    url: str
    secret: str = field(repr=False)
    """Known to both sides; signs what is sent."""


HandoffSettings = SlackSettings | SlackWebhookSettings | WebhookSettings
"""Whom conversations are handed to."""


def read_handoff_settings(
    environment: Mapping[str, str] | None = None,
) -> HandoffSettings | None:
    """Reads whom a conversation is handed to.

    Args:
        environment: The variables; those of this process unless given.

    Returns:
        The settings, or None where nobody is set up.

    Raises:
        SettingsError: If a variable holds something of no use, or one that it needs is missing.
    """
    variables = os.environ if environment is None else environment
    url = (variables.get(HANDOFF_URL_VARIABLE) or "").rstrip("/")
    token = variables.get(HANDOFF_SLACK_TOKEN_VARIABLE) or ""
    channel = variables.get(HANDOFF_SLACK_CHANNEL_VARIABLE) or ""
    secret = variables.get(HANDOFF_SECRET_VARIABLE) or ""
    address = urlsplit(url)
    if url and (address.scheme not in ("http", "https") or not address.hostname):
        # Not the value: an address may have a password in it.
        raise SettingsError(HANDOFF_URL_VARIABLE, "…", "give an address: https://example.org/in.")
    if token:
        if not channel:
            raise SettingsError(HANDOFF_SLACK_CHANNEL_VARIABLE, "", "name a channel for Slack.")
        if secret or address.hostname == _SLACK_WEBHOOKS:
            # The address would be taken for Slack's API, and would be sent the token.
            mend = "set it for a bot of Slack's or set a webhook, not both."
            raise SettingsError(HANDOFF_SLACK_TOKEN_VARIABLE, "…", mend)
        return SlackSettings(url or DEFAULT_SLACK_API, token, channel)
    if address.hostname == _SLACK_WEBHOOKS:
        return SlackWebhookSettings(url)
    if not url:
        return None
    if not secret:
        raise SettingsError(HANDOFF_SECRET_VARIABLE, "", "give a secret to sign with.")
    return WebhookSettings(url, secret)
