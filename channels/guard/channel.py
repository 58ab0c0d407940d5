"""The guard: a channel without messages, which looks at each request before the others do."""

from __future__ import annotations

import ipaddress
import json as plain_json
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from channels.guard import api
from channels.guard.settings import CHANNEL, GuardSettings, read_guard_settings
from channels.limits import RateLimit
from channels.web.visitors import Visitors

logger = logging.getLogger(__name__)

WENT_WRONG = "Something went wrong here. The server's log says what."
TOO_OFTEN = "Too many requests from your address."
_REFUSALS = (401, 403)


class GuardInput(InputChannel):
    """Limits, sizes and the form of what is asked of Rasa's API. It takes no messages."""

    def __init__(self, settings: GuardSettings) -> None:
        """Prepares; the guard stands when the server starts."""
        self._settings = settings
        self._visitors = Visitors((), settings.trusted_proxies)
        self._requests = RateLimit(settings.requests_per_minute, 60.0)
        self._refusals = RateLimit(settings.refusals_per_minute, 60.0)

    @classmethod
    def name(cls) -> str:
        """The channel's name."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GuardInput:
        """Reads the channel's entry in credentials.yml.

        Raises:
            ChannelSettingsError: If something in it is wrong.
        """
        return cls(read_guard_settings(credentials))

    def blueprint(self, _on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """No routes, but what stands before those of all others."""
        blueprint = Blueprint("parley_guard", "parley_guard")

        async def stand(app: Sanic, _loop: object) -> None:
            app.config.REQUEST_MAX_SIZE = self._settings.megabytes * 2**20
            app.register_middleware(self._before, "request")
            app.register_middleware(self._after, "response")  # type: ignore[arg-type]

        blueprint.listener("before_server_start")(stand)
        return blueprint

    async def _before(self, request: Request) -> HTTPResponse | None:
        return self._limited(request) or await self._api(request)

    async def _after(self, request: Request, response: HTTPResponse) -> HTTPResponse | None:
        address = self._address(request)
        if address and response.status in _REFUSALS:
            self._refusals.take(address)
        if response.headers is not None:
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if response.status != 500:
            return None
        # What is in it is an exception's text: Rasa's API writes it into the answer.
        logger.error("guard: %s %s ended in an error.", request.method, _route(request))
        return json({"error": WENT_WRONG}, 500)

    # -------------------------------------------------------------------- limits

    def _limited(self, request: Request) -> HTTPResponse | None:
        address = self._address(request)
        if not address:
            return None
        wait = max(self._requests.take(address), self._refusals.wait(address))
        if not wait:
            return None
        return json({"error": TOO_OFTEN}, 429, {"Retry-After": str(math.ceil(wait))})

    def _address(self, request: Request) -> str:
        """Whose requests are counted; nothing where no limits hold."""
        address = self._visitors.address(request.ip, request.headers)
        # A proxy on this machine that is not named here brings in requests from anywhere.
        is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        if is_forwarded and address == self._visitors.address(request.ip, {}):
            return address
        try:
            network = ipaddress.ip_network(address)
        except ValueError:
            return address
        # An address of IPv6 stands here as its network of 64 bits.
        for free in self._settings.unlimited:
            if network.network_address in free or free.network_address in network:
                return ""
        return address

    # ----------------------------------------------------------------------- api

    async def _api(self, request: Request) -> HTTPResponse | None:
        path = _path(request)
        if not api.is_api(path):
            return None
        if api.is_closed(request.method, path, self._settings.open_api):
            return json({"error": "This is closed here: see docs/security.md."}, 404)
        query = {name: values[0] for name, values in request.args.items() if values}
        wrong = api.wrong_address(path, query)
        # A body that was too large has not been read: that is said by Sanic.
        is_read = not (request.stream and request.stream.request_body)
        if wrong is None and is_read and api.has_form(request.method, path):
            try:
                body = plain_json.loads(request.body)
                wrong = api.wrong_body(request.method, path, body)
            except (ValueError, RecursionError):
                wrong = "The body is no JSON."
        return json({"error": wrong}, 400) if wrong else None


def _path(request: Request) -> str:
    return unquote(request.path, errors="surrogateescape")


def _route(request: Request) -> str:
    """The route, without the conversation's name."""
    return str(request.route.path) if request.route else "an unknown address"
