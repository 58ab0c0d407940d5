"""Both ways of reading a store say the same, and what is kept of it is read again in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event as RasaEvent
from rasa.shared.core.events import Restarted, UserUtteranceReverted
from rasa.shared.core.trackers import DialogueStateTracker

from channels.inspector.reading import WholeReader
from channels.inspector.reading_sql import SqlReader, can_read
from channels.inspector.state import State
from tests.channels.inspector.conversation import (
    did,
    filled,
    listens,
    loop,
    said,
    session,
)

DOMAIN = Domain.from_dict(
    {
        "slots": {
            name: {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
            for name in ("counted", "list")
        }
    }
)


def talk(turns: int, begin: int = 1) -> list[RasaEvent]:
    """Turns in which a slot counts; every seventh begins a session, every fifth is taken back."""
    events: list[RasaEvent] = []
    for number in range(begin, begin + turns):
        if number % 7 == 1:
            events += [filled("session_started_metadata", {}), *session(), filled("list", number)]
        events += [said(f"number {number}", "count"), filled("counted", number), did("action_x")]
        if number % 5 == 0:
            events.append(UserUtteranceReverted())
        if number % 11 == 0:
            events += [loop("form"), Restarted()]
        events.append(listens())
    return events


async def keep(store: TrackerStore, sender: str, events: list[RasaEvent]) -> None:
    """Adds events to a conversation, as Rasa does."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in events:
        tracker.update(event, DOMAIN)
    await store.save(tracker)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def sql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SQLTrackerStore]:
    if request.param == "postgresql":
        # What stands as a host with a scheme is taken by Rasa for the whole address.
        url = request.getfixturevalue("postgresql").new_database()
        store = SQLTrackerStore(DOMAIN, dialect="postgresql", host=url)
    else:
        store = SQLTrackerStore(DOMAIN, db=str(tmp_path / "conversations.db"))
    yield store
    store.engine.dispose()


@pytest.mark.parametrize(("first", "last"), [(1, -1), (-4, -1), (8, 8), (7, 9), (15, 23), (90, 99)])
async def test_both_readers_give_the_same_turns(
    sql: SQLTrackerStore, first: int, last: int
) -> None:
    memory = InMemoryTrackerStore(DOMAIN)
    events = talk(24)
    # All in one: `retrieve` would leave out earlier sessions, and Rasa would save them twice.
    for store in (sql, memory):
        tracker = DialogueStateTracker.from_events("ada", events, DOMAIN.slots)
        await store.save(tracker)
    one = await SqlReader(sql).turns("ada", first, last)
    other = await WholeReader(memory).turns("ada", first, last)
    assert one is not None and other is not None
    assert (one.total, one.first, one.starts) == (24, other.first, other.starts)
    assert one.events == other.events
    initial = {"counted": None, "list": None, "session_started_metadata": None}
    before, known = (State(initial).apply_all(excerpt.before) for excerpt in (one, other))
    assert (before.slots, before.loop) == (known.slots, known.loop)


async def test_what_is_read_again_is_the_same(sql: SQLTrackerStore) -> None:
    await keep(sql, "ada", talk(6))
    reader = SqlReader(sql)
    for first, last in [(2, 3), (5, 6), (3, 4), (6, 6), (1, 1), (6, 6)]:
        one = await reader.turns("ada", first, last)
        fresh = await SqlReader(sql).turns("ada", first, last)
        assert one == fresh


async def test_the_list_follows_what_is_new_and_what_is_gone(sql: SQLTrackerStore) -> None:
    reader = SqlReader(sql)
    assert (await reader.newest(10, "")).conversations == []
    await keep(sql, "ada", talk(2))
    await keep(sql, "eve", talk(1))
    assert [(one.id, one.turns) for one in (await reader.newest(10, "")).conversations] == [
        ("eve", 1),
        ("ada", 2),
    ]
    await keep(sql, "ada", talk(1, begin=3))
    listing = await reader.newest(10, "")
    assert [(one.id, one.turns) for one in listing.conversations] == [("ada", 3), ("eve", 1)]
    assert (await reader.newest(10, "NUMBER 3")).conversations[0].id == "ada"
    assert listing.total == 2
    with sql.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM events WHERE sender_id = 'ada'")
    assert [one.id for one in (await reader.newest(10, "")).conversations] == ["eve"]
    assert await reader.version("ada") is None
    assert await reader.turns("ada", 1, 1) is None


async def test_a_store_in_memory_is_listed_as_well() -> None:
    memory = InMemoryTrackerStore(DOMAIN)
    await keep(memory, "ada", talk(2))
    await keep(memory, "eve", talk(1))
    listing = await WholeReader(memory).newest(10, "")
    assert {(one.id, one.turns) for one in listing.conversations} == {("ada", 2), ("eve", 1)}
    assert [one.id for one in (await WholeReader(memory).newest(9, "number 2")).conversations] == [
        "ada"
    ]
    assert await WholeReader(memory).turns("nobody", 1, 1) is None


def test_an_sql_store_in_memory_is_read_through_rasa() -> None:
    # Each thread would see a database of its own.
    assert not can_read(SQLTrackerStore(DOMAIN, db=":memory:"))
    assert not can_read(InMemoryTrackerStore(DOMAIN))
