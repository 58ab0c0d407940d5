"""The inspector's routes: who may see what."""

from __future__ import annotations

import functools
import math
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, raw

from channels.inspector.access import COOKIE, SESSION_SECONDS, Access, Attempts, is_foreign
from channels.inspector.data import Inspection, NotFoundError, WrongQuestionError
from channels.inspector.measuring import measure, timings_of_process
from channels.inspector.reading import ConversationsUnreadableError
from channels.inspector.timing import TURNS_KEPT
from channels.settings import ChannelSettingsError, Credentials

TOKEN_VARIABLE = "PARLEY_INSPECTOR_TOKEN"
CODE_VARIABLE = "PARLEY_INSPECTOR_CODE"
"""Signs in once: `make inspect` writes one into the address that it prints."""

SHORTEST_TOKEN = 16

PAGE = Path(__file__).resolve().parents[2] / "web" / "inspector"

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What the page is made of, by the files' endings."""

HEADERS = {
    # Nothing but the page's own files: no inline script, no image of elsewhere, no frame.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What people said is not to lie in a browser's cache.
    "Cache-Control": "no-store",
}

LONGEST_BODY = 4096
"""Bytes of a request's body: a token, or a few words to look for."""

Route = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


class InspectorInput(InputChannel):
    """A page on the conversations of the running assistant, for those who know the token.

    It takes no messages and changes nothing. While it is open, turns are measured.
    """

    def __init__(self, token: str, code: str = "", turns_measured: int = TURNS_KEPT) -> None:
        """Prepares; measuring begins when the server starts.

        Args:
            token: Whoever knows it may see all conversations.
            code: Signs in once.
            turns_measured: Of so many turns it is kept how long they took.

        Raises:
            ChannelSettingsError: If the token is too short to be a secret.
        """
        if len(token) < SHORTEST_TOKEN:
            raise ChannelSettingsError(
                f"{TOKEN_VARIABLE} is too short: give {SHORTEST_TOKEN} characters or more, such as "
                "`openssl rand -hex 24` makes."
            )
        self._access = Access(token, code)
        self._attempts = Attempts()
        self._timings = timings_of_process(turns_measured)
        self._inspection = Inspection(self._timings)

    @classmethod
    def name(cls) -> str:
        """The channel's name, a part of its address."""
        return "inspector"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InspectorInput:
        """Reads `token`, `turns_measured` and the one-time code.

        Raises:
            ChannelSettingsError: If the token is missing, or something is wrong.
        """
        read = Credentials(cls.name(), credentials)
        token = read.required("token", TOKEN_VARIABLE)
        code = read.text("code", CODE_VARIABLE)
        turns = int(read.number("turns_measured", TURNS_KEPT, 1, 100_000))
        read.refuse_unknown()
        return cls(token, code, turns)

    def blueprint(self, _on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The page, signing in and out, and what the page asks for."""
        blueprint = Blueprint("parley_inspector", "parley_inspector")
        measuring = measure(self._timings)

        async def stop(_app: Sanic, _loop: object) -> None:
            measuring.close()

        blueprint.listener("after_server_stop")(stop)

        async def finish(_request: Request, response: HTTPResponse) -> None:
            response.headers.update(HEADERS)

        blueprint.middleware("response")(finish)
        add = blueprint.add_route
        for path in sorted(PAGE.iterdir()):
            if path.suffix in TYPES:
                address = "/" if path.name == "index.html" else f"/{path.name}"
                route = _file(path, TYPES[path.suffix])
                add(route, address, methods=["GET"], name=path.name)
        add(_own(self._session), "/session", methods=["GET"], name="session")
        add(_own(self._login), "/login", methods=["POST"], name="login")
        add(_own(self._logout), "/logout", methods=["POST"], name="logout")
        # What is looked for is in the body: addresses are written into logs.
        add(self._guarded(self._conversations), "/conversations", methods=["POST"], name="list")
        add(self._guarded(self._turns), "/turns", methods=["GET"], name="turns")
        add(self._guarded(self._slots), "/slots", methods=["GET"], name="slots")
        add(self._guarded(self._events), "/events", methods=["GET"], name="events")
        add(self._guarded(self._course), "/course", methods=["GET"], name="course")
        add(self._guarded(self._story), "/story", methods=["GET"], name="story")
        return blueprint

    # ---------------------------------------------------------------- who may see

    async def _session(self, request: Request) -> HTTPResponse:
        return json({"signed_in": self._access.knows(request.cookies.get(COOKIE))})

    async def _login(self, request: Request) -> HTTPResponse:
        wait = self._attempts.wait(request.ip)
        if wait > 0:
            seconds = math.ceil(wait)
            headers = {"Retry-After": str(seconds)}
            return json({"error": "slow", "seconds": seconds}, 429, headers=headers)
        body = _body(request)
        word = body.get("token")
        if not isinstance(word, str) or not self._access.admits(word):
            self._attempts.failed(request.ip)
            return json({"error": "wrong"}, 403)
        self._attempts.succeeded(request.ip)
        response = empty()
        response.cookies[COOKIE] = self._access.open_session()
        cookie = response.cookies[COOKIE]
        cookie["httponly"] = True
        cookie["samesite"] = "Strict"
        cookie["path"] = f"/webhooks/{self.name()}"
        cookie["max-age"] = int(SESSION_SECONDS)
        if "https" in (request.scheme, request.headers.get("x-forwarded-proto")):
            cookie["secure"] = True
        return response

    async def _logout(self, request: Request) -> HTTPResponse:
        self._access.end_session(request.cookies.get(COOKIE))
        return empty()

    def _guarded(self, answer: Callable[[Request, Agent], Awaitable[Any]]) -> Route:
        """A route for those who are signed in."""

        @functools.wraps(answer)
        async def route(request: Request) -> HTTPResponse:
            if not self._access.knows(request.cookies.get(COOKIE)):
                return json({"error": "signed out"}, 401)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return json({"error": "There is no model loaded yet."}, 503)
            try:
                return json(await answer(request, agent))
            except NotFoundError:
                return json({"error": "There is no such conversation, or no such turn."}, 404)
            except WrongQuestionError as error:
                return json({"error": str(error)}, 400)
            except ConversationsUnreadableError as error:
                return json({"error": f"The tracker store does not answer: {error}."}, 503)

        return _own(route)

    # ------------------------------------------------------------------ what there is

    async def _conversations(self, request: Request, agent: Agent) -> Any:
        body = _body(request)
        limit, search = body.get("limit"), body.get("search")
        return await self._inspection.conversations(
            agent,
            limit if isinstance(limit, int) else 50,
            search if isinstance(search, str) else "",
        )

    async def _turns(self, request: Request, agent: Agent) -> Any:
        return await self._inspection.turns(
            agent,
            _conversation(request),
            _number(request, "first", -20),
            _number(request, "last", -1),
            request.args.get("known", ""),
        )

    async def _slots(self, request: Request, agent: Agent) -> Any:
        turn = _number(request, "turn", 0)
        return await self._inspection.slots(agent, _conversation(request), turn)

    async def _events(self, request: Request, agent: Agent) -> Any:
        turn = _number(request, "turn", 0)
        return await self._inspection.events(agent, _conversation(request), turn)

    async def _course(self, request: Request, agent: Agent) -> Any:
        return await self._inspection.course(agent, _conversation(request))

    async def _story(self, request: Request, agent: Agent) -> Any:
        return await self._inspection.story(
            agent,
            _conversation(request),
            request.args.get("kind", ""),
            (_number(request, "first", 0), _number(request, "last", 0)),
            request.args.get("name", "")[:200],
        )


def _own(route: Route) -> Route:
    """A route that pages of other sites cannot ask, whatever CORS the server allows."""

    @functools.wraps(route)
    async def checked(request: Request) -> HTTPResponse:
        if is_foreign(request.headers, request.host):
            return json({"error": "foreign"}, 403)
        return await route(request)

    return checked


def _file(path: Path, content_type: str) -> Route:
    content = path.read_bytes()

    async def file(_request: Request) -> HTTPResponse:
        return raw(content, content_type=content_type)

    return file


def _body(request: Request) -> dict[str, Any]:
    if len(request.body) > LONGEST_BODY:
        return {}
    try:
        body = request.json
    except Exception:  # Sanic's own, of whatever is no JSON.
        return {}
    return body if isinstance(body, dict) else {}


def _conversation(request: Request) -> str:
    return str(request.args.get("conversation", ""))


def _number(request: Request, name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError:
        return default
