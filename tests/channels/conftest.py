"""A real Rasa server with a small bot, whose channels the tests talk to."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml

from scripts.processes import Process, wait_until_healthy
from scripts.project import process_environment
from tests.channels.action_server import ActionServer
from tests.services.forked import running_rasa

START_SECONDS = 240.0
API_TOKEN = "-token-of-the-test"
"""As one of many that are made at random may, it begins with a dash."""
BOT = Path(__file__).parent / "bot"


class Listening(Protocol):
    """Something on a port of this machine."""

    port: int


class Bot:
    """A Rasa server that can be stopped, killed and started anew on what it kept."""

    def __init__(
        self,
        folder: Path,
        model: Path,
        actions: Listening,
        credentials: Mapping[str, Any],
        environment: Mapping[str, str],
    ) -> None:
        """Prepares; `start` starts it.

        Args:
            folder: For what the server keeps.
            model: A trained model.
            actions: The action server.
            credentials: What would be in credentials.yml.
            environment: More variables.
        """
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "channels.db"
        self.process: Process | None = None
        self._model = model
        self._credentials = folder / "credentials.yml"
        self._credentials.write_text(yaml.safe_dump(dict(credentials)), encoding="utf-8")
        self._environment = {
            **process_environment(),
            "PARLEY_API_TOKEN": API_TOKEN,
            "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{self.database}",
            "TEST_ACTION_PORT": str(actions.port),
            "TEST_TRACKER_DATABASE": str(folder / "conversations.db"),
            "LOG_LEVEL": "INFO",
            **environment,
        }
        self._running = ExitStack()

    @property
    def log(self) -> str:
        """What the server has logged."""
        return (self.folder / "rasa.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> Bot:
        """Starts the server and waits until its model is loaded."""
        self.process = self._running.enter_context(
            running_rasa(
                *("run", "--model", str(self._model), "--endpoints", str(BOT / "endpoints.yml")),
                *("--credentials", str(self._credentials), "--interface", "127.0.0.1"),
                *("--port", str(self.port), "--enable-api"),
                environment=self._environment,
                log=self.folder / "rasa.log",
            )
        )
        wait_until_healthy(self.process, self.port, f"/status?token={API_TOKEN}", START_SECONDS)
        return self

    def stop(self) -> None:
        """Ends the server as a person does."""
        self._running.close()

    def kill(self) -> None:
        """Ends the server with SIGKILL: nothing is brought to an end."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self._running.close()

    def api(self, path: str, body: Mapping[str, Any] | list[Any] | None = None) -> Any:
        """Asks Rasa's HTTP API, with its token."""
        between = "&" if "?" in path else "?"
        request = urllib.request.Request(
            f"{self.url}{path}{between}token={API_TOKEN}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        # No proxy stands between the tests and their own servers.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)


MakeBot = Callable[..., Bot]


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model of the bot in `tests/channels/bot`."""
    folder = tmp_path_factory.mktemp("model")
    log = folder / "training.log"
    command = [
        *("train", "--config", str(BOT / "config.yml"), "--domain", str(BOT / "domain.yml")),
        *("--data", str(BOT / "data.yml"), "--out", str(folder), "--quiet"),
    ]
    with running_rasa(*command, environment=process_environment(), log=log) as training:
        training.wait(START_SECONDS)
    models = list(folder.glob("*.tar.gz"))
    assert models, log.read_text(encoding="utf-8")
    return models[0]


@pytest.fixture(scope="module")
def actions() -> Iterator[ActionServer]:
    """The small bot's action server; a test that holds it up lets it go again."""
    with ActionServer() as server:
        yield server


@contextmanager
def bot_maker(folder: Path, model: Path, actions: ActionServer) -> Iterator[MakeBot]:
    """Makes servers, and ends them on the way out."""
    made: list[Bot] = []

    def make(credentials: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Bot:
        own = folder / f"bot-{len(made)}"
        own.mkdir()
        made.append(Bot(own, model, actions, credentials, environment or {}))
        return made[-1]

    try:
        yield make
    finally:
        for bot in made:
            bot.stop()


@pytest.fixture
def make_bot(tmp_path: Path, small_model: Path, actions: ActionServer) -> Iterator[MakeBot]:
    """Makes servers for one test: `make_bot({"channels.web.WebInput": {…}}, {"NAME": "…"})`."""
    with bot_maker(tmp_path, small_model, actions) as make:
        yield make


@pytest.fixture(scope="module")
def make_shared_bot(
    tmp_path_factory: pytest.TempPathFactory, small_model: Path, actions: ActionServer
) -> Iterator[MakeBot]:
    """Makes servers that the tests of a module share: starting one takes seconds."""
    with bot_maker(tmp_path_factory.mktemp("shared"), small_model, actions) as make:
        yield make


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
