"""A database that a former version made, with its own code: nothing is lost, and it is usable.

`kept/version-1.db` holds lists of two people and a reminder.
"""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from actions.items import Item
from actions.storage.database import Database, StorageError
from actions.storage.lists import ListRepository
from actions.storage.reminders import ReminderRepository
from actions.storage.schema import SKILLS

KEPT = Path(__file__).parent / "kept"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of the old file, as its owner has it."""
    return Path(shutil.copy(KEPT / "version-1.db", tmp_path / "parley.db"))


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def test_all_that_was_kept_is_there_and_open(old: Path) -> None:
    assert asked(old, "PRAGMA user_version") == [(1,)]
    database = Database(f"sqlite:///{old}", 1.0)
    ada = ListRepository(database, "ada")
    assert ada.items("shopping") == [
        Item("milk"),
        Item("bread", "2", "loaves"),
        Item("eggs", "10"),
    ]
    assert ada.items("packing") == [Item("phone charger")]
    assert ListRepository(database, "grace").items("shopping") == [Item("tea")]
    [reminder] = ReminderRepository(database, "ada").waiting()
    assert reminder.what == "call mum"
    assert asked(old, "PRAGMA user_version") == [(SKILLS.head,)]


def test_what_is_new_works_on_it_and_lasts(old: Path) -> None:
    database = Database(f"sqlite:///{old}", 1.0)
    ListRepository(database, "ada").mark("shopping", [Item("milk")], done=True)
    ListRepository(database, "ada").add("shopping", [Item("salt")])
    database.close()
    again = ListRepository(Database(f"sqlite:///{old}", 1.0), "ada").items("shopping")
    assert [(item.name, item.done) for item in again] == [
        ("milk", True),
        ("bread", False),
        ("eggs", False),
        ("salt", False),
    ]


def test_it_has_the_columns_of_a_new_one(old: Path, tmp_path: Path) -> None:
    for path in (old, tmp_path / "new.db"):
        Database(f"sqlite:///{path}", 1.0).close()
    columns = "SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info('list_items')"
    assert asked(old, columns) == asked(tmp_path / "new.db", columns)


def test_two_that_open_it_at_once_carry_it_over_once(old: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        databases = list(pool.map(lambda _: Database(f"sqlite:///{old}", 10.0), range(4)))
    for database in databases:
        assert len(ListRepository(database, "ada").items("shopping")) == 3
        database.close()


def test_one_that_is_not_what_it_says_is_left_as_it_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ALTER TABLE list_items RENAME TO entries")
        connection.execute("CREATE VIEW list_items AS SELECT * FROM entries")
        connection.commit()
    before = asked(old, "SELECT sql FROM sqlite_master ORDER BY name")
    with pytest.raises(StorageError, match="list_items"):
        Database(f"sqlite:///{old}", 1.0)
    assert asked(old, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert asked(old, "PRAGMA user_version") == [(1,)]
