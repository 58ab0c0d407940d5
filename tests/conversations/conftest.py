"""The real assistant, with its servers, its model and a database of its own."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from scripts.processes import Process, running, wait_until_healthy
from scripts.project import ROOT, process_environment
from scripts.train import ensure_model
from tests.services import Service
from tests.services.documents import Documents
from tests.services.forked import preloaded, running_rasa
from tests.services.handoff import HandoffService
from tests.services.mosquitto import Mosquitto
from tests.services.open_meteo import OpenMeteo
from tests.services.radicale import Radicale

START_SECONDS = 240.0
ANSWER_SECONDS = 60.0
INSPECTOR_TOKEN = "inspector-token-of-the-tests"

# What the trained model's components import.
preloaded += ["torch", "transformers", "sentence_transformers", "onnxruntime"]


class Assistant:
    """Action server and Rasa server on free ports, with folders for what they keep."""

    def __init__(self, folder: Path, model: Path, services: Mapping[str, Service]) -> None:
        """Prepares the servers' settings; `start` starts them. The services run already."""
        self.folder = folder
        self.services = services
        self.model = model
        self.lists = folder / "lists.db"
        self.port, self.action_port = free_port(), free_port()
        self.credentials = Path("credentials.yml")
        self.environment: dict[str, str] = {}
        self._servers = ExitStack()
        endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
        endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{self.action_port}/webhook"
        endpoints["tracker_store"]["db"] = str(folder / "conversations.db")
        self.endpoints = folder / "endpoints.yml"
        self.endpoints.write_text(yaml.safe_dump(endpoints), encoding="utf-8")

    def start(self, *, by_command: bool = False) -> None:
        """Starts both servers and waits until they answer.

        Args:
            by_command: Rasa is started by its command line, and not forked.
        """
        environment = {
            **process_environment(),
            **self.environment,
            "PARLEY_DATABASE_URL": f"sqlite:///{self.lists}",
            # What a person may have erased is this assistant's.
            "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{self.folder / 'channels.db'}",
            "PARLEY_TRACKER_DATABASE_URL": f"sqlite:///{self.folder / 'conversations.db'}",
            "PARLEY_LOGS": str(self.folder),
        }
        for service in self.services.values():
            environment.update(service.environment)
        actions = self._servers.enter_context(
            running(
                "scripts.action_program",
                *("--actions", "actions", "--port", str(self.action_port)),
                environment=environment,
                log=self.folder / "actions.log",
            )
        )
        wait_until_healthy(actions, self.action_port, "/health", START_SECONDS)
        command = [
            *("run", "--model", str(self.model), "--endpoints", str(self.endpoints)),
            *("--credentials", str(self.credentials), "--interface", "127.0.0.1"),
            *("--port", str(self.port), "--enable-api"),
        ]
        run = partial(running, "scripts.rasa_program") if by_command else running_rasa
        server: Process = self._servers.enter_context(
            run(*command, environment=environment, log=self.folder / "rasa.log")
        )
        wait_until_healthy(server, self.port, "/", START_SECONDS)
        token = environment.get("PARLEY_API_TOKEN", "")
        wait_until_healthy(server, self.port, f"/status?token={token}", START_SECONDS)

    def stop(self) -> None:
        """Ends both servers; what they keep stays."""
        self._servers.close()

    def restart(self) -> None:
        """Ends both servers and starts them anew."""
        self.stop()
        self.start()

    def say(
        self, sender: str, text: str, metadata: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Posts a message to the REST channel and returns the replies."""
        message = {"sender": sender, "message": text, "metadata": dict(metadata or {})}
        replies: list[dict[str, Any]] = self.ask("/webhooks/rest/webhook", message)
        return replies

    def parse(self, text: str) -> dict[str, Any]:
        """Returns what the pipeline reads in a text."""
        parsed: dict[str, Any] = self.ask("/model/parse", {"text": text})
        return parsed

    def slots(self, sender: str) -> dict[str, Any]:
        """Returns the slots of a conversation."""
        with _open(f"http://127.0.0.1:{self.port}/conversations/{sender}/tracker") as answer:
            slots: dict[str, Any] = json.load(answer)["slots"]
        return slots

    def items(self, sender: str) -> dict[str, list[tuple[str, str | None, str | None]]]:
        """Returns what really lies in the database: things by list, in order."""
        if not self.lists.exists():
            return {}
        with sqlite3.connect(self.lists) as database:
            rows = database.execute(ITEMS_BY_LIST, (sender,)).fetchall()
        found: dict[str, list[tuple[str, str | None, str | None]]] = {}
        for name, item, quantity, unit in rows:
            things = found.setdefault(name, [])
            if item is not None:
                things.append((item, quantity, unit))
        return found

    def ask(self, path: str, body: Mapping[str, Any] | list[Any]) -> Any:
        """Posts JSON to the HTTP API and returns the answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with _open(request) as answer:
            return json.load(answer)


ITEMS_BY_LIST = """
SELECT lists.name, list_items.name, list_items.quantity, list_items.unit
FROM lists LEFT JOIN list_items ON list_items.list_id = lists.id
WHERE lists.user_id = ? ORDER BY lists.id, list_items.id
"""


def _open(request: str | urllib.request.Request) -> Any:
    # No proxy stands between the tests and their own servers.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=ANSWER_SECONDS)


class Talk:
    """One person's conversation."""

    def __init__(self, assistant: Assistant, sender: str) -> None:
        """Takes a sender that nobody else uses."""
        self.assistant = assistant
        self.sender = sender

    def say(self, text: str) -> str:
        """Says something; returns the replies' texts, a line each."""
        return "\n".join(str(reply.get("text", "")) for reply in self.replies(text))

    def replies(self, text: str) -> list[dict[str, Any]]:
        """Says something; returns the replies as they came."""
        return self.assistant.say(self.sender, text)

    def slot(self, name: str) -> Any:
        """Returns the value of a slot."""
        return self.assistant.slots(self.sender)[name]

    def things(self, list_name: str) -> list[str]:
        """Returns the names of what lies on a list in the database."""
        return [name for name, _, _ in self.assistant.items(self.sender).get(list_name, [])]


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def model() -> Path:
    """The current model, trained now if need be."""
    os.chdir(ROOT)
    return ensure_model()


SERVICES: dict[str, Callable[[Path], Service]] = {
    "handoff": HandoffService,
    # home
    "mosquitto": Mosquitto,
    # weather
    "open_meteo": lambda _folder: OpenMeteo(),
    # calendar
    "radicale": Radicale,
    # knowledge
    "documents": Documents,
}
"""The services that the skills need, by name: each is made with a folder for what it keeps."""


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """The services, running."""
    made = {name: make(tmp_path_factory.mktemp(name)) for name, make in SERVICES.items()}
    try:
        for service in made.values():
            service.start()
        yield made
    finally:
        for service in made.values():
            service.stop()


@pytest.fixture(scope="session")
def assistant(
    tmp_path_factory: pytest.TempPathFactory, model: Path, services: dict[str, Service]
) -> Iterator[Assistant]:
    """The running assistant."""
    one = Assistant(tmp_path_factory.mktemp("assistant"), model, services)
    # The inspector is open all the while: whatever it measures must not change a conversation.
    channels = yaml.safe_load((ROOT / "credentials.yml").read_text(encoding="utf-8"))
    one.credentials = one.folder / "credentials.yml"
    one.credentials.write_text(
        yaml.safe_dump({**channels, "channels.inspector.InspectorInput": None}), encoding="utf-8"
    )
    one.environment["PARLEY_INSPECTOR_TOKEN"] = INSPECTOR_TOKEN
    try:
        one.start(by_command=True)
        yield one
    finally:
        one.stop()


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    """A conversation of somebody new."""
    return Talk(assistant, f"somebody-{uuid4().hex[:8]}")
