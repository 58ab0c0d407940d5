"""A web site that embeds the chat, on two origins: `127.0.0.1` and `localhost`."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8"><title>A shop</title>
  <link rel="icon" href="data:,">
  <meta name="viewport" content="width=device-width, initial-scale=1">
</head>
<body>
  <main><h1>A shop</h1><p>With <a href="#things">things</a> to buy.</p></main>
  <script src="{script}" data-label="Ask us" async></script>
</body>
</html>
"""


class Site:
    """Serves one page with the script tag in it."""

    def __init__(self) -> None:
        """Listens on a free port of this machine."""
        self.script = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = PAGE.format(script=site.script).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                # As strict as a site can be that allows the chat.
                chat = site.script.rsplit("/", 3)[0].split("/webhooks")[0]
                policy = f"default-src 'none'; script-src {chat}; frame-src {chat}; img-src data:"
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{port}"
        self.other_url = f"http://localhost:{port}"

    def __enter__(self) -> Site:
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
