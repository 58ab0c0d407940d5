"""Tracker stores: found where endpoints.yml says, read only, whatever is in them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from insight.conversations.events import Event, Faults
from insight.conversations.periods import Period, PeriodError, read_period
from insight.conversations.reading import Reading
from insight.conversations.store import open_store
from operations.tracker_address import URL_VARIABLE, StoreError, find_store
from tests.insight.talking import BEGIN, Talk, keep
from tests.services.postgresql import PostgreSQL

INSERT = (
    "INSERT INTO events (sender_id, type_name, timestamp, action_name, data) VALUES (?, ?, ?, ?, ?)"
)


def read(address: str | Path, period: Period | None = None) -> tuple[list[Event], Faults]:
    with open_store(find_store(Path("no.yml"), str(address), {})) as store:
        reading = Reading(store, period or Period())
        events = list(reading)
    return events, reading.faults


def endpoints(folder: Path, content: str) -> Path:
    path = folder / "endpoints.yml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["SQL", "privacy.tracker_store.PrivateTrackerStore"])
def test_the_store_is_where_the_endpoints_say(tmp_path: Path, kind: str) -> None:
    path = endpoints(tmp_path, f"tracker_store: {{type: {kind}, dialect: sqlite, db: a/b.db}}")
    assert find_store(path, environment={}).database == str(tmp_path / "a/b.db")


def test_the_endpoints_may_name_variables(tmp_path: Path) -> None:
    path = endpoints(
        tmp_path,
        "tracker_store: {type: SQL, dialect: postgresql, url: '${HOST}', port: 5433, db: talks,"
        " username: me, password: '${WORD}'}",
    )
    found = find_store(path, environment={"HOST": "far", "WORD": "p@ss/word"})
    assert (found.host, found.port, found.database) == ("far", 5433, "talks")
    assert found.password == "p@ss/word"
    with pytest.raises(StoreError, match="WORD, which is not set"):
        find_store(path, environment={"HOST": "far"})


def test_the_environment_is_asked_before_the_endpoints(tmp_path: Path) -> None:
    path = endpoints(tmp_path, "tracker_store: {type: SQL, db: other.db}")
    found = find_store(path, environment={URL_VARIABLE: "postgresql://me@far/talks"})
    assert found.host == "far"
    assert find_store(path, "named.db", {URL_VARIABLE: "x"}).database == str(
        Path.cwd() / "named.db"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "in memory only"),
        ("tracker_store:", "in memory only"),
        ("tracker_store: {type: redis, url: here}", "'redis'"),
        ("tracker_store: {type: SQL, dialect: oracle, db: x}", "'oracle'"),
        ("tracker_store: {type: SQL, dialect: postgresql, port: door}", "'door' is no port"),
        ("tracker_store: [", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        find_store(endpoints(tmp_path, content), environment={})
    assert "\n" not in str(caught.value)


def test_without_endpoints_the_mend_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="STORE="):
        find_store(tmp_path / "endpoints.yml", environment={})


def test_events_come_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "talks.db"
    keep(path, Talk("ann").say("hello", "greet", mood="positive").do("utter_greet").answer())
    events, faults = read(path)
    assert [event.kind for event in events] == [
        *("action", "session_started", "action", "user", "action", "bot")
    ]
    said = events[3]
    assert (said.text, said.intent, said.sentiment, said.channel) == (
        *("hello", "greet", "positive"),
        "rest",
    )
    assert not said.is_on_behalf and faults.told() == []


def test_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "talks.db"
    keep(path, Talk("ann"))
    with (
        open_store(find_store(Path("no.yml"), str(path), {})) as store,
        pytest.raises(SQLAlchemyError, match="readonly"),
    ):
        store._connection.execute(text("DELETE FROM events"))


@pytest.mark.services
def test_postgresql_is_read_and_not_written(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    keep(url, Talk("ann").say("hello", "greet").answer(), Talk("bob").say("bye", "goodbye"))
    events, _ = read(url)
    assert Counter(event.sender for event in events) == {"ann": 5, "bob": 4}
    assert [event.text for event in events if event.kind == "user"] == ["hello", "bye"]
    later, _ = read(url, Period(since=BEGIN + 10))
    assert 0 < len(later) < len(events)
    with (
        open_store(find_store(Path("no.yml"), url, {})) as store,
        pytest.raises(SQLAlchemyError, match="read-only"),
    ):
        store._connection.execute(text("DELETE FROM events"))


@pytest.mark.services
def test_a_database_that_is_away_is_said_in_a_line(postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        read(url.replace("%40ss", "wrong"))
    assert "\n" not in str(caught.value) and "wrong" not in str(caught.value)
    with pytest.raises(StoreError, match="no table 'events'"):
        read(url)


def test_a_period_is_a_part(tmp_path: Path) -> None:
    path = tmp_path / "talks.db"
    keep(path, Talk("ann").say("first", "greet").say("second", "greet").say("third", "greet"))
    events, _ = read(path, Period(since=BEGIN + 15, until=BEGIN + 25))
    assert [event.text for event in events] == ["second"]


def empty_file(path: Path) -> None:
    path.touch()


def no_database(path: Path) -> None:
    path.write_bytes(b"this is no database at all, but long enough to be looked at" * 20)


def foreign_table(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE visitors (name TEXT)")


def foreign_events(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE events (id INTEGER, title TEXT)")


@pytest.mark.parametrize("make", [None, empty_file, no_database, foreign_table, foreign_events])
def test_what_is_no_tracker_store_is_said_in_a_line(
    tmp_path: Path, make: Callable[[Path], None] | None
) -> None:
    path = tmp_path / "talks.db"
    if make:
        make(path)
    with pytest.raises(StoreError) as caught:
        read(path)
    assert "\n" not in str(caught.value) and "talks.db" in str(caught.value)


def test_broken_events_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "talks.db"
    keep(path, Talk("ann").say("hello", "greet").answer())
    with sqlite3.connect(path) as database:
        for row in (
            ("ann", "user", BEGIN + 20, None, '{"event": "user", "text": "hal'),
            ("ann", "user", BEGIN + 21, None, "[1, 2]"),
            ("ann", "user", BEGIN + 22, None, None),
            ("ann", "user", "yesterday", None, "{}"),
            ("ann", "user", 1e300, None, "{}"),
            ("ann", "user", BEGIN + 23, None, '{"text": 7, "parse_data": [], "metadata": "x"}'),
            ("ann", "teleport", BEGIN + 24, None, "{}"),
            ("", "user", BEGIN + 25, None, "{}"),
            ("ann", "", BEGIN + 26, None, "{}"),
            ("ann", "slot", BEGIN + 27, "requested_slot", '{"value": {"a": 1}}'),
            ("ann", "user", BEGIN + 28, None, b"\xff\xfe{"),
            ("ann", "user", BEGIN + 29, None, "[" * 100_000),
        ):
            database.execute(INSERT, row)
    events, faults = read(path)
    assert [event.text for event in events if event.kind == "user"] == ["hello", ""]
    assert sum(faults.broken.values()) == 9
    assert faults.unknown == {"teleport": 1}
    assert any("no JSON" in line for line in faults.told())


@pytest.mark.parametrize(
    ("since", "period", "until", "begin", "end"),
    [
        ("", "", "", None, None),
        ("", "7d", "", -7 * 86400, None),
        ("", "36h", "", -36 * 3600, None),
    ],
)
def test_periods_end_now(
    since: str, period: str, until: str, begin: float | None, end: float | None
) -> None:
    found = read_period(since, period, until, BEGIN)
    assert found == Period(None if begin is None else BEGIN + begin, end)


def test_a_last_day_counts_whole() -> None:
    found = read_period("2026-09-01", "", "2026-09-01", BEGIN)
    assert found.since is not None and found.until is not None
    assert found.until - found.since == 86400


@pytest.mark.parametrize(
    ("since", "period", "until"),
    [
        ("soon", "", ""),
        ("", "a while", ""),
        ("", "0d", ""),
        ("2026-01-01", "7d", ""),
        ("2026-01-02", "", "2026-01-01"),
        ("", "", "99999-01-01"),
    ],
)
def test_what_is_no_period_is_refused(since: str, period: str, until: str) -> None:
    with pytest.raises(PeriodError):
        read_period(since, period, until, BEGIN)
