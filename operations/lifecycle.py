"""Whether a server lives, whether it is ready, and how it ends: for any server on Sanic.

`/health` answers as long as the process does. `/ready` answers 200 when what a turn needs is
there, 503 otherwise, and says which part is away. Both are open to everybody, so they say no more
than that.

At SIGTERM the server begins nothing new: requests are refused with 503, which a proxy takes to
another server. What was begun has `PARLEY_STOP_SECONDS` to come to its end; then the process ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from weakref import WeakSet

from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, json

from operations.settings import read_operations_settings

logger = logging.getLogger(__name__)

HEALTH, READY = "/health", "/ready"

CHECK_SECONDS = 5.0
"""How long a part has to answer."""

RETRY_AFTER = "5"
"""Seconds, for who does not go to another server."""

Check = Callable[[], Awaitable[None]]
"""Raises whatever it likes where a part is not there."""

STOPPING = {
    "status": "stopping",
    "message": "This server is about to stop. Nothing was begun: ask again, or another server.",
}


def attach(app: Sanic, checks: Mapping[str, Check], has_health: bool = False) -> None:
    """Gives a server its health, its readiness and its end.

    Args:
        app: The server, before it starts.
        checks: What it needs, by the names that `/ready` says.
        has_health: Whether it has a `/health` of its own.
    """
    app.ctx.stopping = False
    seconds = read_operations_settings().stop_seconds
    # What is left then are connections that are open and answer nothing.
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 1.0
    # Those that a client has left are let go by themselves.
    begun: WeakSet[Request] = WeakSet()
    failed: dict[str, str] = {}

    async def health(_request: Request) -> HTTPResponse:
        return json({"status": "ok"})

    async def ready(_request: Request) -> HTTPResponse:
        if app.ctx.stopping:
            return json({"status": "stopping"}, 503)
        names = list(checks)
        answers = await asyncio.gather(*(_ask(checks[name]) for name in names))
        parts = {}
        for name, reason in zip(names, answers, strict=True):
            if reason != failed.get(name, ""):
                # Once for each change: it is asked every few seconds.
                _tell(name, reason)
            failed[name] = reason
            parts[name] = "away" if reason else "ok"
        is_ready = not any(answers)
        status = "ready" if is_ready else "not ready"
        return json({"status": status, "parts": parts}, 200 if is_ready else 503)

    async def refuse(request: Request) -> HTTPResponse | None:
        if request.path in (HEALTH, READY):
            return None
        if not app.ctx.stopping:
            if request.headers.get("upgrade", "").lower() != "websocket":
                begun.add(request)
            return None
        return json(STOPPING, 503, headers={"Retry-After": RETRY_AFTER, "Connection": "close"})

    async def note_end(request: Request, _response: BaseHTTPResponse) -> None:
        begun.discard(request)

    async def wait_for_the_begun(_app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        # Who asks meanwhile is answered, with a refusal; afterwards nobody listens.
        deadline = loop.time() + seconds
        while begun and loop.time() < deadline:
            await asyncio.sleep(0.05)

    async def take_signals(_app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        # Several workers of one server are told by their parent, with SIGTERM.
        alone = "SANIC_WORKER_PROCESS" not in os.environ
        for number in (signal.SIGTERM, signal.SIGINT) if alone else (signal.SIGTERM,):
            loop.add_signal_handler(number, stop)

    def stop() -> None:
        if not app.ctx.stopping:
            logger.info("Stopping: what was begun comes to its end.")
            app.ctx.stopping = True
            app.stop()  # type: ignore[no-untyped-call]

    if not has_health:
        app.add_route(health, HEALTH, methods=["GET"], name="parley_health")
    app.add_route(ready, READY, methods=["GET"], name="parley_ready")
    app.register_middleware(refuse, "request")
    app.register_middleware(note_end, "response")
    app.register_listener(wait_for_the_begun, "before_server_stop")
    # After: Sanic sets handlers of its own before.
    app.register_listener(take_signals, "after_server_start")


def _tell(name: str, reason: str) -> None:
    if reason:
        logger.warning("Not ready: %s: %s", name, reason)
    else:
        logger.info("Ready again: %s", name)


async def _ask(check: Check) -> str:
    """Asks a part; why it is not there, empty where it is."""
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except asyncio.TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
