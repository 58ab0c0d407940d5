"""Several servers of one assistant on a real PostgreSQL and a real Redis."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.processes import Process, running, wait_until_healthy
from scripts.project import ROOT, process_environment
from tests.channels.conftest import free_port
from tests.channels.line import RECEIVER_VARIABLE
from tests.channels.receiver import Receiver
from tests.deployment.skills import HELD_VARIABLE
from tests.services.forked import running_rasa
from tests.services.postgresql import PostgreSQL
from tests.services.redis import Redis

START_SECONDS = 240.0
API_TOKEN = "-token-of-the-test"
BOT = Path(__file__).parent / "bot"
ENDPOINTS = ROOT / "deploy" / "endpoints.yml"


class Answered:
    """A server's answer, whatever its status."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = headers


def ask(url: str, body: Any = None, method: str | None = None, timeout: float = 90) -> Answered:
    """Asks a server on this machine; no proxy stands between."""
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return _answered(answer.status, answer.read(), answer.headers)
    except urllib.error.HTTPError as error:
        return _answered(error.code, error.read(), error.headers)


def _answered(status: int, raw: bytes, headers: Any) -> Answered:
    return Answered(status, json.loads(raw) if raw.strip() else None, headers)


def wait_until(holds: Callable[[], Any], seconds: float = 60) -> None:
    """Waits until something holds.

    Raises:
        AssertionError: If it does not within the time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It did not come to hold."
        time.sleep(0.05)


class Server:
    """A process of the assistant that can be stopped, killed and started anew."""

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: Process | None = None
        self._log = log
        self._environment = dict(environment)
        self._running = ExitStack()

    @property
    def log(self) -> str:
        """What it has logged since it was started."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def terminate(self) -> None:
        """Asks it to end, as whoever manages processes does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Waits until it has ended; its exit status."""
        assert self.process is not None
        status = self.process.wait(60)
        self._running.close()
        return status

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self._running.close()

    def close(self) -> None:
        self._running.close()


class Actions(Server):
    """An action server."""

    def start(self) -> Actions:
        self.process = self._running.enter_context(
            running(
                "scripts.action_program",
                *("--actions", "tests.deployment.skills", "--port", str(self.port)),
                environment=self._environment,
                log=self._log,
            )
        )
        wait_until_healthy(self.process, self.port, "/ready", START_SECONDS)
        return self


