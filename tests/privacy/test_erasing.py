"""Forgetting a person: all of theirs goes, from every byte, and nothing of anybody else's."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rasa.shared.core.events import UserUttered
from sqlalchemy import create_engine, text

from actions.settings import SettingsError
from privacy.erasing import find, forget, forget_in_turn
from privacy.settings import read_privacy_settings
from privacy.stores import ErasureError
from scripts.project import ROOT
from tests.privacy.conftest import ANN, BOB, SECRET, Kept, on_both_databases


@pytest.fixture(autouse=True)
def both(kept: Kept) -> None:
    """Ann and Bob have something everywhere."""
    kept.fill(ANN, SECRET)
    kept.fill(BOB, "Rumpelstiltskin")


@on_both_databases
def test_what_is_found_is_what_is_erased(kept: Kept) -> None:
    bobs = find(kept.settings, BOB).counts
    found = find(kept.settings, ANN).counts
    assert found["events of the conversation"] == 6
    assert found["things on lists"] == found["lists"] == 1
    assert found["timers, alarms and reminders"] == found["answers of actions"] == 1
    assert found["messages to the assistant"] == found["messages from the assistant"] == 1
    assert found["buttons"] == found["notes of channels"] == found["marks of messages"] == 1
    assert found["events of the calendar"] == found["calendar files"] == found["recordings"] == 1
    assert found["lines of logs"] == 2 and found["reports"] == 1
    assert forget(kept.settings, ANN, settle=0).counts == found
    assert find(kept.settings, ANN).total == 0
    assert find(kept.settings, BOB).counts == bobs


def test_no_byte_is_left(kept: Kept) -> None:
    # Rows that were deleted before leave their words in the file, too.
    engine = create_engine(kept.settings.skills_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM list_items WHERE name = :name"), {"name": SECRET})
    engine.dispose()
    before = kept.everything()
    assert sum(SECRET.encode() in content for content in before.values()) >= 6
    forget(kept.settings, ANN, settle=0)
    for name, content in kept.everything().items():
        assert SECRET.encode() not in content, name
        assert SECRET.encode("utf-16-le") not in content, name
        assert ANN.encode() not in content, name
    others = b"".join(kept.everything().values())
    assert others.count(b"Rumpelstiltskin") >= 10
    assert b"Another line." in others


def test_somebody_whose_name_is_a_part_of_the_other_stays(kept: Kept) -> None:
    kept.fill(f"{ANN}0", "Zanzibar")
    kept.fill(ANN[:-1], "Ouagadougou")
    before = find(kept.settings, f"{ANN}0").counts, find(kept.settings, ANN[:-1]).counts
    forget(kept.settings, ANN, settle=0)
    after = find(kept.settings, f"{ANN}0").counts, find(kept.settings, ANN[:-1]).counts
    assert after == before


@on_both_databases
def test_a_turn_that_goes_on_meanwhile_writes_nothing_back(kept: Kept) -> None:
    store = kept.tracker_store()
    tracker = asyncio.run(store.retrieve(ANN))
    assert tracker is not None
    tracker.update(UserUttered("and one more thing"))
    forget(kept.settings, ANN, settle=0)
    asyncio.run(store.save(tracker))
    assert find(kept.settings, ANN).total == 0
    # Whoever speaks on begins anew.
    anew = asyncio.run(store.get_or_create_tracker(ANN))
    anew.update(UserUttered("hello"))
    asyncio.run(store.save(anew))
    again = asyncio.run(store.retrieve(ANN))
    assert again is not None
    assert [e.text for e in again.events if isinstance(e, UserUttered)] == ["hello"]
    store.engine.dispose()


def test_in_a_turn_its_own_message_stays_until_it_is_answered(kept: Kept) -> None:
    from channels.store import open_store

    store = open_store(kept.settings.channels_url, "telegram", 5.0)
    written = store.begin_next(ANN, "somebody")
    assert written is not None
    safe = replace(kept.settings, tracker_is_safe=True)
    forget_in_turn(safe, ANN)
    assert find(kept.settings, ANN).counts == {"messages to the assistant": 1}
    store.finish(written, [{"text": "Done."}])
    assert store.conversations_to_send() == [BOB, ANN]
    store.database.close()
    with pytest.raises(ErasureError, match="written back"):
        forget_in_turn(replace(kept.settings, tracker_is_safe=False), BOB)
    assert find(kept.settings, BOB).total > 10


def test_a_calendar_that_is_shared_is_not_touched_but_told(kept: Kept) -> None:
    shared = replace(kept.settings, calendar=str(kept.folder / "ours.ics"))
    (kept.folder / "ours.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    (outside,) = forget(shared, ANN, settle=0).outside
    assert "calendar" in outside
    assert (kept.folder / "ours.ics").exists()


def command(kept: Kept, person: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **kept.environment, "FORGET_USER": person, **more}
    return subprocess.run(
        [sys.executable, "-m", "scripts.forget"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_the_command_shows_erases_and_knows_who_is_unknown(kept: Kept) -> None:
    shown = command(kept, ANN, DRY_RUN="1")
    assert (shown.returncode, "6  events of the conversation" in shown.stdout) == (0, True)
    assert find(kept.settings, ANN).total > 0
    unknown = command(kept, "4242")
    assert unknown.returncode == 1
    assert f"There is '{ANN}'" in unknown.stderr
    erased = command(kept, ANN)
    assert (erased.returncode, "Erased" in erased.stdout) == (0, True)
    assert command(kept, ANN).returncode == 1
    assert find(kept.settings, BOB).total > 0
    assert command(kept, "").returncode == 2


def test_make_takes_no_user_from_the_shell() -> None:
    def recipe(*given: str) -> str:
        called = ["make", "-n", "-p", "forget", *given]
        told = subprocess.run(called, cwd=ROOT, capture_output=True, text=True).stdout
        (line,) = (one for one in told.splitlines() if "FORGET_USER" in one and "=" in one)
        return line

    assert "$(filter command,$(origin USER))" in recipe()


def test_where_rasa_keeps_conversations_is_read_from_its_endpoints(tmp_path: Path) -> None:
    def read(store: str, **variables: str) -> tuple[str, bool]:
        path = tmp_path / "endpoints.yml"
        path.write_text(f"tracker_store: {store}\n", encoding="utf-8")
        settings = read_privacy_settings(variables, path)
        return settings.tracker_url, settings.tracker_is_safe

    ours = "type: privacy.tracker_store.PrivateTrackerStore"
    file = f"sqlite:///{tmp_path / 'var' / 'talks.db'}"
    assert read(f"{{{ours}, db: var/talks.db}}") == (file, True)
    assert read("{type: SQL, dialect: sqlite, db: var/talks.db}") == (file, False)
    assert read("{type: redis, url: localhost}") == ("", False)
    given = "{type: operations.trackers.SqlTrackers, url: '${HERE}'}"
    assert read(given, HERE="postgresql://a@b/c") == ("postgresql://a@b/c", True)
    parts = f"{{{ours}, dialect: postgresql, url: 'db:99', db: talks, username: u, password: p/w}}"
    assert read(parts) == ("postgresql://u:p%2Fw@db:99/talks", True)
    assert read(parts, PARLEY_TRACKER_DATABASE_URL="postgresql://x/y") == ("postgresql://x/y", True)
    root = read_privacy_settings({})
    assert root.tracker_is_safe and root.tracker_url.endswith("/var/conversations.db")


def test_settings_of_no_use_are_refused(kept: Kept) -> None:
    for days in ("0", "-1", "soon", "1.5"):
        with pytest.raises(SettingsError, match="PARLEY_KEEP_DAYS"):
            read_privacy_settings({**kept.environment, "PARLEY_KEEP_DAYS": days})
