"""A web site that embeds the chat, on two origins: `127.0.0.1` and `localhost`."""

from __future__ import annotations

from tests.services.http import HttpServer, Request, Response

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


class Site(HttpServer):
    """Serves one page with the script tag in it."""

    def __init__(self) -> None:
        """Listens on a free port of this machine."""
        super().__init__()
        self.script = ""
        self.other_url = f"http://localhost:{self.port}"

    def answer(self, _request: Request) -> Response:
        # As strict as a site can be that allows the chat.
        chat = self.script.rsplit("/", 3)[0].split("/webhooks")[0]
        policy = f"default-src 'none'; script-src {chat}; frame-src {chat}; img-src data:"
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
        return Response(200, PAGE.format(script=self.script).encode(), headers)
