"""What a page does, without a browser: the frames of `docs/web.md`, over a real socket."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any

from typing_extensions import Self
from websockets.client import WebSocketClientProtocol, connect

Frame = dict[str, Any]

SECONDS = 120.0


def client_id() -> str:
    """An id as the page makes it up."""
    return secrets.token_hex(16)


class Page:
    """A socket to the chat, and what it has heard."""

    def __init__(self, url: str, origin: str | None = None, **headers: str) -> None:
        """Prepares; entering connects.

        Args:
            url: The server, as in `http://127.0.0.1:5005`.
            origin: What the browser says the page is from; the server's own unless given.
            **headers: More headers, `_` for `-`. Each page has an address of its own, as a
                proxy would tell it, unless `X_Forwarded_For` says otherwise.
        """
        self.frames: list[Frame] = []
        self.token: str | None = None
        self._address = f"{url.replace('http', 'ws')}/webhooks/web/socket"
        self._origin = url if origin is None else origin
        own = ".".join(str(secrets.randbelow(256)) for _ in range(3))
        named = {"X_Forwarded_For": f"10.{own}", **headers}
        self._headers = {name.replace("_", "-"): value for name, value in named.items()}
        self._socket: WebSocketClientProtocol | None = None

    @property
    def socket(self) -> WebSocketClientProtocol:
        """The open socket."""
        assert self._socket is not None
        return self._socket

    async def __aenter__(self) -> Self:
        """Connects."""
        self._socket = await connect(
            self._address,
            extra_headers={"Origin": self._origin, **self._headers} if self._origin else {},
            open_timeout=SECONDS,
        )
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Leaves."""
        await self.socket.close()

    async def greet(self, token: str | None = None, have: list[int] | None = None) -> Frame:
        """Says hello; the server's welcome."""
        await self.say(type="hello", token=token, have=have)
        welcome = await self.hear(lambda frame: frame["type"] in ("welcome", "error"))
        self.token = welcome.get("token", token)
        return welcome

    async def say(self, **frame: Any) -> None:
        """Sends a frame."""
        await self.socket.send(json.dumps(frame))

    async def write(self, text: str, number: str | None = None, **more: Any) -> str:
        """Sends a typed message; its id."""
        number = number or client_id()
        await self.say(type="message", id=number, text=text, **more)
        return number

    async def press(self, reply: Frame, title: str) -> str:
        """Presses a button of a reply."""
        (offer,) = (b["offer"] for b in reply["buttons"] if b["title"] == title)
        number = client_id()
        await self.say(type="press", id=number, reply=reply["number"], offer=offer)
        return number

    async def hear(self, fits: Callable[[Frame], bool]) -> Frame:
        """Waits for a frame; what comes before it is kept in `frames` as well."""

        async def wait() -> Frame:
            while True:
                frame: Frame = json.loads(await self.socket.recv())
                self.frames.append(frame)
                if fits(frame):
                    return frame

        try:
            return await asyncio.wait_for(wait(), SECONDS)
        except asyncio.TimeoutError:
            raise AssertionError(f"It was not heard. What was: {self.frames[-5:]}") from None

    async def hear_text(self, text: str) -> Frame:
        """Waits for something that the bot says."""
        while True:
            for entry in self.entries:
                if entry["side"] == "bot" and entry["text"] == text:
                    return entry
            await self.hear(lambda frame: bool(frame.get("entries")))

    async def hear_of(self, number: str, kind: str = "taken") -> Frame:
        """Waits for what became of a message."""
        return await self.hear(lambda frame: frame["type"] == kind and frame["id"] == number)

    async def closed(self) -> int:
        """Waits until the server closes the socket; the code."""
        await asyncio.wait_for(self.socket.wait_closed(), SECONDS)
        assert self.socket.close_code is not None
        return self.socket.close_code

    @property
    def entries(self) -> list[Frame]:
        """What the page shows: welcome and news, in the order in which they came."""
        shown: list[Frame] = []
        for frame in self.frames:
            if frame["type"] == "welcome" and not frame["continues"]:
                shown = []
            if frame["type"] in ("welcome", "news"):
                shown += frame["entries"]
        return shown

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Who said what."""
        return [(entry["side"], entry["text"]) for entry in self.entries]

    @property
    def place(self) -> list[int]:
        """Where the page stands."""
        return next(list(frame["place"]) for frame in reversed(self.frames) if "place" in frame)
