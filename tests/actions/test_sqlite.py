"""The SQLite file: its lock, its folder, what else may be in its place."""

import sqlite3
import time
from pathlib import Path

import pytest

from actions.items import Item
from actions.settings import DATABASE_URL_VARIABLE
from actions.storage.database import Database, StorageError, ask_database
from actions.storage.lists import ListRepository
from actions.storage.schema import SKILLS


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_readers_do_not_wait_for_a_writer(lists: ListRepository, database_url: str) -> None:
    lists.add("shopping", [Item("milk")])
    writer = sqlite3.connect(file_of(database_url), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert lists.items("shopping") == [Item("milk")]
    writer.close()


def test_a_locked_database_is_an_error_after_the_timeout(database_url: str) -> None:
    lists = ListRepository(Database(database_url, 0.2), "ada")
    writer = sqlite3.connect(file_of(database_url), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    with pytest.raises(StorageError, match="locked"):
        lists.add("shopping", [Item("milk")])
    assert time.monotonic() - started < 3
    writer.close()


def test_errors_do_not_tell_what_was_said(lists: ListRepository, database_url: str) -> None:
    lists.add("shopping", [Item("milk")])
    connection = sqlite3.connect(file_of(database_url))
    connection.execute("DROP TABLE list_items")
    connection.commit()
    with pytest.raises(StorageError) as caught:
        lists.add("shopping", [Item("a secret present")])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE parley_skills_revision (version_num VARCHAR(32))")
    connection.execute("INSERT INTO parley_skills_revision VALUES ('0007')")
    connection.commit()
    with pytest.raises(StorageError, match=f"version 7.*version {SKILLS.head}"):
        Database(f"sqlite:///{path}", 1.0)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Ada, " * 200, encoding="utf-8")
    with pytest.raises(StorageError, match="not a database"):
        Database(f"sqlite:///{path}", 1.0)


def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(StorageError, match="address"):
        Database("nonsense", 1.0)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="folder"):
        Database(f"sqlite:///{tmp_path / 'file' / 'parley.db'}", 1.0)


async def test_asking_opens_the_database_of_the_settings(database_url: str) -> None:
    await ask_database(lambda db: ListRepository(db, "ada").add("shopping", [Item("milk")]))
    assert file_of(database_url).exists()
    assert await ask_database(lambda db: ListRepository(db, "ada").items("shopping")) == [
        Item("milk")
    ]


async def test_a_database_that_is_away_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocker = tmp_path / "blocker"
    blocker.write_text("", encoding="utf-8")
    monkeypatch.setenv(DATABASE_URL_VARIABLE, f"sqlite:///{blocker / 'parley.db'}")
    with pytest.raises(StorageError):
        await ask_database(lambda db: None)
    blocker.unlink()
    await ask_database(lambda db: ListRepository(db, "ada").add("shopping", [Item("milk")]))
