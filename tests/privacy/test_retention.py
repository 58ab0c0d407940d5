"""Age takes conversations and what channels keep of them; nothing unless it was so set."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from rasa.shared.core.events import UserUttered
from sqlalchemy import create_engine, text

from actions.deliver import expire_until
from privacy.erasing import find
from privacy.retention import DAY, expire
from scripts.project import ROOT
from tests.privacy.conftest import ANN, BOB, SECRET, Kept, on_both_databases


def make_old(kept: Kept, seconds: float) -> None:
    """Has all that the channels keep be so much older."""
    engine = create_engine(kept.settings.channels_url)
    with engine.begin() as connection:
        for table, column in (
            *(("incoming", "written_at"), ("outgoing", "written_at")),
            *(("offers", "offered_at"), ("seen_keys", "seen_at")),
        ):
            connection.execute(text(f"UPDATE {table} SET {column} = {column} - {seconds}"))
        connection.execute(text("UPDATE incoming SET state = 'done'"))
        connection.execute(text("UPDATE outgoing SET state = 'sent'"))
    engine.dispose()


def test_nothing_is_deleted_by_itself(kept: Kept) -> None:
    kept.fill(ANN, SECRET, at=1e9)
    make_old(kept, 1e9)
    before = kept.everything()
    assert not expire(kept.settings)
    assert kept.everything() == before


@on_both_databases
def test_a_silent_conversation_goes_and_what_is_to_come_stays(kept: Kept) -> None:
    settings = replace(kept.settings, keep_days=30)
    now = time.time()
    kept.fill(ANN, SECRET, at=now - 31 * DAY)
    kept.fill(BOB, "Rumpelstiltskin", at=now - 29 * DAY)
    bobs = find(settings, BOB).counts
    gone = expire(settings, now)
    assert gone["conversations"] == 1
    left = find(settings, ANN).counts
    kept_of_it = {"lists", "things on lists", "timers, alarms and reminders"}
    kept_of_it |= {
        "answers of actions",
        "events of the calendar",
        "calendar files",
        "lines of logs",
    }
    assert set(left) == kept_of_it
    assert find(settings, BOB).counts == bobs
    assert not expire(settings, now)


@on_both_databases
def test_of_a_conversation_that_goes_on_old_sessions_go(kept: Kept) -> None:
    settings = replace(kept.settings, keep_days=30)
    now = time.time()
    kept.converse(ANN, ["long ago"], at=now - 90 * DAY)
    kept.converse(ANN, ["a while ago"], at=now - 10 * DAY)
    kept.converse(ANN, ["today"], at=now - 60)
    gone = expire(settings, now)
    assert gone == {"events of the conversation": 6}
    store = kept.tracker_store()
    whole = asyncio.run(store.retrieve_full_tracker(ANN))
    assert whole is not None
    said = [event.text for event in whole.events if isinstance(event, UserUttered)]
    assert said == ["a while ago", "today"]
    store.engine.dispose()


def test_of_a_conversation_that_goes_on_old_messages_go(kept: Kept) -> None:
    settings = replace(kept.settings, keep_days=30)
    kept.fill(ANN, SECRET)
    make_old(kept, 31 * DAY)
    gone = expire(settings)
    assert gone["messages to the assistant"] == gone["messages from the assistant"] == 1
    assert gone["buttons"] == gone["marks of messages"] == 1
    assert find(settings, ANN).counts["events of the conversation"] == 6


def test_a_message_that_waits_is_not_too_old(kept: Kept) -> None:
    settings = replace(kept.settings, keep_days=30)
    kept.fill(ANN, SECRET)
    make_old(kept, 31 * DAY)
    engine = create_engine(settings.channels_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE incoming SET state = 'waiting'"))
    engine.dispose()
    assert "messages to the assistant" not in expire(settings)


def test_of_a_visitor_of_the_page_all_goes(kept: Kept) -> None:
    visitor = "web~somebody"
    settings = replace(kept.settings, keep_days=30)
    kept.fill(visitor, SECRET, at=time.time() - 31 * DAY)
    expire(settings)
    left = find(settings, visitor).counts
    left.pop("lines of logs", None)
    assert not left


@pytest.fixture
def old(kept: Kept) -> None:
    """Ann has spoken today, and the channels have kept her messages for too long."""
    kept.fill(ANN, SECRET)
    make_old(kept, 31 * DAY)


async def test_the_delivery_process_deletes_what_is_too_old(
    kept: Kept, old: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    # Not set, it ends at once: nothing is ever deleted.
    await expire_until(stop)
    assert find(kept.settings, ANN).counts["messages to the assistant"] == 1
    monkeypatch.setenv("PARLEY_KEEP_DAYS", "30")
    deleting = asyncio.create_task(expire_until(stop))
    while find(kept.settings, ANN).counts["messages to the assistant"]:
        await asyncio.sleep(0.05)
    stop.set()
    await deleting


def test_the_command_says_what_it_deleted(kept: Kept) -> None:
    kept.fill(ANN, SECRET, at=time.time() - 31 * DAY)

    def command(**more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.retention"],
            env={**os.environ, **kept.environment, **more},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        return f"{done.returncode} {done.stdout}{done.stderr}"

    assert command().startswith("0 Nothing is deleted by age")
    assert "1  conversations" in command(PARLEY_KEEP_DAYS="30")
    assert command(PARLEY_KEEP_DAYS="many").startswith("1 PARLEY_KEEP_DAYS is 'many'")
