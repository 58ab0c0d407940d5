"""Slack: events, slash commands and buttons in; messages out. `docs/slack.md` sets it up."""

from channels.slack.connector import SlackInput

__all__ = ["SlackInput"]
