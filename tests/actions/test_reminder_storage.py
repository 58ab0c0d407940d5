"""Reminders in the database: by user, claimed once, delivered once, coming again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from actions.storage.database import Database
from actions.storage.reminders import (
    CANCELLED,
    DELIVERED,
    FIRST_CLAIM,
    MOST_WAITING,
    WAITING,
    Reminder,
    ReminderRepository,
    TooManyRemindersError,
    due_conversations,
)
from tests.actions.conftest import ROOT, USER, on_both_databases

pytestmark = on_both_databases

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


def reminder(due: datetime = NOW, **more: object) -> Reminder:
    blank = Reminder("reminder", due, "Europe/Berlin", "callback", NOW - timedelta(hours=1), "mum")
    return replace(blank, **more)  # type: ignore[arg-type]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, 5.0)
    yield opened
    opened.close()


@pytest.fixture
def kept(database: Database) -> ReminderRepository:
    """Ada's reminders."""
    return ReminderRepository(database, USER)


def test_what_is_kept_comes_back_as_it_was(kept: ReminderRepository) -> None:
    later = reminder(NOW + timedelta(days=1), rrule="FREQ=DAILY", what="pills", snoozed=2)
    added = kept.add([later, reminder()], NOW)
    assert [r.what for r in kept.waiting()] == ["mum", "pills"]
    assert kept.waiting()[1] == replace(added[0], first_at=later.due_at)
    assert kept.waiting()[0].local_due.isoformat() == "2026-11-20T15:00:00+01:00"


def test_two_users_have_reminders_of_the_same_name(database: Database) -> None:
    ada, bob = (ReminderRepository(database, user) for user in ("ada", "bob"))
    ada.add([reminder()], NOW)
    bobs = bob.add([reminder(NOW + SECOND)], NOW)
    assert len(ada.waiting()) == len(bob.waiting()) == 1
    assert ada.cancel([bobs[0].id]) == []
    assert not ada.put(bobs[0])
    assert ada.named([bobs[0].id]) == []
    assert ada.confirm([(bobs[0].id, bobs[0].due_at)], NOW) == 0
    assert bob.waiting() == [replace(bobs[0], first_at=bobs[0].due_at)]


def test_what_is_due_is_claimed_once(database: Database, kept: ReminderRepository) -> None:
    kept.add([reminder(), reminder(NOW + SECOND)], NOW)
    assert due_conversations(database, NOW) == [(USER, "callback")]
    assert due_conversations(database, NOW, ["callback"]) == []
    assert len(kept.claim_due(NOW)) == 1
    assert kept.claim_due(NOW) == []
    assert due_conversations(database, NOW) == []


def test_a_claim_that_nobody_confirms_runs_out_later_each_time(kept: ReminderRepository) -> None:
    kept.add([reminder()], NOW)
    moment, pauses = NOW, []
    for _ in range(3):
        assert kept.claim_due(moment)
        waited = 0
        while not kept.claim_due(moment + FIRST_CLAIM * waited) and waited < 100:
            waited += 1
        pauses.append(waited)
        moment += FIRST_CLAIM * (waited + 40)
        kept.claim_due(moment)
        moment += timedelta(hours=2)
    assert pauses[0] < pauses[1] <= pauses[2]


def test_a_delivery_is_noted_once(kept: ReminderRepository) -> None:
    kept.add([reminder()], NOW)
    (claimed,) = kept.claim_due(NOW)
    key = (claimed.id, claimed.due_at)
    assert (kept.confirm([key], NOW), kept.confirm([key], NOW)) == (1, 0)
    assert kept.waiting() == []
    (after,) = kept.delivered_since(NOW)
    assert (after.state, after.delivered_at) == (DELIVERED, NOW)


def test_what_recurs_waits_for_its_next_time(kept: ReminderRepository) -> None:
    kept.add([reminder(rrule="FREQ=DAILY")], NOW)
    (claimed,) = kept.claim_due(NOW)
    key = (claimed.id, claimed.due_at)
    assert (kept.confirm([key], NOW), kept.confirm([key], NOW)) == (1, 0)
    (after,) = kept.waiting()
    assert (after.due_at, after.state) == (NOW + timedelta(days=1), WAITING)
    # Three days without Parley are one delivery, and then it goes on.
    (late,) = kept.claim_due(NOW + timedelta(days=3, hours=1))
    kept.confirm([(late.id, late.due_at)], NOW + timedelta(days=3, hours=1))
    assert kept.waiting()[0].due_at == NOW + timedelta(days=4)


def test_what_was_moved_meanwhile_is_not_noted_as_delivered(kept: ReminderRepository) -> None:
    kept.add([reminder()], NOW)
    (claimed,) = kept.claim_due(NOW)
    assert kept.put(replace(claimed, due_at=NOW + timedelta(hours=1)))
    assert kept.confirm([(claimed.id, claimed.due_at)], NOW) == 0
    assert kept.waiting()[0].due_at == NOW + timedelta(hours=1)


def test_what_is_cancelled_is_not_due(database: Database, kept: ReminderRepository) -> None:
    (added,) = kept.add([reminder()], NOW)
    assert [r.id for r in kept.cancel([added.id])] == [added.id]
    assert kept.cancel([added.id]) == []
    assert due_conversations(database, NOW) == []
    assert kept.named([added.id])[0].state == CANCELLED


def test_there_is_a_limit_and_nothing_is_half_added(kept: ReminderRepository) -> None:
    kept.add([reminder() for _ in range(MOST_WAITING - 1)], NOW)
    with pytest.raises(TooManyRemindersError):
        kept.add([reminder(), reminder()], NOW)
    assert len(kept.waiting()) == MOST_WAITING - 1


def test_what_is_long_over_makes_room(kept: ReminderRepository) -> None:
    (old,) = kept.add([reminder(NOW - timedelta(days=90))], NOW)
    kept.cancel([old.id])
    kept.add([reminder()], NOW)
    assert kept.named([old.id]) == []


CLAIM = """
import sys, time
from datetime import datetime, timedelta, timezone
from actions.storage.database import Database
from actions.storage.reminders import ReminderRepository
kept = ReminderRepository(Database(sys.argv[1], 20.0), "ada")
now = datetime.fromisoformat(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
mine = []
for second in range(40):
    mine += [r.id for r in kept.claim_due(now + timedelta(seconds=second))]
print(*mine)
"""


def test_two_processes_that_look_at_once_share_what_is_due(
    database_url: str, kept: ReminderRepository
) -> None:
    kept.add([reminder(NOW + timedelta(seconds=second)) for second in range(40)], NOW)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, database_url, NOW.isoformat()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    claimed = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert sorted(map(int, claimed[0] + claimed[1])) == sorted(r.id for r in kept.waiting())