class Replica(Server):
    """A Rasa server with an action server of its own."""

    def __init__(self, folder: Path, model: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir()
        self.actions = Actions(folder / "actions.log", environment)
        actions_url = {"PARLEY_ACTIONS_URL": f"{self.actions.url}/webhook"}
        super().__init__(folder / "rasa.log", {**environment, **actions_url})
        self.model = model
        self._credentials = folder / "credentials.yml"
        self._credentials.write_text(
            yaml.safe_dump({"rest": None, "tests.channels.line.LineInput": None}), encoding="utf-8"
        )

    def start(self) -> Replica:
        """Starts both, or Rasa alone where the action server runs."""
        if self.actions.process is None:
            self.actions.start()
        self.begin()
        self.wait_until_ready()
        return self

    def begin(self) -> None:
        """Starts Rasa, and does not wait for it."""
        self.process = self._running.enter_context(
            running_rasa(
                *("run", "--model", str(self.model), "--endpoints", str(ENDPOINTS)),
                *("--credentials", str(self._credentials), "--interface", "127.0.0.1"),
                *("--port", str(self.port), "--enable-api"),
                environment=self._environment,
                log=self._log,
            )
        )

    def wait_until_ready(self) -> None:
        assert self.process is not None
        wait_until_healthy(self.process, self.port, "/ready", START_SECONDS)

    def close(self) -> None:
        super().close()
        self.actions.close()

    def post(self, number: str, user: str, text: str) -> bool:
        """Sends a message to the line; whether it was new."""
        answer = ask(
            f"{self.url}/webhooks/line/message", {"id": number, "user": user, "text": text}
        )
        assert answer.status == 200, answer.body
        return bool(answer.body["new"])

    def rest(self, user: str, text: str) -> list[str]:
        """What the REST channel answers."""
        answer = ask(f"{self.url}/webhooks/rest/webhook", {"sender": user, "message": text})
        assert answer.status == 200, answer.body
        return [message["text"] for message in answer.body]

    def api(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """Asks Rasa's HTTP API."""
        answer = ask(f"{self.url}{path}?token={API_TOKEN}", body, method)
        assert answer.status < 300, answer.body
        return answer.body


class Deployment:
    """What replicas share, and the replicas."""

    def __init__(
        self, folder: Path, model: Path, postgresql: PostgreSQL, redis: Redis, receiver: Receiver
    ) -> None:
        self.postgresql = postgresql
        self.redis = redis
        self.receiver = receiver
        self.held = folder / "held"
        self.held.mkdir()
        self.database_url = postgresql.new_database()
        self.replicas: list[Replica] = []
        self._folder = folder
        self._model = model
        self.environment = {
            **process_environment(),
            "PARLEY_API_TOKEN": API_TOKEN,
            "PARLEY_DATABASE_URL": self.database_url,
            "PARLEY_CHANNELS_DATABASE_URL": self.database_url,
            "PARLEY_TRACKER_DATABASE_URL": self.database_url,
            "PARLEY_STOP_SECONDS": "30",
            RECEIVER_VARIABLE: receiver.url,
            HELD_VARIABLE: str(self.held),
            "LOG_LEVEL": "INFO",
            **redis.environment,
        }

    def replica(self, **environment: str) -> Replica:
        """A replica, not started."""
        name = f"replica-{len(self.replicas)}"
        variables = {**self.environment, **environment}
        self.replicas.append(Replica(self._folder / name, self._model, variables))
        return self.replicas[-1]

    @contextmanager
    def held_up(self, action: str) -> Iterator[None]:
        """An action does not come to its end within the context."""
        (self.held / f"hold-{action}").touch()
        try:
            yield
        finally:
            (self.held / f"hold-{action}").unlink(missing_ok=True)
            (self.held / f"waiting-{action}").unlink(missing_ok=True)

    def wait_until_held(self, action: str) -> None:
        """Waits until an action waits."""
        wait_until((self.held / f"waiting-{action}").exists)

    def close(self) -> None:
        for replica in self.replicas:
            replica.close()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis server."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.go_on()
    server.stop()


def _train(folder: Path, domain: Path) -> Path:
    command = [
        *("train", "--config", str(BOT / "config.yml"), "--domain", str(domain)),
        *("--data", str(BOT / "data.yml"), "--out", str(folder), "--quiet"),
    ]
    log = folder / "training.log"
    with running_rasa(*command, environment=process_environment(), log=log) as training:
        training.wait(START_SECONDS)
    models = list(folder.glob("*.tar.gz"))
    assert models, log.read_text(encoding="utf-8")
    return models[0]


@pytest.fixture(scope="session")
def first_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model of the bot."""
    return _train(tmp_path_factory.mktemp("first-model"), BOT / "domain.yml")


@pytest.fixture(scope="session")
def second_model(tmp_path_factory: pytest.TempPathFactory, first_model: Path) -> Path:
    """The same with another word in it."""
    folder = tmp_path_factory.mktemp("second-model")
    domain = folder / "domain.yml"
    text = (BOT / "domain.yml").read_text(encoding="utf-8")
    domain.write_text(text.replace("the first model", "the second model"), encoding="utf-8")
    return _train(folder, domain)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def deployment(
    tmp_path_factory: pytest.TempPathFactory,
    first_model: Path,
    postgresql: PostgreSQL,
    redis: Redis,
    receiver: Receiver,
) -> Iterator[Deployment]:
    """Two replicas that run, for the tests of a module."""
    folder = tmp_path_factory.mktemp("deployment")
    made = Deployment(folder, first_model, postgresql, redis, receiver)
    try:
        for _ in range(2):
            made.replica()
        for replica in made.replicas:
            replica.actions.start()
            replica.begin()
        for replica in made.replicas:
            replica.wait_until_ready()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
