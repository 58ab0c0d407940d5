"""A set of tables that go together, and the migrations that make them what they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32


@dataclass(frozen=True)
class Schema:
    """The tables of one part of Parley; a database may hold those of several."""

    name: str
    """What it is called in the database, and in what is logged."""

    migrations: Path
    """The folder with Alembic's `versions`: one file for each revision, `v0001_….py` first."""

    first_table: str
    """By which PostgreSQL's lock of its writers is named."""

    @property
    def head(self) -> int:
        """The newest revision's number."""
        return max(int(path.name[1:5]) for path in (self.migrations / "versions").glob("v*.py"))

    @property
    def revision_table(self) -> str:
        """Where Alembic notes the revision."""
        return f"parley_{self.name}_revision"

    @property
    def lock(self) -> int:
        """PostgreSQL's number of the lock that writers take; who writes elsewhere need not wait."""
        return crc32(self.first_table.encode())


SKILLS = Schema("skills", Path(__file__).parent / "migrations", "list_items")
"""Lists and reminders: `actions/storage/models.py`."""
