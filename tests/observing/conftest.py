"""A real Rasa server and a real action server, and what takes in their traces."""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from scripts.processes import running, wait_until_healthy
from scripts.project import process_environment
from tests.channels.conftest import Bot, free_port, small_model
from tests.services.http import HttpServer, Request, Response

__all__ = ["small_model"]

TOKEN = "metrics-token-of-the-tests"


@dataclass(frozen=True)
class Told:
    """A span as it came in."""

    service: str
    span: Span

    @property
    def attributes(self) -> dict[str, str]:
        """What it tells besides."""
        return _texts(self.span.attributes)


class Collector(HttpServer):
    """Takes traces as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Condition()
        self.told: list[Told] = []
        self.bodies = b""

    def answer(self, request: Request) -> Response:
        assert request.path == "/v1/traces"
        export = ExportTraceServiceRequest.FromString(request.body)
        with self.came:
            self.bodies += request.body
            for resource in export.resource_spans:
                service = _texts(resource.resource.attributes)["service.name"]
                for scope in resource.scope_spans:
                    self.told += [Told(service, span) for span in scope.spans]
            self.came.notify_all()
        return Response()

    def wait(self, turn: str, names: set[str], seconds: float = 60.0) -> list[Told]:
        """The spans of a turn's trace, once spans of these names are among them."""

        def found() -> list[Told]:
            roots = [one for one in self.told if one.attributes.get("parley.turn") == turn]
            traces = {one.span.trace_id for one in roots}
            return [one for one in self.told if one.span.trace_id in traces]

        with self.came:
            there = self.came.wait_for(
                lambda: names <= {one.span.name for one in found()}, timeout=seconds
            )
            assert there, [one.span.name for one in self.told]
            return found()


def _texts(attributes: Any) -> dict[str, str]:
    pairs: list[KeyValue] = list(attributes)
    return {pair.key: pair.value.string_value for pair in pairs}


@dataclass
class Listener:
    """Where something listens."""

    port: int


class Observed:
    """Both servers."""

    def __init__(self, bot: Bot, folder: Path, action_port: int) -> None:
        self.bot = bot
        self.folder = folder
        self.action_port = action_port

    def say(self, sender: str, text: str) -> list[dict[str, Any]]:
        """Talks to the bot."""
        replies: list[dict[str, Any]] = self.bot.api(
            "/webhooks/rest/webhook", {"sender": sender, "message": text}
        )
        return replies

    def turn(self, sender: str) -> str:
        """The id of the latest message of a conversation."""
        events = self.bot.api(f"/conversations/{sender}/tracker?include_events=ALL")["events"]
        return str([event for event in events if event["event"] == "user"][-1]["message_id"])

    def metrics(self, port: int) -> str:
        """The page of metrics."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return str(answer.read().decode())

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines of a log that are JSON."""
        text = (self.folder / name).read_text(encoding="utf-8", errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@contextmanager
def observed(folder: Path, model: Path, environment: Mapping[str, str]) -> Iterator[Observed]:
    """Both servers with a small bot, seen from outside as the environment says."""
    port = free_port()
    with ExitStack() as stack:
        actions = stack.enter_context(
            running(
                "scripts.action_program",
                *("--actions", "tests.observing.doing", "--port", str(port)),
                environment={**process_environment(), **environment},
                log=folder / "actions.log",
            )
        )
        wait_until_healthy(actions, port, "/health", 120.0)
        database = f"sqlite:///{folder / 'channels.db'}"
        bot = Bot(
            folder,
            model,
            Listener(port),
            {"rest": None, "channels.web.WebInput": {}},
            {**environment, "PARLEY_DATABASE_URL": database},
        )
        stack.callback(bot.stop)
        yield Observed(bot.start(), folder, port)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Takes the traces in."""
    with Collector() as server:
        yield server


@pytest.fixture(scope="module")
def assistant(
    tmp_path_factory: pytest.TempPathFactory, small_model: Path, collector: Collector
) -> Iterator[Observed]:
    """The servers with all that there is to see."""
    environment = {
        "PARLEY_LOG": "json",
        "PARLEY_METRICS": "1",
        "PARLEY_METRICS_TOKEN": TOKEN,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        # Milliseconds until spans are sent.
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    assert "OTEL_SERVICE_NAME" not in os.environ
    with observed(tmp_path_factory.mktemp("observed"), small_model, environment) as servers:
        yield servers
