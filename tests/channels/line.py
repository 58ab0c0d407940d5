"""The least that a connector can be: a line of text over HTTP, for what all connectors share."""

from __future__ import annotations

import os
from typing import Any

import httpx
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from channels.connector import Connector
from channels.conversation import conversation_id, conversation_parts
from channels.handling import Answer, Question
from channels.messages import Incoming, Outgoing, Written
from channels.payloads import typed
from channels.sending import SendAgainError, SendRefusedError

RECEIVER_VARIABLE = "TEST_RECEIVER_URL"


class LineInput(Connector):
    """Takes `{"id", "user", "text"}` or `{"id", "user", "offer"}`; posts what is said."""

    @classmethod
    def name(cls) -> str:
        return "line"

    @classmethod
    def from_credentials(cls, _credentials: dict[str, Any] | None) -> LineInput:
        return cls()

    def routes(self, blueprint: Blueprint) -> None:
        async def receive(request: Request) -> HTTPResponse:
            body = request.json
            message = Incoming(
                conversation_id("line", body["user"]), tuple(body.get("ids") or [body["id"]]), body
            )
            number = await self.accept(message)
            return json({"new": number is not None})

        blueprint.add_route(receive, "/message", methods=["POST"], name="message")

    async def begin(self) -> None:
        self._client = httpx.AsyncClient(trust_env=False)

    async def end(self) -> None:
        await self._client.aclose()

    async def read(self, written: Written) -> Question | Answer:
        if "offer" in written.content:
            return await self.read_press(written)
        return Question(typed(written.content["text"]))

    async def send(self, message: Outgoing) -> None:
        (user,) = conversation_parts(message.conversation, "line")
        try:
            response = await self._client.post(
                os.environ[RECEIVER_VARIABLE], json={"user": user, "reply": message.reply}
            )
        except httpx.TransportError as error:
            raise SendAgainError(type(error).__name__) from None
        if response.status_code == 429:
            raise SendAgainError("429", float(response.headers["Retry-After"]))
        if response.status_code >= 500:
            raise SendAgainError(f"status {response.status_code}")
        if response.status_code >= 400:
            raise SendRefusedError(f"status {response.status_code}")
