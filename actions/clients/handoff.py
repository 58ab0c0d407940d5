"""Hands a conversation to a person: to a Slack channel, or to a web address.

Nothing that is said, and no token, is ever logged or part of an error.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from actions.clients.slack_message import slack_message, slack_metadata
from actions.handoff_report import Report
from actions.settings.handoff import (
    HandoffSettings,
    SlackSettings,
    SlackWebhookSettings,
    WebhookSettings,
)

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
LONGEST_RETRY_AFTER = 5.0
"""Seconds; who asks for more patience than that gets no second try."""

SIGNATURE = "X-Parley-Signature"
TIMESTAMP = "X-Parley-Timestamp"
DELIVERY = "X-Parley-Delivery"

_BUSY = frozenset({429, 502, 503, 504})
"""Statuses that say the request was not taken, and may be tried again."""


class HandoffError(Exception):
    """The conversation did not reach a person, or it is not known whether it did."""

    def __init__(self, reason: str, *, unsure: bool = False) -> None:
        """Takes the reason, without anything of the conversation; whether it may have arrived."""
        super().__init__(reason)
        self.unsure = unsure


async def send(report: Report, settings: HandoffSettings) -> None:
    """Sends a report; a second time where the first certainly did not arrive.

    Raises:
        HandoffError: If it did not arrive, or may not have.
    """
    # httpx logs each request's address, and that of an incoming webhook is a secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    make, check = _way(report, settings)
    # A timed-out request may have arrived all the same. Only a receiver that knows the
    # delivery's id can tell that it has had it before.
    repeatable = isinstance(settings, WebhookSettings)
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(timeout=timeout) as client:
        try:
            wait = await _try(client, make(), check, repeatable=repeatable)
            if wait is None:
                return
            await asyncio.sleep(wait)
            if await _try(client, make(), check, repeatable=repeatable) is not None:
                raise HandoffError("it could not be reached, nor at a second try")
        except httpx.HTTPError as error:
            unsure = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
            raise HandoffError(type(error).__name__, unsure=unsure) from None


Check = Callable[[httpx.Response], None]
Make = Callable[[], httpx.Request]


async def _try(
    client: httpx.AsyncClient, request: httpx.Request, check: Check, *, repeatable: bool
) -> float | None:
    """Sends once.

    Returns:
        None if it has arrived; else after how many seconds to try again.
    """
    try:
        answer = await client.send(request)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return 0.5
    except httpx.TimeoutException:
        if not repeatable:
            raise
        return 0.0
    if answer.status_code in _BUSY:
        seconds = _retry_after(answer)
        if seconds > LONGEST_RETRY_AFTER:
            raise HandoffError(f"HTTP {answer.status_code}, to be tried in {seconds:g} seconds")
        return seconds
    if answer.status_code >= 300:
        raise HandoffError(f"HTTP {answer.status_code}")
    check(answer)
    return None


def _retry_after(answer: httpx.Response) -> float:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "0.5")))
    except ValueError:
        return 0.5


def _way(report: Report, settings: HandoffSettings) -> tuple[Make, Check]:
    """How the request is made, and how its answer is checked."""
    if isinstance(settings, SlackSettings):
        message = {
            "channel": settings.channel,
            "metadata": slack_metadata(report),
            **slack_message(report),
        }
        url = f"{settings.api}/chat.postMessage"
        headers = {"Authorization": f"Bearer {settings.token}"}
        return lambda: _json_request(url, message, headers), _check_slack
    if isinstance(settings, SlackWebhookSettings):
        return lambda: _json_request(settings.url, slack_message(report), {}), _check_nothing
    delivery = uuid4().hex
    return lambda: _signed_request(report, settings, delivery), _check_nothing


def _json_request(url: str, content: dict[str, Any], headers: dict[str, str]) -> httpx.Request:
    body = json.dumps(content, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return httpx.Request("POST", url, content=body, headers={**kind, **headers})


def _signed_request(report: Report, settings: WebhookSettings, delivery: str) -> httpx.Request:
    moment = str(int(time.time()))
    content = {"event": "handoff", "delivery": delivery, **report.as_json()}
    request = _json_request(settings.url, content, {TIMESTAMP: moment, DELIVERY: delivery})
    request.headers[SIGNATURE] = sign(settings.secret, moment, request.content)
    return request


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a request: HMAC-SHA256 of its time, a full stop, and its body."""
    text = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def _check_nothing(_answer: httpx.Response) -> None:
    """A status of success is all there is to know."""


def _check_slack(answer: httpx.Response) -> None:
    """Slack says in the body what went wrong, with a status of success."""
    try:
        said = answer.json()
    except ValueError:
        raise HandoffError("Slack's answer is no JSON", unsure=True) from None
    if not (isinstance(said, dict) and said.get("ok") is True):
        error = said.get("error") if isinstance(said, dict) else None
        # One of Slack's documented words, such as channel_not_found.
        raise HandoffError(f"Slack says {str(error)[:60]}")
