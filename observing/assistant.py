"""Rasa's process: follows its turns, where somebody looks.

Nothing is wrapped, and nothing of what measures is imported, unless the environment asks for it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import rasa.core.run
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from actions.storage.database import StorageError
from channels.connector import Connector
from channels.inspector.measuring import measure
from channels.inspector.timing import Recording, Span, Timings, current
from observing.metrics import Metrics, serve_metrics
from observing.settings import ObservingSettings
from observing.traces import TRACE_HEADER, Traces, header
from observing.turns import TURN_HEADER, turn_id, within_turn

PROCESS = "assistant"

NLU_FALLBACK, CORE_FALLBACK = "nlu_fallback", "action_default_fallback"

STAGES = {
    "waiting": "waiting",
    "understanding": "nlu",
    "prediction": "policies",
    "action": "actions",
    "slots": "actions",
    "fetching": "stores",
    "saving": "stores",
    "sending": "saying",
}
"""What is measured, by the stage that it is told as."""


def follow(settings: ObservingSettings) -> None:
    """Follows the turns of this process from now on."""
    metrics = Metrics() if settings.metrics else None
    traces = Traces(PROCESS) if settings.traces else None
    # Inside of what is measured as the request: the other process's part is a part of that.
    _wrap(EndpointConfig, "request", functools.partial(_asks, traces=traces is not None))
    timings = Timings()
    timings.opinions = False
    measure(timings)
    timings.listeners.append(functools.partial(_tell, metrics=metrics, traces=traces))
    _wrap(Agent, "handle_message", functools.partial(_handles, metrics=metrics))
    _wrap(MessageProcessor, "parse_message", functools.partial(_parses, metrics=metrics))
    make = rasa.core.run.configure_app

    def configure_app(*arguments: Any, **more: Any) -> Sanic:
        app: Sanic = make(*arguments, **more)
        if metrics is not None:
            serve_metrics(app, metrics, settings.metrics_token, lambda: queues(app))
        if traces is not None:
            app.register_listener(lambda _app, _loop: traces.close(), "after_server_stop")
        return app

    rasa.core.run.configure_app = configure_app


def queues(app: Sanic) -> Iterable[tuple[str, int, int]]:
    """How much waits in each channel that writes its messages down."""
    for channel in getattr(app.ctx, "input_channels", None) or []:
        if isinstance(channel, Connector):
            # Not there yet, or not reachable now: the other metrics are told all the same.
            with suppress(StorageError, RuntimeError):
                yield channel.name(), *channel.store.depth()


def seconds_by_stage(spans: Sequence[Span]) -> dict[str, float]:
    """Seconds that a turn spent in each stage; a stage within another counts as the other."""
    found: dict[str, float] = {}
    for span in spans:
        stage = STAGES.get(span.kind)
        if stage is not None and span.parent < 0 and span.end:
            found[stage] = found.get(stage, 0.0) + span.end - span.start
    return found


def _wrap(owner: type, name: str, wrapper: Callable[[Any], Any]) -> None:
    original = owner.__dict__[name]
    setattr(owner, name, functools.wraps(original)(wrapper(original)))


def _tell(recording: Recording, metrics: Metrics | None, traces: Traces | None) -> None:
    kinds = {span.kind for span in recording.spans}
    # Some channels have a message understood ahead of its turn: it is told with the turn.
    if not kinds & {"fetching", "saving", "prediction", "action"}:
        return
    if metrics is not None:
        metrics.turn_seconds.observe(recording.end - recording.start)
        for stage, seconds in seconds_by_stage(recording.spans).items():
            metrics.stage_seconds.labels(stage).observe(seconds)
        for span in recording.spans:
            if span.kind == "remote" and "failed" in span.note:
                metrics.action_failures.labels(metrics.name(span.name)).inc()
            if span.kind == "action" and span.name == CORE_FALLBACK:
                metrics.fallbacks.labels("next_action").inc()
    if traces is not None:
        traces.tell_turn(recording, {})


def _handles(method: Any, metrics: Metrics | None) -> Any:
    async def handle_message(self: Agent, message: Any) -> Any:
        try:
            with within_turn(message.message_id, message.text):
                result = await method(self, message)
        except Exception:
            if metrics is not None:
                metrics.failed.inc()
            raise
        if metrics is not None:
            metrics.turns.labels(metrics.name(str(message.input_channel))).inc()
        return result

    return handle_message


def _parses(method: Any, metrics: Metrics | None) -> Any:
    async def parse_message(self: Any, message: Any, *more: Any, **named: Any) -> Any:
        with within_turn(message.message_id, message.text):
            parsed = await method(self, message, *more, **named)
        if metrics is not None:
            sentiment = (parsed.get("sentiment") or {}).get("name")
            if sentiment:
                metrics.sentiments.labels(metrics.name(str(sentiment))).inc()
            if (parsed.get("intent") or {}).get("name") == NLU_FALLBACK:
                metrics.fallbacks.labels("intent").inc()
        return parsed

    return parse_message


def _asks(method: Any, traces: bool) -> Any:
    async def request(self: EndpointConfig, *arguments: Any, **named: Any) -> Any:
        within = current()
        turn = turn_id() or (within[0].key if within is not None else "")
        if turn:
            headers = {**(named.get("headers") or {}), TURN_HEADER: turn}
            parent = header() if traces else None
            if parent is not None:
                headers[TRACE_HEADER] = parent
            named["headers"] = headers
        return await method(self, *arguments, **named)

    return request
