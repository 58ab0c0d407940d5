"""The connector of the chat page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, redirect, text

from channels.connector import Connector
from channels.handling import Answer, Question
from channels.limits import OpenSockets, RateLimit
from channels.messages import Outgoing, Reply, Written
from channels.payloads import typed
from channels.voice.sharing import close_ears, ears_of, voice_of
from channels.web.connection import Connection
from channels.web.forgetting import Forgetting
from channels.web.history import History
from channels.web.hub import Hub
from channels.web.pages import Pages
from channels.web.serving import Service, Socket
from channels.web.sessions import Sessions
from channels.web.settings import CHANNEL, WebSettings, read_web_settings
from channels.web.visitors import Visitors
from channels.wording import NOT_TEXT

logger = logging.getLogger(__name__)

SOCKET = "/socket"

UTTERANCES_PER_MINUTE = 60
"""Of one session, understood or not."""


class WebInput(Connector):
    """Serves the chat page, and talks with it over a WebSocket."""

    keeps_history = True
    health_path = "/health"

    def __init__(self, settings: WebSettings) -> None:
        """Prepares; the database is opened when the server starts."""
        super().__init__()
        self.history = settings.kept
        self._settings = settings
        self._visitors = Visitors(settings.origins, settings.trusted_proxies)
        self._sockets = OpenSockets(settings.sockets, settings.sockets_per_address)
        self._pages = Pages(settings.assistant, settings.origins, settings.voice)
        self._service: Service | None = None
        self._forgetting: Forgetting | None = None
        self._refused: set[str] = set()

    @classmethod
    def name(cls) -> str:
        """The channel's name: in addresses, and in conversations."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Reads the channel's entry in credentials.yml.

        Raises:
            ChannelSettingsError: If something in it is wrong.
        """
        return cls(read_web_settings(credentials))

    def routes(self, blueprint: Blueprint) -> None:
        """The page's files, and the socket."""

        # Before the handshake. Sanic passes over a method here without a word, and writes
        # attributes into other handlers: plain functions, all of them.
        @blueprint.middleware("request")  # type: ignore[untyped-decorator]
        async def let_in(request: Request) -> HTTPResponse | None:
            return await self._let_in(request)

        for address in self._pages.addresses:
            blueprint.add_route(
                self._page_at(address),
                f"/{address}",
                methods=["GET", "HEAD"],
                name=address.replace(".", "_") or "page",
            )

        async def talk(request: Request, socket: Socket) -> None:
            await self._talk(request, socket)

        blueprint.add_websocket_route(talk, SOCKET, name="socket")

    async def begin(self) -> None:
        """Opens what the sockets share."""
        database = self.store.database
        history = History(database, self.name())
        sessions = Sessions(database, self.name(), self._settings.kept)
        hub = Hub(history, sessions)
        ears = ears_of(self.app) if self._settings.voice else None
        forgetting = Forgetting(sessions, history, lambda: self.agent, self._forget_recordings)
        self._service = Service(
            settings=self._settings,
            store=self.store,
            history=history,
            sessions=sessions,
            hub=hub,
            accept=self.accept,
            ended=forgetting.tell,
            ears=ears,
            voice=voice_of(self.app),
            new_sessions=RateLimit(self._settings.sessions_per_hour, 3600.0),
            messages=RateLimit(self._settings.messages_per_minute, 60.0),
            utterances=RateLimit(UTTERANCES_PER_MINUTE, 60.0),
            messages_of_address=RateLimit(self._settings.messages_per_minute_of_address, 60.0),
        )
        self._forgetting = forgetting
        hub.start()
        forgetting.start()

    async def end(self) -> None:
        """Ends what was begun."""
        if self._service is not None:
            self._service.hub.leave()
            self._service.hub.stop()
        if self._forgetting is not None:
            await self._forgetting.stop()
        await close_ears(self.app)

    async def push(self, conversation: str, reply: Reply) -> None:
        """Says something unasked, unless the conversation is nobody's any more.

        Raises:
            StorageError: If it could not be written down.
        """
        if self._service is not None:
            gone = await asyncio.to_thread(self._service.sessions.gone, [conversation])
            if gone:
                logger.info("web: nobody is there for what %s should be told.", conversation)
                return
        await super().push(conversation, reply)

    async def read(self, written: Written) -> Question | Answer:
        """A typed text, or what a button stands for."""
        content = written.content
        zone = content.get("timezone")
        metadata: dict[str, Any] = {"timezone": zone} if zone else {}
        if content.get("spoken"):
            metadata["spoken"] = True
        if "offer" in content:
            return await self.read_press(written, metadata)
        said = typed(content["text"])
        return Question(said, metadata) if said else Answer([{"text": NOT_TEXT}])

    async def send(self, message: Outgoing) -> None:
        """Tells the pages of this process; those of others find it by themselves.

        Where nobody is connected it is in the history, for when they come back.
        """
        if self._service is not None:
            self._service.hub.tell(message.conversation)

    async def _forget_recordings(self, conversation: str) -> None:
        if self._settings.voice:
            await ears_of(self.app).forget(conversation)

    # ---------------------------------------------------------------- requests

    async def _let_in(self, request: Request) -> HTTPResponse | None:
        """Refuses requests in another server's name, and sockets of other sites' pages."""
        host = request.headers.get("host", "")
        if not self._visitors.is_ours(host):
            self._note_refused(f"the name '{host[:100]}'")
            return text("This server does not go by that name: see docs/web.md, origins.", 403)
        if request.path.rstrip("/").endswith(SOCKET):
            origin = request.headers.get("origin")
            if not self._visitors.may_connect(origin, host):
                self._note_refused(f"a socket of the origin '{(origin or 'none')[:100]}'")
                return text("Pages of that origin may not connect.", 403)
        return None

    def _page_at(self, address: str) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
        async def page(request: Request) -> HTTPResponse:
            if not address and not request.path.endswith("/"):
                # What the page names is named relative to this address.
                return redirect(f"{self.name()}/", status=308)
            return self._pages.serve(request, address)

        return page

    async def _talk(self, request: Request, socket: Socket) -> None:
        if self._service is None:
            return
        address = self._visitors.address(request.ip, request.headers)
        if not self._sockets.open(address):
            await socket.close(1013, "too many sockets")
            return
        try:
            await Connection(self._service, socket, address).run()
        finally:
            self._sockets.close(address)

    def _note_refused(self, what: str) -> None:
        # Once each: what anybody can send must not fill the log.
        if what not in self._refused and len(self._refused) < 100:
            self._refused.add(what)
            logger.warning("web: refused %s. If it is yours, name it under 'origins'.", what)
