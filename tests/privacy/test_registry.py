"""No store is forgotten: whatever tables the programs make, the registry knows them."""

import pytest
from sqlalchemy import create_engine, inspect, text

import channels.slack.threads
import channels.web.tables  # noqa: F401  with the above: all tables there are
from actions.storage.models import mapper_registry
from channels.tables import metadata
from privacy.erasing import check_registered
from privacy.registry import NOTHING_OF_PEOPLE, TABLES, databases, stores, unregistered
from privacy.stores import ErasureError
from tests.privacy.conftest import ANN, BOB, Kept, on_both_databases, open_everything


def test_all_tables_of_the_code_are_registered() -> None:
    assert unregistered([*metadata.tables, *mapper_registry.metadata.tables, "events"]) == []


@on_both_databases
def test_all_tables_of_the_databases_are_registered(kept: Kept) -> None:
    open_everything(kept)
    found = {name for database in databases(kept.settings) for name in database.table_names()}
    assert {"events", "lists", "reminders", "incoming", "web_sessions"} <= found
    assert unregistered(sorted(found)) == []
    check_registered(kept.settings)


@on_both_databases
def test_what_is_registered_is_there(kept: Kept) -> None:
    open_everything(kept)
    for database in databases(kept.settings):
        assert {rows.table for rows in TABLES[database.name]} <= set(database.table_names())


def test_a_table_that_nobody_registered_is_refused_by_name(kept: Kept) -> None:
    open_everything(kept)
    engine = create_engine(kept.settings.skills_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE diaries (user_id TEXT, entry TEXT)"))
    engine.dispose()
    with pytest.raises(ErasureError, match="diaries"):
        check_registered(kept.settings)


def test_nothing_is_both_of_people_and_of_nobody() -> None:
    of_people = {rows.table for tables in TABLES.values() for rows in tables}
    assert not of_people & set(NOTHING_OF_PEOPLE)


def test_tables_of_nobody_have_no_column_for_anybody(kept: Kept) -> None:
    open_everything(kept)
    for url in (kept.settings.skills_url, kept.settings.channels_url, kept.settings.tracker_url):
        engine = create_engine(url)
        look = inspect(engine)
        for name in set(look.get_table_names()) & set(NOTHING_OF_PEOPLE):
            columns = {column["name"] for column in look.get_columns(name)}
            assert not columns & {"user_id", "sender_id", "conversation", "content", "text"}, name
        engine.dispose()


def test_every_file_that_is_kept_belongs_to_a_store(kept: Kept) -> None:
    kept.fill(ANN, "Quetzalcoatl")
    kept.fill(BOB, "Rumpelstiltskin")
    places = {path.split("/")[0].split(".db")[0] for path in kept.everything()}
    assert places == {"skills", "channels", "talks", "calendars", "recordings", "log", "reports"}
    assert len(stores(kept.settings)) == len(places)
