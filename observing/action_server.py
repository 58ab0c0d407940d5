"""The action server's process: what each action took, as a part of the turn that it belongs to."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any

import rasa_sdk.endpoint
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection
from sanic import Sanic
from sanic.request import Request

from observing.metrics import Metrics, serve_metrics
from observing.settings import ObservingSettings
from observing.traces import TRACE_HEADER, Traces
from observing.turns import TURN_HEADER, enter_turn, turn_id

PROCESS = "actions"

_parent: ContextVar[str] = ContextVar("observed_parent", default="")


def follow(settings: ObservingSettings) -> None:
    """Follows the actions of this process from now on."""
    metrics = Metrics() if settings.metrics else None
    traces = Traces(PROCESS) if settings.traces else None
    run = ActionExecutor.run
    make = rasa_sdk.endpoint.create_app

    async def run_followed(self: ActionExecutor, call: Any) -> Any:
        name = str(call.get("next_action"))
        latest = (call.get("tracker") or {}).get("latest_message") or {}
        enter_turn(turn_id(), latest.get("text"))
        began, failed = time.perf_counter(), None
        try:
            return await run(self, call)
        except ActionExecutionRejection:
            # A form that leaves the message to others: an answer like any other.
            raise
        except Exception as error:
            failed = type(error).__name__
            raise
        finally:
            known = name if name in self.actions else "unknown"
            if metrics is not None:
                metrics.action_seconds.labels(known).observe(time.perf_counter() - began)
                if failed:
                    metrics.action_failures.labels(known).inc()
            if traces is not None:
                traces.tell_action(_parent.get(), known, turn_id(), began, failed)

    def create_app(*arguments: Any, **more: Any) -> Sanic:
        app: Sanic = make(*arguments, **more)

        async def note_turn(request: Request) -> None:
            enter_turn(request.headers.get(TURN_HEADER) or "", None)
            _parent.set(request.headers.get(TRACE_HEADER) or "")

        app.register_middleware(note_turn, "request")
        if metrics is not None:
            serve_metrics(app, metrics, settings.metrics_token)
        if traces is not None:
            app.register_listener(lambda _app, _loop: traces.close(), "after_server_stop")
        return app

    ActionExecutor.run = run_followed
    rasa_sdk.endpoint.create_app = create_app
