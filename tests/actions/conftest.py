"""What the tests of the action server share: a database of their own, and made-up talks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.settings import DATABASE_URL_VARIABLE
from actions.settings.knowledge import KNOWLEDGE_VARIABLE
from actions.storage.database import Database, open_database
from actions.storage.lists import ListRepository
from actions.weather_service import forget

if TYPE_CHECKING:
    from tests.actions.calendar_talk import CalendarTalk

ROOT = Path(__file__).resolve().parents[2]
USER = "ada"


class Talk:
    """A conversation in the making: events as Rasa would send them to the action server."""

    def __init__(self, domain: dict[str, Any]) -> None:
        self.domain = domain
        self.events: list[dict[str, Any]] = [{"event": "session_started"}]
        self.dispatcher = CollectingDispatcher()

    def user(self, text: str, intent: str, *entities: tuple[str, str], **parsed: Any) -> Talk:
        """The user says something; entities are looked for in the text, in their order."""
        found, position = [], 0
        for kind, value in entities:
            start = text.find(value, position)
            if start >= 0:
                position = start + len(value)
            where = {"start": start, "end": position} if start >= 0 else {}
            found.append({"entity": kind, "value": value, **where})
        parse_data = {"text": text, "intent": {"name": intent}, "entities": found, **parsed}
        self.events.append({"event": "user", "text": text, "parse_data": parse_data})
        return self

    def bot(self, action: str) -> Talk:
        """Parley does something and then listens."""
        self.events.append({"event": "action", "name": action})
        self.events.append({"event": "action", "name": "action_listen"})
        return self

    def slot(self, name: str, value: Any) -> Talk:
        """A slot is set."""
        self.events.append({"event": "slot", "name": name, "value": value})
        return self

    def form(self, name: str | None) -> Talk:
        """A form starts, or ends."""
        self.events.append({"event": "active_loop", "name": name})
        return self

    def waiting(self, form: str, requested: str) -> Talk:
        """A form has asked for something and listens."""
        self.form(form).slot("requested_slot", requested)
        return self.bot(form)

    def asks(self, form: str, requested: str, **slots: Any) -> Talk:
        """A form begins, as Rasa has it, fills what it can and asks for the rest."""
        self.events.append({"event": "action", "name": form})
        self.form(form)
        for name, value in slots.items():
            self.slot(name, value)
        self.slot("requested_slot", requested)
        self.events.append({"event": "action", "name": "action_listen"})
        return self

    def ends(self, form: str, **slots: Any) -> Talk:
        """A form that has all that it asked for ends; its action is next."""
        self.events.append({"event": "action", "name": form})
        for name, value in slots.items():
            self.slot(name, value)
        return self.form(None).slot("requested_slot", None)

    async def goes_on(self, action: Any) -> Talk:
        """An action is run, and what it returns becomes part of the conversation."""
        await self.run(action)
        self.events.append({"event": "action", "name": action.name()})
        self.events.extend(self.returned)
        return self

    def tracker(self, sender: str = USER) -> Tracker:
        """The conversation as an action gets it."""
        slots: dict[str, Any] = dict.fromkeys([*self.domain["slots"], "requested_slot"])
        latest: dict[str, Any] = {}
        loop: str | None = None
        for event in self.events:
            if event["event"] == "slot":
                slots[event["name"]] = event["value"]
            elif event["event"] == "user":
                latest = event["parse_data"]
            elif event["event"] == "active_loop":
                loop = event["name"]
        active_loop = {"name": loop} if loop else {}
        return Tracker(
            sender, slots, latest, list(self.events), False, None, active_loop, "action_listen"
        )

    async def run(self, action: Any, **candidates: Any) -> dict[str, Any]:
        """Runs an action, a form's validation with candidates for its slots.

        Returns:
            The slots that it set, by their names.
        """
        tracker = self.tracker()
        tracker.events.append({"event": "action", "name": "some_form"})
        tracker.add_slots(
            [{"event": "slot", "name": name, "value": value} for name, value in candidates.items()]
        )
        self.dispatcher = CollectingDispatcher()
        self.returned = await action.run(self.dispatcher, tracker, self.domain)
        return {e["name"]: e["value"] for e in self.returned if e["event"] == "slot"}

    @property
    def said(self) -> list[str]:
        """The responses that the action asked for."""
        return [message["response"] for message in self.dispatcher.messages]

    @property
    def filled(self) -> dict[str, Any]:
        """What filled the last response."""
        return dict(self.dispatcher.messages[-1])


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    """What is in domain.yml."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return loaded


on_both_databases = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)],
    indirect=True,
)
"""Has the tests of a module run on either database."""


@pytest.fixture(autouse=True)
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Each test has a database of its own, also through the settings."""
    url = f"sqlite:///{tmp_path / 'kept' / 'parley.db'}"
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    monkeypatch.setenv(DATABASE_URL_VARIABLE, url)
    # knowledge: no documents, unless a test has some
    monkeypatch.setenv(KNOWLEDGE_VARIABLE, str(tmp_path / "no-documents"))
    yield url
    open_database.cache_clear()


@pytest.fixture(autouse=True)
def no_weather_from_before() -> None:
    """No test knows what another one was told about the weather."""
    forget()


@pytest.fixture
def lists(database_url: str) -> Iterator[ListRepository]:
    """Ada's lists."""
    database = Database(database_url, 1.0)
    yield ListRepository(database, USER)
    database.close()


@pytest.fixture
def talk(domain: dict[str, Any]) -> Talk:
    """A talk with Ada."""
    return Talk(domain)


@pytest.fixture
def new_talk(domain: dict[str, Any]) -> Callable[[], Talk]:
    """Makes talks with Ada."""
    return lambda: Talk(domain)


@pytest.fixture
def calendars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that everybody's calendar is in."""
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "calendars"))
    return tmp_path / "calendars"


@pytest.fixture
def ann(talk: Talk, calendars: Path) -> CalendarTalk:
    """A talk on Friday, the 20th of November 2026, at three in the afternoon."""
    from tests.actions.calendar_talk import CalendarTalk  # which builds on this module

    return CalendarTalk(talk)
