"""What reviewers have decided, so that nothing comes back: a small SQLite file.

It keeps no words of anybody, only digests of messages.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Literal

from review.grouping import normalized

Decision = Literal["accepted", "skipped", "set aside"]

_TABLE = """
CREATE TABLE IF NOT EXISTS decisions (
    message TEXT PRIMARY KEY, decision TEXT NOT NULL, intent TEXT, decided_at REAL NOT NULL
)
"""
_BUSY_SECONDS = 30.0


class Memory:
    """Decisions by message; every method is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as database, database:
            database.execute(_TABLE)

    def decided(self, texts: Iterable[str]) -> set[str]:
        """Those of some messages that somebody has decided on."""
        wanted = {key_of(text): text for text in texts}
        with closing(self._open()) as database:
            rows = database.execute("SELECT message FROM decisions").fetchall()
        return {wanted[key] for (key,) in rows if key in wanted}

    def decide(self, texts: Iterable[str], decision: Decision, intent: str | None = None) -> None:
        """Writes down what was decided on a message and on what was folded into it."""
        now = time.time()
        rows = [(key_of(text), decision, intent, now) for text in texts]
        with closing(self._open()) as database, database:
            database.executemany("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?)", rows)

    def forget(self, texts: Iterable[str]) -> None:
        """Takes decisions back."""
        with closing(self._open()) as database, database:
            database.executemany(
                "DELETE FROM decisions WHERE message = ?", [(key_of(text),) for text in texts]
            )

    def counts(self) -> dict[str, int]:
        """How often each was decided."""
        with closing(self._open()) as database:
            return dict(
                database.execute("SELECT decision, COUNT(*) FROM decisions GROUP BY decision")
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_BUSY_SECONDS)


def key_of(text: str) -> str:
    """What a message is known by: a digest of its words, whatever their case and signs."""
    return hashlib.sha256(normalized(text).encode()).hexdigest()
