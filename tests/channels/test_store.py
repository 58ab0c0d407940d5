"""What the channels keep, on real databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from actions.storage.database import StorageError
from channels.leasing import is_gone, this_process
from channels.messages import Incoming, Written
from channels.store import ChannelStore, open_store

ADA = "line~ada"
ME = "this process"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'channels.db'}"


@pytest.fixture
def store(url: str) -> ChannelStore:
    return open_store(url, "line", 5.0)


def take(store: ChannelStore, key: str, text: str = "hello") -> Written:
    """Writes a message down and begins it."""
    assert store.write_down(Incoming(ADA, (key,), {"text": text}))
    begun = store.begin_next(ADA, ME)
    assert begun is not None
    return begun


def test_the_same_key_of_another_channel_is_another_message(url: str, store: ChannelStore) -> None:
    other = open_store(url, "other", 5.0)
    assert store.write_down(Incoming(ADA, ("1",), {}))
    assert other.write_down(Incoming(ADA, ("1",), {}))
    assert store.write_down(Incoming(ADA, ("1",), {})) is None
    assert store.conversations_waiting() == [ADA]


def test_words_are_erased_once_they_are_done_and_sent(tmp_path: Path, store: ChannelStore) -> None:
    begun = take(store, "1", "my secret")
    store.finish(begun, [{"text": "your secret"}])
    out = store.next_to_send(ADA, ME)
    assert out is not None and out.reply == {"text": "your secret"}
    store.mark_sent(out)
    with sqlite3.connect(tmp_path / "channels.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = database.execute("SELECT content FROM incoming").fetchall()
        rows += database.execute("SELECT reply FROM outgoing").fetchall()
    assert [row[0] for row in rows] == ["null", "null"] or rows == [(None,), (None,)]


def test_history_is_kept_where_the_channel_wants_it(url: str) -> None:
    store = open_store(url, "web", 5.0, keeps_history=True)
    begun = take(store, "1", "what I said")
    store.finish(begun, [{"text": "what it said"}])
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        assert database.execute("SELECT content FROM incoming").fetchall() == [
            ('{"text": "what I said"}',)
        ]


def test_a_message_is_finished_once(store: ChannelStore) -> None:
    begun = take(store, "1")
    store.finish(begun, [{"text": "first"}])
    store.finish(begun, [{"text": "second"}])
    out = store.next_to_send(ADA, ME)
    assert out is not None and out.reply == {"text": "first"}
    store.mark_sent(out)
    assert store.next_to_send(ADA, ME) is None


def test_attempts_are_counted_as_they_begin(store: ChannelStore) -> None:
    assert take(store, "1").attempts == 0
    again = store.begin_next(ADA, ME)
    assert again is not None and again.attempts == 1


def test_a_message_is_its_holders_and_the_next_one_waits_for_it(store: ChannelStore) -> None:
    first = take(store, "1")
    store.write_down(Incoming(ADA, ("2",), {"text": "second"}))
    assert store.begin_next(ADA, "another process") is None
    second = store.finish(first, [{"text": "answer"}], holder=ME)
    assert second is not None and second.content == {"text": "second"}
    assert store.begin_next(ADA, "another process") is None
    assert store.next_to_send(ADA, ME) is not None
    assert store.next_to_send(ADA, "another process") is None
    store.release_all_of([ME])
    assert store.begin_next(ADA, "another process") is not None
    assert store.next_to_send(ADA, "another process") is not None


def test_a_claim_that_ran_out_is_anybodys_unless_it_was_renewed(
    store: ChannelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, "1")
    start = time.time()
    monkeypatch.setattr(time, "time", lambda: start + 20)
    store.renew(ME)
    monkeypatch.setattr(time, "time", lambda: start + 40)
    assert store.begin_next(ADA, "another process") is None
    monkeypatch.setattr(time, "time", lambda: start + 60)
    assert store.begin_next(ADA, "another process") is not None


def test_one_of_several_holds_a_lease_until_it_gives_it_back(store: ChannelStore) -> None:
    assert store.acquire("handle:ada", "one", 30)
    assert store.acquire("handle:ada", "one", 30)
    assert not store.acquire("handle:ada", "two", 30)
    assert store.acquire("handle:bob", "two", 30)
    store.release("handle:ada", "two")
    assert not store.acquire("handle:ada", "two", 30)
    store.release("handle:ada", "one")
    assert store.acquire("handle:ada", "two", 30)


def test_a_lease_that_ran_out_is_anybodys(store: ChannelStore) -> None:
    assert store.acquire("handle:ada", "one", -1)
    assert store.acquire("handle:ada", "two", 30)
    assert not store.acquire("handle:ada", "one", 30)


def test_of_a_process_it_is_known_whether_it_is_gone() -> None:
    assert not is_gone(this_process())
    command = "from channels.leasing import this_process; print(this_process())"
    ended = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert is_gone(ended)
    # Another process has its number now.
    host, _, _ = this_process().rpartition("/")
    assert is_gone(f"{host}/1.00")
    # Of another machine's processes nothing is known.
    assert not is_gone("elsewhere/1/1.00")


def test_what_is_over_is_deleted_and_what_waits_is_not(
    store: ChannelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = take(store, "1")
    store.finish(begun, [{"text": "Shall I?", "buttons": [{"title": "Yes", "payload": "/a"}]}])
    out = store.next_to_send(ADA, ME)
    assert out is not None
    store.mark_sent(out)
    offer = out.reply["buttons"][0]["offer"]
    store.write_down(Incoming(ADA, ("2",), {"text": "still waits"}))
    store.expire()
    assert store.write_down(Incoming(ADA, ("1",), {})) is None
    assert store.pressed(ADA, offer) == ("/a", "Yes")
    later = time.time() + timedelta(days=8).total_seconds()
    monkeypatch.setattr(time, "time", lambda: later)
    store.expire()
    assert store.pressed(ADA, offer) is None
    assert store.write_down(Incoming(ADA, ("1",), {})) is not None
    assert store.waiting_messages(ADA) == 2


def test_a_file_of_another_version_is_not_touched(url: str, store: ChannelStore) -> None:
    del store
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE parley_channels_revision SET version_num = '0099'")
    with pytest.raises(StorageError, match="version 99"):
        open_store(url, "line", 5.0)
