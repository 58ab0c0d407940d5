"""The address that Telegram calls: who calls is checked before anything is read."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sanic import Blueprint
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from actions.storage.database import StorageError
from channels.telegram.updates import update_id

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

LARGEST_BODY = 1024 * 1024
"""Bytes. The longest message, with all its marks and the one it replies to, is far below."""

Take = Callable[[Mapping[str, Any]], Awaitable[None]]


class NotReadyError(Exception):
    """It is not known yet who the bot is: Telegram shall deliver again."""


def add_webhook(blueprint: Blueprint, secret: str, take: Take) -> None:
    """Adds the route.

    Args:
        blueprint: The channel's.
        secret: What Telegram sends along.
        take: Writes an update down.
    """
    expected = secret.encode()

    async def receive(request: Request) -> HTTPResponse:
        # With `stream`, nothing of the body has been read so far; Sanic reads no more than this.
        body = request.stream
        assert body is not None
        body.request_max_size = LARGEST_BODY
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected):
            return empty(403)
        try:
            raw = b"".join([part async for part in body])
        except PayloadTooLarge:
            return empty(413)
        try:
            update = json.loads(raw)
            update_id(update)
        except (ValueError, RecursionError):
            return empty(400)
        try:
            await take(update)
        except (StorageError, NotReadyError) as error:
            # Telegram delivers it again.
            logger.error("telegram: an update could not be taken: %s", error)
            return empty(503)
        return empty(200)

    blueprint.add_route(receive, "/webhook", methods=["POST"], name="webhook", stream=True)
