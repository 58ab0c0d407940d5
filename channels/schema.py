"""The channels' tables: `channels/tables.py`, and what the chat page and Slack keep besides."""

from __future__ import annotations

from pathlib import Path

from actions.storage.schema import Schema

CHANNELS = Schema("channels", Path(__file__).parent / "migrations", "incoming")
