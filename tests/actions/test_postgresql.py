"""Lists and reminders in PostgreSQL: what is of its own there, beside what test_storage.py holds.

The tests need Debian's package `postgresql`, and start a server of their own.
"""

from typing import Any

import pytest
from sqlalchemy import text

from actions.items import Item
from actions.storage.database import Database, StorageError
from actions.storage.lists import ListRepository, ListSummary
from actions.storage.schema import SKILLS
from channels.schema import CHANNELS
from tests.services.postgresql import PASSWORD, PostgreSQL

pytestmark = [
    pytest.mark.services,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


@pytest.fixture
def beside(postgresql: PostgreSQL, database_url: str) -> Any:
    """A connection of somebody else's."""
    connection = postgresql.connect(name_of(database_url))
    yield connection
    connection.close()


def test_readers_do_not_wait_for_a_writer(
    lists: ListRepository, database_url: str, beside: Any
) -> None:
    lists.add("shopping", [Item("milk")])
    other = Database(database_url, 1.0)
    with other.writing() as session:
        session.execute(text("UPDATE lists SET name = 'groceries'"))
        assert lists.summaries() == [ListSummary("shopping", 1)]
        assert lists.items("shopping") == [Item("milk")]
    other.close()


def test_a_writer_waits_for_another_no_longer_than_the_timeout(database_url: str) -> None:
    hasty = Database(database_url, 0.3)
    other = Database(database_url, 1.0)
    with other.writing() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(StorageError, match="timeout"):
            ListRepository(hasty, "ada").add("shopping", [Item("milk")])
    other.close()
    ListRepository(hasty, "ada").add("shopping", [Item("milk")])
    hasty.close()


def test_a_table_that_somebody_else_locks_is_an_error(lists: ListRepository, beside: Any) -> None:
    lists.add("shopping", [Item("milk")])
    with beside.cursor() as cursor:
        cursor.execute("LOCK TABLE list_items IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(StorageError, match="timeout"):
        lists.items("shopping")
    beside.rollback()
    assert lists.items("shopping") == [Item("milk")]


def test_errors_do_not_tell_what_was_said(lists: ListRepository, beside: Any) -> None:
    lists.add("a secret list", [Item("milk")])
    with beside.cursor() as cursor:
        cursor.execute("ALTER TABLE lists ADD CHECK (name NOT LIKE '%present%')")
    beside.commit()
    with pytest.raises(StorageError, match="constraint") as caught:
        lists.add("secret presents", [Item("a ring")])
    assert "secret" not in str(caught.value)
    assert "ring" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nul_is_left_out(lists: ListRepository) -> None:
    lists.add("shop\x00ping", [Item("mi\x00lk")])
    assert lists.items("shopping") == [Item("milk")]
    assert lists.items("shop\x00ping") == [Item("milk")]


def test_the_version_is_kept_and_another_one_is_left_alone(
    lists: ListRepository, database_url: str, beside: Any
) -> None:
    Database(database_url, 1.0).close()
    with beside.cursor() as cursor:
        # Where a Parley looks that was made before there were migrations.
        cursor.execute("SELECT DISTINCT version FROM parley_versions")
        assert cursor.fetchall() == [(SKILLS.head,)]
        cursor.execute("UPDATE parley_skills_revision SET version_num = '0007'")
    beside.commit()
    with pytest.raises(StorageError, match=f"version 7.*version {SKILLS.head}"):
        Database(database_url, 1.0)


def test_a_former_version_is_carried_over(
    lists: ListRepository, database_url: str, beside: Any
) -> None:
    lists.add("shopping", [Item("milk")])
    with beside.cursor() as cursor:
        cursor.execute("DROP TABLE action_answers")
        cursor.execute("ALTER TABLE list_items DROP COLUMN done")
        cursor.execute("UPDATE parley_versions SET version = 1")
        cursor.execute("DROP TABLE parley_skills_revision")
    beside.commit()
    database = Database(database_url, 1.0)
    carried = ListRepository(database, "ada")
    assert carried.items("shopping") == [Item("milk")]
    carried.mark("shopping", [Item("milk")], done=True)
    assert carried.items("shopping") == [Item("milk", done=True)]
    database.close()
    with beside.cursor() as cursor:
        cursor.execute("SELECT DISTINCT version FROM parley_versions")
        assert cursor.fetchall() == [(SKILLS.head,)]


def test_tables_of_another_kind_have_a_version_of_their_own(
    lists: ListRepository, database_url: str, beside: Any
) -> None:
    Database(database_url, 1.0, CHANNELS).close()
    with beside.cursor() as cursor:
        cursor.execute("UPDATE parley_channels_revision SET version_num = '0009'")
    beside.commit()
    Database(database_url, 1.0).close()
    with pytest.raises(StorageError, match=f"version 9.*version {CHANNELS.head}"):
        Database(database_url, 1.0, CHANNELS)


def test_a_server_that_was_away_is_asked_again(
    lists: ListRepository, postgresql: PostgreSQL
) -> None:
    lists.add("shopping", [Item("milk")])
    postgresql.stop()
    try:
        with pytest.raises(StorageError) as caught:
            lists.items("shopping")
        assert PASSWORD not in str(caught.value)
    finally:
        postgresql.start()
    assert lists.items("shopping") == [Item("milk")]


def test_a_wrong_password_is_an_error_that_does_not_tell_it(database_url: str) -> None:
    with pytest.raises(StorageError, match="password") as caught:
        Database(database_url.replace("p%40ss%2Fword", "guessed"), 1.0)
    assert "guessed" not in str(caught.value)
