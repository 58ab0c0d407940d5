"""Conversations are read as they are, nothing is written, and what is broken is left out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg2
import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from operations.tracker_address import StoreError
from review.store import Store
from tests.review.conversations import keep, said
from tests.services.postgresql import PASSWORD, USER, PostgreSQL


def endpoints(folder: Path, **store: object) -> Path:
    path = folder / "endpoints.yml"
    path.write_text(yaml.safe_dump({"tracker_store": {"type": "SQL", **store}}), encoding="utf-8")
    return path


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    path = tmp_path / "conversations.db"
    keep(
        {
            "ann": [said("hello", "greet"), said("add milk", "add_items")],
            "bob": [said("hi", "greet")],
        },
        dialect="sqlite",
        db=str(path),
    )
    return path


def test_reads_what_rasa_wrote(sqlite: Path, tmp_path: Path) -> None:
    store = Store.of(endpoints(tmp_path, dialect="sqlite", db=str(sqlite)))
    found = {one.id: [event["text"] for event in one.events] for one in store.conversations()}
    assert found == {"ann": ["hello", "add milk"], "bob": ["hi"]}
    assert [one.id for one in store.conversations(newest=1)] == ["bob"]
    assert store.newest_ids(5) == ["bob", "ann"]
    ann = store.conversation("ann")
    assert ann is not None and len(ann.events) == 2
    assert store.conversation("nobody") is None


def test_cannot_write_to_sqlite(sqlite: Path, tmp_path: Path) -> None:
    before = sqlite.read_bytes()
    store = Store.of(endpoints(tmp_path, dialect="sqlite", db=str(sqlite)))
    with store._engine.connect() as connection, pytest.raises(DBAPIError, match="readonly"):
        connection.execute(text("DELETE FROM events"))
    assert sqlite.read_bytes() == before


def test_broken_events_are_one_event_less(sqlite: Path, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite) as database:
        for data in ('{"event": "us', None, "[]", '{"text": "no type"}', '"text"'):
            database.execute(
                "INSERT INTO events (sender_id, type_name, data) VALUES ('bob', 'user', ?)", (data,)
            )
    store = Store.of(endpoints(tmp_path, dialect="sqlite", db=str(sqlite)))
    found = {one.id: (len(one.events), one.broken) for one in store.conversations()}
    assert found == {"ann": (2, 0), "bob": (1, 5)}


@pytest.mark.services
def test_reads_postgresql_and_cannot_write(postgresql: PostgreSQL, tmp_path: Path) -> None:
    name = postgresql.new_database().rsplit("/", 1)[1]
    login = {"dialect": "postgresql", "db": name, "username": USER, "password": PASSWORD}
    keep({"ann": [said("add milk", "add_items")]}, host=f"127.0.0.1:{postgresql.port}", **login)
    store = Store.of(endpoints(tmp_path, url=f"127.0.0.1:{postgresql.port}", **login))
    assert [[event["text"] for event in one.events] for one in store.conversations()] == [
        ["add milk"]
    ]
    with store._engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("DELETE FROM events"))
    assert isinstance(refused.value.orig, psycopg2.errors.ReadOnlySqlTransaction)


def test_says_what_would_mend_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="nobody has talked"):
        Store.of(endpoints(tmp_path, db=str(tmp_path / "none.db")))
    with pytest.raises(StoreError, match="wants the variable TEST_NOT_SET"):
        Store.of(endpoints(tmp_path, db="${TEST_NOT_SET}"))
    with pytest.raises(StoreError, match="'mysql'"):
        Store.of(endpoints(tmp_path, dialect="mysql"))
    path = tmp_path / "endpoints.yml"
    path.write_text("tracker_store: {type: mongod}", encoding="utf-8")
    with pytest.raises(StoreError, match="'mongod'"):
        Store.of(path)
    (tmp_path / "empty.db").write_bytes(b"")
    with pytest.raises(StoreError, match="does not answer"):
        list(Store.of(endpoints(tmp_path, db=str(tmp_path / "empty.db"))).conversations())
    monkeypatch.setenv("TEST_DATABASE", str(tmp_path / "other.db"))
    with pytest.raises(StoreError, match="other.db"):
        Store.of(endpoints(tmp_path, db="${TEST_DATABASE}"))
