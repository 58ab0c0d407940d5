"""Where conversations are handed to: Slack's `chat.postMessage`, an incoming webhook, and ours.

Slack's side is as https://api.slack.com/methods/chat.postMessage documents it: errors come with
status 200 and `"ok": false`, except for the rate limit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "xoxb-a-token-for-tests"
CHANNEL = "C0HELP"
SECRET = "known to both sides"
CLOCK_TOLERANCE = 300
LONGEST_TEXT = 40_000
MOST_BLOCKS = 50
LONGEST_BY_BLOCK = {"header": 150, "section": 3000}


@dataclass(frozen=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class HandoffService:
    """The server; `received` is what it took, `tries` what it was asked to take."""

    def __init__(self, _folder: Path | None = None) -> None:
        """Takes no port yet: `start` does."""
        self.received: list[dict[str, Any]] = []
        self.tries: list[str] = []
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._deliveries: set[str] = set()
        self._next_answers: list[Answer] = []
        self._silent_once = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that make Parley use its Slack."""
        return {
            "PARLEY_HANDOFF_URL": f"{self.url}/api",
            "PARLEY_HANDOFF_SLACK_TOKEN": TOKEN,
            "PARLEY_HANDOFF_SLACK_CHANNEL": CHANNEL,
        }

    @property
    def webhook_environment(self) -> Mapping[str, str]:
        """The variables that make Parley use its webhook."""
        return {"PARLEY_HANDOFF_URL": f"{self.url}/in", "PARLEY_HANDOFF_SECRET": SECRET}

    def start(self) -> None:
        """Starts it, if it is not running; on the same port as before."""
        if self._server is None:
            self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
            self._port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Ends it; what it took stays."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def be_busy_once(self, retry_after: str = "1") -> None:
        """Answers the next request with the rate limit."""
        body = b'{"ok": false, "error": "ratelimited"}'
        self._next_answers.append(Answer(429, body, (("Retry-After", retry_after),)))

    def fail_once(self, status: int = 503) -> None:
        """Answers the next request with an error of its own."""
        self._next_answers.append(Answer(status, b"out of order"))

    def keep_quiet_once(self) -> None:
        """Takes the next request, but lets it wait for an answer."""
        self._silent_once.set()

    def about(self, conversation: str) -> list[dict[str, Any]]:
        """What it took that names a conversation."""
        return [one for one in self.received if conversation in json.dumps(one)]

    def take(self, path: str, headers: Message, body: bytes) -> Answer | None:
        """Answers a request; None for not at all."""
        with self._lock:
            self.tries.append(path)
            if self._next_answers:
                return self._next_answers.pop(0)
            if path == "/api/chat.postMessage":
                answer = self._slack(headers, body)
            elif path.startswith("/services/"):
                answer = self._slack_webhook(body)
            elif path == "/in":
                answer = self._webhook(headers, body)
            else:
                answer = Answer(404, b"not found")
            if self._silent_once.is_set():
                self._silent_once.clear()
                return None
            return answer

    def _slack(self, headers: Message, body: bytes) -> Answer:
        authorization = headers.get("Authorization") or ""
        if not authorization:
            return _slack_error("not_authed")
        if authorization != f"Bearer {TOKEN}":
            return _slack_error("invalid_auth")
        if not (headers.get("Content-Type") or "").startswith("application/json"):
            return _slack_error("invalid_post_type")
        message = json.loads(body)
        if message.get("channel") != CHANNEL:
            return _slack_error("channel_not_found")
        if error := fault_of(message):
            return _slack_error(error)
        self.received.append(message)
        return Answer(200, json.dumps({"ok": True, "channel": CHANNEL, "ts": "1.0"}).encode())

    def _slack_webhook(self, body: bytes) -> Answer:
        message = json.loads(body)
        if error := fault_of(message):
            return Answer(400, error.encode())
        self.received.append(message)
        return Answer(200, b"ok")

    def _webhook(self, headers: Message, body: bytes) -> Answer:
        moment = headers.get("X-Parley-Timestamp") or "0"
        digest = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256)
        given = headers.get("X-Parley-Signature") or ""
        if not hmac.compare_digest(given, f"sha256={digest.hexdigest()}"):
            return Answer(401, b"bad signature")
        if abs(time.time() - int(moment)) > CLOCK_TOLERANCE:
            return Answer(401, b"too old")
        delivery = headers.get("X-Parley-Delivery") or ""
        if delivery not in self._deliveries:
            self._deliveries.add(delivery)
            self.received.append(json.loads(body))
        return Answer(204, b"")


def fault_of(message: Mapping[str, Any]) -> str | None:
    """What Slack would find wrong with a message."""
    text = message.get("text") or ""
    blocks = message.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > LONGEST_TEXT:
        return "msg_too_long"
    if len(blocks) > MOST_BLOCKS:
        return "invalid_blocks"
    for block in blocks:
        longest = LONGEST_BY_BLOCK.get(block.get("type"))
        said = (block.get("text") or {}).get("text") or ""
        if longest is None or not 0 < len(said) <= longest:
            return "invalid_blocks"
    return None


def _slack_error(error: str) -> Answer:
    return Answer(200, json.dumps({"ok": False, "error": error}).encode())


def _handler(service: HandoffService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = service.take(self.path, self.headers, body)
            if answer is None:
                # Until whoever asked has lost patience and hung up.
                self.rfile.read(1)
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests read no access log."""

    return Handler
