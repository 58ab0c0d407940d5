"""What the tests of privacy share: all stores there are, with things of two people in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from actions.clients.calendar import file_name
from actions.items import Item
from actions.storage.answers import AnswerRepository
from actions.storage.database import Database
from actions.storage.lists import ListRepository
from actions.storage.reminders import Reminder, ReminderRepository
from channels.messages import Incoming
from channels.store import open_store
from channels.web.sessions import Sessions
from privacy.settings import PrivacySettings, read_privacy_settings
from privacy.tracker_store import PrivateTrackerStore

ANN, BOB = "telegram~4242", "telegram~777"
SECRET = "Quetzalcoatl"
"""What Ann alone has said, everywhere."""

on_both_databases = pytest.mark.parametrize(
    "kept", ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)], indirect=True
)


@dataclass
class Kept:
    """Where things are kept, and the real stores that keep them."""

    settings: PrivacySettings
    environment: dict[str, str]
    folder: Path

    def tracker_store(self, **more: Any) -> PrivateTrackerStore:
        """Rasa's store of conversations, opened as Rasa opens it."""
        return PrivateTrackerStore(Domain.empty(), host=self.settings.tracker_url, **more)

    def fill(self, person: str, word: str, at: float | None = None) -> None:
        """Keeps something of a person in every store; what they said was said at a moment."""
        self.converse(person, [f"my {word} is here"], at)
        skills = Database(self.settings.skills_url, 5.0)
        ListRepository(skills, person).add(word, [Item(word)])
        due = datetime.now(timezone.utc) + timedelta(days=1)
        reminder = Reminder("reminder", due, "UTC", "telegram", due, word)
        ReminderRepository(skills, person).add([reminder], due)
        AnswerRepository(skills, person).keep("1", "action_add_items/1", {"events": [word]})
        skills.close()
        store = open_store(self.settings.channels_url, "telegram", 5.0)
        store.write_down(Incoming(person, (f"{person}/1",), {"text": word}))
        store.queue(person, [{"text": word, "buttons": [{"title": word, "payload": "/affirm"}]}])
        store.note(f"thread:{person}", word)
        store.database.close()
        calendars = Path(self.settings.calendar)
        calendars.mkdir(exist_ok=True)
        event = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{word}\nEND:VEVENT\nEND:VCALENDAR\n"
        (calendars / file_name(person)).write_text(event)
        assert self.settings.recordings is not None
        self.settings.recordings.mkdir(exist_ok=True)
        sound = self.settings.recordings / (word.encode().hex()[:12].rjust(32, "0") + ".wav")
        sound.write_bytes(word.encode())
        facts = {"at": at or 4e9, "conversation": person, "text": word}
        sound.with_suffix(".json").write_text(json.dumps(facts))
        self.settings.logs.mkdir(exist_ok=True)
        with (self.settings.logs / "rasa.log").open("a") as log:
            log.write(f"A line of {person}.\nReceived: my {word} is here\nAnother line.\n")

        self.settings.reports.mkdir(exist_ok=True)
        (self.settings.reports / f"{word}.html").write_text(f"<p>my {word} is here</p>")

    def converse(self, person: str, texts: list[str], at: float | None = None) -> None:
        """Has a conversation kept, as a session of its own."""
        store = self.tracker_store()
        events: list[Event] = [ActionExecuted("action_session_start"), SessionStarted()]
        for text in texts:
            events += [ActionExecuted("action_listen"), UserUttered(text, input_channel="rest")]
            events += [ActionExecuted("utter_x"), BotUttered(text)]
        for number, event in enumerate(events):
            if at is not None:
                event.timestamp = at + number / 1000
        before = asyncio.run(store.retrieve(person))
        tracker = before or DialogueStateTracker(person, [])
        for event in events:
            tracker.update(event)
        asyncio.run(store.save(tracker))
        store.engine.dispose()

    def everything(self) -> dict[str, bytes]:
        """All files below the folder, byte by byte."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Kept]:
    """Empty stores, in SQLite unless a test asks for PostgreSQL."""
    urls = {name: f"sqlite:///{tmp_path / name}.db" for name in ("skills", "channels", "talks")}
    if getattr(request, "param", "sqlite") == "postgresql":
        server = request.getfixturevalue("postgresql")
        # One for each, and one for two: what is in the same database is told apart as well.
        shared = server.new_database()
        urls = {"skills": server.new_database(), "channels": shared, "talks": shared}
    environment = {
        "PARLEY_DATABASE_URL": urls["skills"],
        "PARLEY_CHANNELS_DATABASE_URL": urls["channels"],
        "PARLEY_TRACKER_DATABASE_URL": urls["talks"],
        "PARLEY_CALENDAR": str(tmp_path / "calendars"),
        "PARLEY_VOICE_KEEP_AUDIO": str(tmp_path / "recordings"),
        "PARLEY_LOGS": str(tmp_path / "log"),
        "PARLEY_REPORTS": str(tmp_path / "reports"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name in ("PARLEY_KEEP_DAYS", "PARLEY_REDACT", "PARLEY_REDACT_NAMES"):
        monkeypatch.delenv(name, raising=False)
    yield Kept(read_privacy_settings(), environment, tmp_path)


def open_everything(kept: Kept) -> None:
    """Has each program make its tables, as its start does."""
    kept.tracker_store().engine.dispose()
    Database(kept.settings.skills_url, 5.0).close()
    store = open_store(kept.settings.channels_url, "web", 5.0)
    Sessions(store.database, "web", timedelta(days=1)).begin()
    store.database.close()
