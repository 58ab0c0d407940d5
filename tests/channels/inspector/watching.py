"""A real server with the small bot and the inspector open, and somebody who looks."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from rasa.shared.core.events import Event as RasaEvent

from tests.channels.conftest import Bot
from tests.channels.inspector.conversation import stored

TOKEN = "a token for the tests alone"
CODE = "a code that is good once"
CHANNELS = {"rest": None, "channels.inspector.InspectorInput": None}
ENVIRONMENT = {"PARLEY_INSPECTOR_TOKEN": TOKEN, "PARLEY_INSPECTOR_CODE": CODE}


class Answer:
    """What the server answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class Watcher:
    """Somebody with a browser's cookie, or without."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.cookie = ""

    def ask(
        self, path: str, body: Any = None, method: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        """Sends a request below the inspector's address."""
        connection = HTTPConnection("127.0.0.1", self.bot.port, timeout=60)
        sent = {"Cookie": self.cookie} if self.cookie else {}
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        connection.request(
            method or ("GET" if body is None else "POST"),
            f"/webhooks/inspector/{path}",
            content,
            {**sent, **(headers or {})},
        )
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, told, response.read())
        connection.close()
        return answer

    def sign_in(self, word: str = TOKEN) -> Answer:
        """Posts the token, and keeps the cookie."""
        answer = self.ask("login", {"token": word})
        if answer.status == 204:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        return answer

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer that is good."""
        answer = self.ask(f"{path}?{urlencode(parameters)}" if parameters else path)
        assert answer.status == 200, answer.body
        return answer.json

    def listed(self, search: str = "", limit: int = 50) -> Any:
        """The list of conversations."""
        answer = self.ask("conversations", {"search": search, "limit": limit})
        assert answer.status == 200, answer.body
        return answer.json


def say(bot: Bot, sender: str, text: str) -> list[Any]:
    """Says something to the bot; its answers."""
    connection = HTTPConnection("127.0.0.1", bot.port, timeout=60)
    body = json.dumps({"sender": sender, "message": text}).encode()
    connection.request("POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
    answers: list[Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answers


def write_down(bot: Bot, sender: str, *events: RasaEvent | list[RasaEvent]) -> None:
    """Puts events into a conversation, as Rasa's HTTP API does: nothing is predicted."""
    bot.api(f"/conversations/{sender}/tracker/events", stored(*events))
