"""The page's files: read once, served with fixed types and strict headers."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sanic.request import Request
from sanic.response import HTTPResponse, empty, raw

FOLDER = Path(__file__).resolve().parents[2] / "web"

NAME_IN_PAGE = "{{assistant}}"

_FILES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "chat.js": ("chat.js", "text/javascript; charset=utf-8"),
    "message.js": ("message.js", "text/javascript; charset=utf-8"),
    "talk.js": ("talk.js", "text/javascript; charset=utf-8"),
    "chat.css": ("chat.css", "text/css; charset=utf-8"),
    "voice.js": ("voice.js", "text/javascript; charset=utf-8"),
    "microphone.js": ("microphone.js", "text/javascript; charset=utf-8"),
    "player.js": ("player.js", "text/javascript; charset=utf-8"),
    "capture.js": ("capture.js", "text/javascript; charset=utf-8"),
    "embed.js": ("embed.js", "text/javascript; charset=utf-8"),
}
"""What is served at which address, and nothing else."""

_FOR_OTHERS = frozenset({"embed.js"})
"""What pages of other sites may load."""


@dataclass(frozen=True)
class Served:
    """A file as it is served."""

    body: bytes
    content_type: str
    digest: str


class Pages:
    """The files of the page."""

    def __init__(self, assistant: str, origins: Sequence[str], voice: bool) -> None:
        """Reads the files.

        Args:
            assistant: Who answers; stands in the page.
            origins: The sites that may embed the page.
            voice: Whether the page may use the microphone.
        """
        self._microphone = "self" if voice else ""
        self._ancestors = " ".join(("'self'", *origins))
        self._files: dict[str, Served] = {}
        for address, (name, content_type) in _FILES.items():
            text = (FOLDER / name).read_text(encoding="utf-8")
            if name.endswith(".html"):
                text = text.replace(NAME_IN_PAGE, html.escape(assistant))
            body = text.encode()
            digest = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            self._files[address] = Served(body, content_type, digest)

    @property
    def addresses(self) -> list[str]:
        """Where there is something, relative to the channel."""
        return list(self._files)

    def serve(self, request: Request, address: str) -> HTTPResponse:
        """A file, or the word that the browser has it already."""
        file = self._files[address]
        headers = self._headers(request, address, file)
        if request.headers.get("if-none-match") == file.digest:
            return empty(304, headers)
        body = b"" if request.method == "HEAD" else file.body
        return raw(body, headers=headers, content_type=file.content_type)

    def _headers(self, request: Request, address: str, file: Served) -> dict[str, str]:
        headers = {
            "ETag": file.digest,
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": (
                "cross-origin" if address in _FOR_OTHERS else "same-origin"
            ),
        }
        if file.content_type.startswith("text/html"):
            headers["Content-Security-Policy"] = self._policy(request.headers.get("host", ""))
            headers["Permissions-Policy"] = (
                f"camera=(), geolocation=(), microphone=({self._microphone})"
            )
        return headers

    def _policy(self, host: str) -> str:
        # To older Safaris, 'self' is no socket of the same host. The host has been checked.
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self' https: data:",
                f"connect-src 'self' ws://{host} wss://{host}",
                "base-uri 'none'",
                "form-action 'none'",
                f"frame-ancestors {self._ancestors}",
            )
        )
