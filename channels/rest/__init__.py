"""Rasa's REST channel, with limits: docs/security.md."""

from channels.rest.channel import RestInput

__all__ = ["RestInput"]
