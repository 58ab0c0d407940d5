"""Keeping what was said, where somebody has asked for it: to look into mistakes, to adapt to them.

A recording has a random name, and beside it lies what was heard in it, with the conversation, so
that it goes when that is forgotten. All methods block.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from voice.asr import Recognition
from voice.audio import Samples, write_wave


class Recordings:
    """A folder of recordings, which nobody else can read."""

    def __init__(self, folder: Path, kept: timedelta) -> None:
        """Makes the folder.

        Args:
            folder: Where they lie.
            kept: How long.

        Raises:
            OSError: If it cannot be made.
        """
        self._folder, self._kept = folder, kept.total_seconds()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, samples: Samples, heard: Recognition, conversation: str) -> None:
        """Keeps a recording.

        Raises:
            OSError: If it cannot be written.
        """
        name = secrets.token_hex(16)
        sound, facts = self._folder / f"{name}.wav", self._folder / f"{name}.json"
        content = {
            "at": time.time(),
            "conversation": conversation,
            "text": heard.text,
            "confidence": heard.confidence,
            "accepted": heard.accepted,
        }
        # What lies beside it first: a recording without it would never be deleted.
        for path in (facts, sound):
            path.touch(mode=0o600)
        facts.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
        write_wave(samples, sound)

    def expire(self) -> None:
        """Deletes what has been kept for long enough.

        Raises:
            OSError: If it cannot be deleted.
        """
        oldest = time.time() - self._kept
        self._delete(lambda facts: facts["at"] < oldest)

    def forget(self, conversation: str) -> None:
        """Deletes what was said in a conversation.

        Raises:
            OSError: If it cannot be deleted.
        """
        self._delete(lambda facts: facts["conversation"] == conversation)

    def _delete(self, is_over: Any) -> None:
        for path in self._index():
            try:
                facts = json.loads(path.read_text(encoding="utf-8"))
                over = bool(is_over(facts))
            except FileNotFoundError:
                # Another process has deleted it.
                continue
            except (ValueError, KeyError, TypeError):
                # Being written, or left in the middle of that.
                over = path.stat().st_mtime < time.time() - self._kept
            if over:
                path.with_suffix(".wav").unlink(missing_ok=True)
                path.unlink(missing_ok=True)

    def _index(self) -> Iterator[Path]:
        # The names are ours: nothing else in the folder is touched.
        return self._folder.glob("[0-9a-f]" * 32 + ".json")
