"""What the action server answers to what it cannot work with.

The SDK answers every exception with its text and the request's body, and status 500 to an address
that there is not; inflates what it is sent to whatever size that has; and takes a call without a
tracker for a fault of the action. Whoever reaches the server is not to be told how it is made.
"""

from __future__ import annotations

import json as plain_json
import logging
import zlib
from collections.abc import Mapping
from typing import Any

from pluggy import HookimplMarker
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

logger = logging.getLogger(__name__)

WENT_WRONG = "The action failed. The action server's log says why."
LARGEST_CALL = 32 * 2**20
"""Bytes of a call, inflated: a conversation of thousands of turns and the domain are below."""

WEBHOOK = "/webhook"


@HookimplMarker("rasa_sdk")
def attach_sanic_app_extensions(app: Sanic) -> None:
    """The SDK's hook: before the server starts."""
    app.config.REQUEST_MAX_SIZE = LARGEST_CALL
    # In place of the handler of the SDK.
    app.error_handler.add(SanicException, _refused)
    app.error_handler.add(Exception, _failed)
    app.register_middleware(_check, "request")


async def _failed(_request: Request, exception: Exception) -> HTTPResponse:
    # What was said is in the call; the exception's place is enough to find the fault.
    logger.error("An action failed: %s", type(exception).__name__, exc_info=exception)
    return json({"error": WENT_WRONG}, 500)


async def _refused(request: Request, exception: SanicException) -> HTTPResponse:
    status = exception.status_code or 500
    if status >= 500:
        return await _failed(request, exception)
    return json({"error": f"{request.method} of that address is not possible here."}, status)


async def _check(request: Request) -> HTTPResponse | None:
    """Refuses a call that is none, before the SDK takes it apart."""
    if request.path.rstrip("/") != WEBHOOK or request.method != "POST":
        return None
    try:
        call = plain_json.loads(_inflated(request))
    except (ValueError, RecursionError, zlib.error):
        return json({"error": "The body is no JSON, or too large."}, 400)
    wrong = wrong_call(call)
    return json({"error": wrong}, 400) if wrong else None


def wrong_call(call: object) -> str | None:
    """What is wrong with a call of an action; None where nothing is."""
    if not isinstance(call, dict):
        return "A call is an object."
    for key, kind, told in (
        ("next_action", str, "the name of an action"),
        ("version", str, "a text"),
        ("domain", dict, "an object"),
    ):
        if call.get(key) is not None and not isinstance(call[key], kind):
            return f"'{key}' is {told}."
    return _wrong_tracker(call.get("tracker")) if call.get("next_action") else None


def _wrong_tracker(tracker: object) -> str | None:
    if not isinstance(tracker, Mapping):
        return "'tracker' is missing."
    kinds: Mapping[str, type | tuple[type, ...]] = {
        "sender_id": str,
        "slots": dict,
        "latest_message": dict,
        "events": list,
        "active_loop": dict,
        "paused": bool,
    }
    for key, kind in kinds.items():
        value: Any = tracker.get(key)
        if value is not None and not isinstance(value, kind):
            return f"'{key}' of the tracker is not of its type."
    if not tracker.get("sender_id"):
        return "'sender_id' of the tracker is missing."
    events = tracker.get("events") or []
    if not all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events):
        return "An event of the tracker is none."
    return None


def _inflated(request: Request) -> bytes:
    body: bytes = request.body
    if request.headers.get("content-encoding") != "deflate":
        return body
    inflating = zlib.decompressobj()
    inflated = inflating.decompress(body, LARGEST_CALL)
    if inflating.unconsumed_tail:
        raise ValueError("The call is larger than any is.")
    return inflated
