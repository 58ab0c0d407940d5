"""Assistants on HTTP, as processes of their own: what answers is what costs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import rasa

from benchmarks import runner
from benchmarks.table import say
from scripts.credentials import credentials_for
from scripts.endpoints import ENDPOINTS, write_for_action_port
from scripts.processes import Process, running, wait_until_healthy
from scripts.project import process_environment
from scripts.rasa_program import API_TOKEN

START_SECONDS = 300.0
INITIAL_PROJECT = Path(rasa.__file__).parent / "cli" / "initial_project"
"""What `rasa init` copies."""


@dataclass
class Served:
    """An assistant that can be talked to."""

    name: str
    url: str
    token: str
    """Of Rasa's HTTP API."""
    processes: dict[str, int] = field(default_factory=dict)
    """What each process does, and its number."""

    @property
    def webhook(self) -> str:
        """Where the REST channel takes messages."""
        return f"{self.url}/webhooks/rest/webhook"

    def messages(self, sender: str) -> int:
        """How many messages of a person the assistant has in a conversation."""
        request = f"{self.url}/conversations/{sender}/tracker?include_events=ALL&token={self.token}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            events = json.load(answer)["events"]
        return sum(event["event"] == "user" for event in events)

    def costs(self) -> Costs:
        """What its processes have used until now."""
        found = Costs()
        for name, pid in self.processes.items():
            leader = psutil.Process(pid)
            members = [leader, *leader.children(recursive=True)]
            for member in members:
                with suppress(psutil.NoSuchProcess):
                    times = member.cpu_times()
                    found.cpu[name] = found.cpu.get(name, 0.0) + times.user + times.system
                    rss = member.memory_info().rss / 2**20
                    found.rss_mb[name] = found.rss_mb.get(name, 0.0) + rss
        return found


@dataclass
class Costs:
    """Of each process: its processor time so far in seconds, and its memory now in MiB."""

    cpu: dict[str, float] = field(default_factory=dict)
    rss_mb: dict[str, float] = field(default_factory=dict)


@contextmanager
def parley(model: Path, folder: Path) -> Iterator[Served]:
    """The project's assistant with its action server, SQLite, all in a folder.

    Args:
        model: A trained model.
        folder: For databases and logs.
    """
    action_port = free_port()
    endpoints = folder / "endpoints.yml"
    write_for_action_port(ENDPOINTS, action_port, endpoints)
    endpoints.write_text(
        endpoints.read_text(encoding="utf-8").replace(
            "var/conversations.db", str(folder / "conversations.db")
        ),
        encoding="utf-8",
    )
    environment = {
        "PARLEY_DATABASE_URL": f"sqlite:///{folder / 'parley.db'}",
        "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{folder / 'channels.db'}",
    }
    with ExitStack() as stack:
        actions = stack.enter_context(
            running(
                "scripts.action_program",
                *("--actions", "actions", "--port", str(action_port)),
                environment={**process_environment(), **environment},
                log=folder / "actions.log",
            )
        )
        wait_until_healthy(actions, action_port, "/health", START_SECONDS)
        # As `make serve` opens it, its guard included.
        credentials = stack.enter_context(credentials_for(["rest"]))
        served = stack.enter_context(
            serve("parley", model, endpoints, credentials, environment, folder)
        )
        served.processes["actions"] = actions.pid
        yield served


@contextmanager
def rasa_init(model: Path, folder: Path) -> Iterator[Served]:
    """The bot that `rasa init` makes."""
    credentials = folder / "credentials.yml"
    credentials.write_text("rest:\n", encoding="utf-8")
    endpoints = INITIAL_PROJECT / "endpoints.yml"
    with serve("rasa init", model, endpoints, credentials, {}, folder) as served:
        yield served


@contextmanager
def serve(
    name: str,
    model: Path,
    endpoints: Path,
    credentials: Path,
    environment: dict[str, str],
    folder: Path,
) -> Iterator[Served]:
    """Rasa with a model, on a free port, with the REST channel and the HTTP API."""
    token, port = secrets.token_hex(16), free_port()
    with running(
        "scripts.rasa_program",
        *("run", "--model", str(model), "--endpoints", str(endpoints), "--enable-api"),
        *("--credentials", str(credentials), "--interface", "127.0.0.1", "--port", str(port)),
        environment={**process_environment(), **environment, API_TOKEN: token},
        log=folder / "rasa.log",
    ) as process:
        served = Served(name, f"http://127.0.0.1:{port}", token, {"assistant": process.pid})
        began = time.monotonic()
        _wait(process, port, token)
        say(f"{name}: ready after {time.monotonic() - began:.0f} s")
        yield served


def _wait(process: Process, port: int, token: str) -> None:
    wait_until_healthy(process, port, f"/status?token={token}", START_SECONDS)


def rasa_init_model(kept: Path) -> Path:
    """The trained model of `rasa init`'s bot, trained where it is not there yet.

    Args:
        kept: The folder that keeps it.

    Raises:
        runner.WorkerFailedError: The training failed.
    """
    model = kept / f"rasa-init-{version('rasa')}.tar.gz"
    if model.is_file():
        return model
    say("rasa init: training, once …")
    kept.mkdir(parents=True, exist_ok=True)
    place = kept / f".training-{os.getpid()}"
    # A copy: Rasa writes into config.yml what it chose where nothing was said.
    shutil.copytree(INITIAL_PROJECT, place)
    try:
        with running(
            "scripts.rasa_program",
            *("train", "--config", str(place / "config.yml"), "--data", str(place / "data")),
            *("--domain", str(place / "domain.yml"), "--out", str(place / "models"), "--quiet"),
            environment=process_environment(),
            log=place / "log",
        ) as training:
            training.wait()
        made = list((place / "models").glob("*.tar.gz"))
        if not made:
            said = (place / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise runner.WorkerFailedError(f"The bot of rasa init was not trained:\n{said}")
        made[0].replace(model)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return model


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_record(costs: Costs) -> dict[str, Any]:
    """What the processes hold of the memory, for a record."""
    return {f"{name}_rss_mb": megabytes for name, megabytes in costs.rss_mb.items()}
