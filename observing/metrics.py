"""What is counted, and the page that Prometheus reads it from.

No label holds anything that a person said or is: channels, stages, actions and sentiments are names
of the assistant's own.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    Summary,
    generate_latest,
)
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, raw, text

PATH = "/metrics"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
STAGES = ("waiting", "nlu", "policies", "actions", "stores", "saying")
OTHER = "other"
MOST_NAMES = 50
"""Of what a label takes: a client may give its channel any name."""


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        """Starts at nothing."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.turns = self._counter("turns", "Turns that came to their end.", "channel")
        self.failed = self._counter("turns_failed", "Turns that ended with an exception.")
        self.turn_seconds = Histogram(
            "parley_turn_seconds",
            "From when a message was taken to the end of its turn.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.stage_seconds = Histogram(
            "parley_stage_seconds",
            "All that a turn spent in a stage.",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.fallbacks = self._counter(
            "fallbacks", "Turns in which Parley was not sure.", "unsure_of"
        )
        self.sentiments = self._counter("sentiments", "Messages by their sentiment.", "sentiment")
        self.action_failures = self._counter(
            "action_failures", "Actions that ended with an exception.", "action"
        )
        self.action_seconds = Summary(
            "parley_action_seconds",
            "Time of actions in the action server.",
            ["action"],
            registry=self.registry,
        )
        self.queue = Gauge(
            "parley_channel_queue",
            "Messages that are written down and not yet answered (in) or sent (out).",
            ["channel", "direction"],
            registry=self.registry,
        )
        self._names: set[str] = set()

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"parley_{name}", told, labels, registry=self.registry)

    def name(self, name: str) -> str:
        """A name that a client gave, as a label: there are only so many."""
        if len(self._names) < MOST_NAMES:
            self._names.add(name)
        return name if name in self._names else OTHER


Look = Callable[[], Iterable[tuple[str, int, int]]]
"""Tells of each channel its name, and how many messages wait to be answered and to be sent."""


def serve_metrics(app: Sanic, metrics: Metrics, token: str, look: Look | None = None) -> None:
    """Adds the page to a server.

    Args:
        app: The server, before it starts.
        metrics: What is told.
        token: What a request has to have as its bearer token; empty: nothing.
        look: Looks into the channels' queues, in a thread.
    """

    async def page(request: Request) -> HTTPResponse:
        given = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            return text("Who asks for metrics gives the token.", 401)
        if look is not None:
            for channel, incoming, outgoing in await asyncio.to_thread(lambda: list(look())):
                metrics.queue.labels(channel, "in").set(incoming)
                metrics.queue.labels(channel, "out").set(outgoing)
        return raw(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)

    app.add_route(page, PATH, methods=["GET"], name="parley_metrics")
