"""One open socket: greets the page, takes what it says, tells it what was said.

Two tasks work at it, and where the person speaks a third listens. One reads the page's frames. The
other reads the conversation from where the page stands, whenever it is told that something
happened: so each message is told once and in order, and a page that reads slowly keeps nobody
waiting but itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from functools import partial
from typing import Any

from sanic.exceptions import ServerError, WebsocketClosed

from actions.storage.database import StorageError
from channels import wording
from channels.limits import NotTakenError, RateLimit
from channels.messages import Incoming
from channels.payloads import LONGEST_TEXT
from channels.web.frames import (
    LONGEST_FRAME,
    Earlier,
    Forget,
    FrameError,
    Hello,
    Listen,
    Ping,
    Press,
    Quiet,
    Text,
    TooLongError,
    Unlisten,
    read_frame,
)
from channels.web.history import PAGE, Page, Place, message_key
from channels.web.microphone import TooMuchError
from channels.web.serving import (
    FAILED,
    NORMAL,
    REFUSED,
    RESTARTS,
    TRY_LATER,
    Closed,
    Service,
    Socket,
)
from channels.web.sessions import WebSession
from channels.web.talking import Talking

logger = logging.getLogger(__name__)

GREETING_SECONDS = 15.0
"""How long a socket may be silent at first."""

SENDING_SECONDS = 30.0
"""A page that does not take a frame for so long is gone."""

MOST_MISTAKES = 5
"""Malformed frames that are answered with an error."""

FRAMES_PER_MINUTE = 240
"""Of one socket, of any kind."""

AGAIN_SECONDS = 5.0
"""When a message is to be sent again that could not be taken."""

WENT_BACK = 300
"""Messages that are told to a page that was away. After more, it is told the last page anew."""


class Connection:
    """A page's socket, from its greeting to its end."""

    def __init__(self, service: Service, socket: Socket, address: str) -> None:
        """Prepares; `run` does the rest."""
        self.typing = False
        self._service = service
        self._socket = socket
        self._address = address
        self._place = Place()
        self._happened = asyncio.Event()
        self._ended = False
        self._leaving = False
        self._mistakes = 0
        self._frames = RateLimit(FRAMES_PER_MINUTE, 60.0)
        self._talking: Talking | None = None

    def tell(self) -> None:
        """Something happened in the conversation."""
        self._happened.set()

    def forgotten(self) -> None:
        """The session has ended."""
        self._ended = True
        self._happened.set()

    def leave(self) -> None:
        """The server is about to end; what was said until now is told."""
        self._leaving = True
        self._happened.set()

    async def run(self) -> None:
        """Serves the page until either side ends it."""
        # Sanic has one limit for all sockets of a server; frames of ours are small.
        self._socket.connection.max_size = LONGEST_FRAME
        try:
            session = await self._greet()
            with self._service.hub.connected(session.conversation, self):
                # What was said between the greeting's reading and now.
                self.tell()
                self._talking = self._microphone(session)
                await self._serve(session)
        except Closed as closed:
            with suppress(WebsocketClosed, ServerError, asyncio.TimeoutError):
                await asyncio.wait_for(
                    self._socket.close(closed.code, closed.reason), SENDING_SECONDS
                )
        except StorageError as error:
            logger.error("web: the channels' database: %s", error)
            with suppress(WebsocketClosed, ServerError):
                await self._socket.close(FAILED)

    async def _serve(self, session: WebSession) -> None:
        tasks = [
            asyncio.create_task(self._listen(session)),
            asyncio.create_task(self._report(session)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._talking is not None:
                await self._talking.close()
        for task in done:
            if not task.cancelled():
                task.result()

    # ---------------------------------------------------------------- greeting

    async def _greet(self) -> WebSession:
        while True:
            raw = await self._receive(GREETING_SECONDS)
            if raw is None:
                raise Closed(REFUSED, "no greeting")
            try:
                hello = read_frame(raw)
                if not isinstance(hello, Hello):
                    raise FrameError("The first frame is no greeting.")
                break
            except FrameError as error:
                await self._mistake(str(error))
        session, token = await self._session(hello.token)
        await self._welcome(session, token, hello.have)
        return session

    async def _session(self, known: str | None) -> tuple[WebSession, str | None]:
        """The session that a token opens; otherwise a new one, with its token."""
        sessions = self._service.sessions
        found = await asyncio.to_thread(sessions.find, known) if known else None
        if found is not None:
            return found, None
        wait = self._service.new_sessions.take(self._address)
        if wait:
            await self._say(
                {"type": "error", "reason": "sessions", "text": wording.TOO_MANY, "after": wait}
            )
            raise Closed(TRY_LATER, "too many sessions")
        token, session = await asyncio.to_thread(sessions.begin)
        return session, token

    async def _welcome(self, session: WebSession, token: str | None, have: Place | None) -> None:
        history = self._service.history
        page: Page | None = None
        if have is not None and token is None:
            page = await asyncio.to_thread(history.after, session.conversation, have, WENT_BACK)
        continues = page is not None and not page.more
        if page is None or page.more:
            page = await asyncio.to_thread(history.latest, session.conversation)
        self._place = page.last
        self.typing = page.typing
        await self._say(
            {
                "type": "welcome",
                **({"token": token} if token else {}),
                "continues": continues,
                "suggestions": list(self._service.settings.suggestions),
                "longest": LONGEST_TEXT,
                "voice": self._service.ears is not None,
                "entries": page.entries,
                "place": page.last.as_list(),
                "first": page.first.as_list(),
                "more": page.more,
                "typing": page.typing,
            }
        )

    # --------------------------------------------------------------- reporting

    async def _report(self, session: WebSession) -> None:
        while True:
            await self._happened.wait()
            self._happened.clear()
            if self._ended:
                await self._say({"type": "forgotten"})
                raise Closed(NORMAL, "forgotten")
            more = True
            while more:
                page = await asyncio.to_thread(
                    self._service.history.after, session.conversation, self._place, PAGE
                )
                more = page.more
                if page.entries or page.typing != self.typing:
                    self._place = page.last
                    self.typing = page.typing
                    if self._talking is not None:
                        self._talking.tell(page.entries)
                    await self._say(
                        {
                            "type": "news",
                            "entries": page.entries,
                            "place": page.last.as_list(),
                            "typing": page.typing,
                        }
                    )
            if self._leaving:
                raise Closed(RESTARTS, "the server restarts")

    # --------------------------------------------------------------- listening

    async def _listen(self, session: WebSession) -> None:
        while True:
            raw = await self._receive()
            if raw is None:
                continue
            if isinstance(raw, bytes):
                await self._hear(raw)
                continue
            if self._frames.take(""):
                raise Closed(REFUSED, "too many frames")
            try:
                frame = read_frame(raw)
            except TooLongError as error:
                await self._refuse(error.client_id, wording.TOO_LONG, None)
                continue
            except FrameError as error:
                await self._mistake(str(error))
                continue
            if isinstance(frame, (Text, Press)):
                await self._take(session, frame)
            elif isinstance(frame, Earlier):
                await self._tell_earlier(session, frame)
            elif isinstance(frame, Forget):
                await asyncio.to_thread(self._service.sessions.end, session.conversation)
                self._service.ended()
                self._service.hub.forgotten(session.conversation)
            elif isinstance(frame, (Listen, Unlisten, Quiet)):
                await self._talk(frame)
            elif isinstance(frame, Ping):
                await self._say({"type": "pong"})
            else:
                await self._mistake("A socket is greeted once.")

    async def _take(self, session: WebSession, frame: Text | Press) -> None:
        try:
            content = await self._content(session, frame)
            if content is None:
                await self._mistake("There is no such button in this conversation.")
                return
            await self._write_down(session, content)
        except NotTakenError as refused:
            await self._refuse(frame.id, refused.text, refused.after)
        except StorageError as error:
            logger.error("web: a message could not be written down: %s", error)
            await self._refuse(frame.id, wording.NOT_NOW, AGAIN_SECONDS)
        else:
            await self._say({"type": "taken", "id": frame.id})

    async def _write_down(self, session: WebSession, content: dict[str, Any]) -> int | None:
        """Writes a message down; its number, None for one that was taken before.

        Raises:
            NotTakenError: If there are too many.
            StorageError: If it could not be written down.
        """
        service = self._service
        wait = max(
            service.messages.take(session.conversation),
            service.messages_of_address.take(self._address),
        )
        if wait:
            raise NotTakenError(wording.TOO_MANY, wait)
        if not await asyncio.to_thread(service.sessions.note, session):
            self.forgotten()
            raise NotTakenError(wording.TOO_MANY, AGAIN_SECONDS)
        waiting = await asyncio.to_thread(service.store.waiting_messages, session.conversation)
        if waiting >= service.settings.most_waiting:
            raise NotTakenError(wording.TOO_MANY, AGAIN_SECONDS)
        key = message_key(session.conversation, content["id"])
        number = await service.accept(Incoming(session.conversation, (key,), content))
        service.hub.tell(session.conversation)
        return number

    async def _content(self, session: WebSession, frame: Text | Press) -> dict[str, Any] | None:
        content: dict[str, Any] = {"id": frame.id}
        if frame.timezone:
            content["timezone"] = frame.timezone
        if isinstance(frame, Text):
            return {**content, "text": frame.text}
        title = await asyncio.to_thread(
            self._service.history.title_of, session.conversation, frame.reply, frame.offer
        )
        if title is None:
            return None
        return {**content, "offer": frame.offer, "reply": frame.reply, "title": title}

    # ---------------------------------------------------------------- speaking

    def _microphone(self, session: WebSession) -> Talking | None:
        service = self._service
        if service.ears is None:
            return None

        return Talking(
            service.ears,
            service.voice,
            session.conversation,
            say=self._say,
            send=self._send,
            take=partial(self._write_down, session),
            may_speak=lambda: service.utterances.take(session.conversation),
        )

    async def _talk(self, frame: Listen | Unlisten | Quiet) -> None:
        if self._talking is None:
            await self._mistake("This page has no microphone.")
        elif isinstance(frame, Listen):
            self._talking.listen(frame.mode, frame.aloud, frame.timezone)
        elif isinstance(frame, Unlisten):
            self._talking.microphone.end(frame.keep)
        else:
            self._talking.speaking.stop()
            await self._say({"type": "quiet"})

    async def _hear(self, samples: bytes) -> None:
        if self._talking is None:
            await self._mistake("This page has no microphone.")
            return
        try:
            self._talking.microphone.hear(samples)
        except TooMuchError:
            raise Closed(REFUSED, "too much sound") from None
        except ValueError as error:
            await self._mistake(str(error))

    async def _tell_earlier(self, session: WebSession, frame: Earlier) -> None:
        page = await asyncio.to_thread(
            self._service.history.latest, session.conversation, frame.before
        )
        await self._say(
            {
                "type": "earlier",
                "entries": page.entries,
                "first": page.first.as_list(),
                "more": page.more,
            }
        )

    async def _receive(self, timeout: float | None = None) -> str | bytes | None:
        try:
            return await self._socket.recv(timeout)
        except WebsocketClosed:
            raise Closed() from None

    # ------------------------------------------------------------------ saying

    async def _refuse(self, client_id: str, text: str, after: float | None) -> None:
        """Says that a message was not taken.

        Args:
            client_id: Which one.
            text: Why, in words.
            after: Seconds until it may be sent again; None where it never may.
        """
        await self._say({"type": "refused", "id": client_id, "text": text, "after": after})

    async def _mistake(self, reason: str) -> None:
        self._mistakes += 1
        await self._say({"type": "error", "reason": "malformed", "text": reason})
        if self._mistakes >= MOST_MISTAKES:
            raise Closed(REFUSED, "malformed frames")

    async def _say(self, frame: dict[str, Any]) -> None:
        await self._send(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    async def _send(self, raw: str | bytes) -> None:
        try:
            await asyncio.wait_for(self._socket.send(raw), SENDING_SECONDS)
        except asyncio.TimeoutError:
            self._socket.fail_connection()
            raise Closed() from None
        except (WebsocketClosed, ServerError):
            raise Closed() from None
