"""What is kept of a voice note until it is heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def content_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """By what Telegram knows the recording, how long it is and how large."""
    note = message["voice"]
    return {
        "file": str(note["file_id"]),
        "seconds": int(note.get("duration") or 0),
        "bytes": int(note.get("file_size") or 0),
    }
