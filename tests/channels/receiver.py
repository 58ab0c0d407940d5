"""Where the replies of the tests' connector arrive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tests.services.http import HttpServer, Request, Response


class Receiver(HttpServer):
    """Takes replies; answers with what `status` says, 200 unless told otherwise."""

    def __init__(self) -> None:
        """Listens on a free port."""
        super().__init__()
        self.replies: list[tuple[str, dict[str, Any]]] = []
        self.attempts: list[float] = []
        """When somebody tried, `time.monotonic`."""
        self.status: Callable[[int], tuple[int, dict[str, str]]] = lambda _attempt: (200, {})
        """Called with the number of the attempt; what is answered, with its headers."""
        self._changed = threading.Condition(threading.RLock())

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

    def answer(self, request: Request) -> Response:
        body = request.json()
        with self._changed:
            status, headers = self.status(len(self.attempts))
            self.attempts.append(time.monotonic())
            if status == 200:
                self.replies.append((body["user"], body["reply"]))
            self._changed.notify_all()
        return Response(status, headers=headers)
