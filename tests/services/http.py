"""What the HTTP servers of the tests share: they serve in the background, and log nothing."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeVar

Self = TypeVar("Self", bound="HttpServer")

_STOP_SECONDS = 0.05
"""How often a server looks whether it is to end."""


@dataclass(frozen=True)
class Request:
    """What a client asks."""

    method: str
    path: str
    headers: Message
    body: bytes

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body or b"{}")


@dataclass(frozen=True)
class Response:
    """What it is answered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = 200) -> Response:
        """JSON."""
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


class HttpServer:
    """A server on a free port of this machine; what it answers, its kinds say.

    It serves as long as its context lasts. Requests are answered side by side, each in a thread.
    """

    def __init__(self) -> None:
        """Listens on a free port."""
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Response | None:
        """Answers a request; None to hang up without a word."""
        raise NotImplementedError

    def start(self: Self) -> Self:
        """Starts to serve."""
        threading.Thread(
            target=self._server.serve_forever, args=(_STOP_SECONDS,), daemon=True
        ).start()
        return self

    def stop(self) -> None:
        """Ends."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self: Self) -> Self:
        """Starts to serve."""
        return self.start()

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Ends."""
        self.stop()


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, *where: Any) -> None:
        # Tests kill clients, which then take no answer.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*where)


def _handler(server: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer's head does not wait until the client has acknowledged it.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            response = server.answer(Request(self.command, self.path, self.headers, body))
            if response is None:
                self.close_connection = True
                return
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler
