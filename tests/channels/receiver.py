"""Where the replies of the tests' connector arrive."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Receiver:
    """Takes replies; answers with what `status` says, 200 unless told otherwise."""

    def __init__(self) -> None:
        """Listens on a free port."""
        self.replies: list[tuple[str, dict[str, Any]]] = []
        self.attempts: list[float] = []
        """When somebody tried, `time.monotonic`."""
        self.status: Callable[[int], tuple[int, dict[str, str]]] = lambda _attempt: (200, {})
        """Called with the number of the attempt; what is answered, with its headers."""
        self._changed = threading.Condition(threading.RLock())
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers = receiver._take(body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def texts(self, user: str) -> list[str]:
        """What a user was told, in order."""
        with self._changed:
            return [reply.get("text", "") for other, reply in self.replies if other == user]

    def last(self, user: str) -> dict[str, Any]:
        """What a user was told last, whole."""
        with self._changed:
            return [reply for other, reply in self.replies if other == user][-1]

    def wait_for(self, holds: Callable[[Receiver], bool], seconds: float = 60) -> None:
        """Waits until something holds of what has arrived.

        Raises:
            AssertionError: If it does not within the time.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while not holds(self):
                left = deadline - time.monotonic()
                assert left > 0, f"It did not arrive. What did: {self.replies[-5:]}"
                self._changed.wait(left)

    def __enter__(self) -> Receiver:
        """Starts to serve."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Ends."""
        self._server.shutdown()
        self._server.server_close()

    def _take(self, body: dict[str, Any]) -> tuple[int, dict[str, str]]:
        with self._changed:
            status, headers = self.status(len(self.attempts))
            self.attempts.append(time.monotonic())
            if status == 200:
                self.replies.append((body["user"], body["reply"]))
            self._changed.notify_all()
        return status, headers
