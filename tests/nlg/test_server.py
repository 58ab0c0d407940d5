"""The wording server: what it takes, and what it asks an OpenAI-compatible one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from nlg.prompt import INSTRUCTION, Request, write
from nlg.remote import RemoteError, RemoteModel
from nlg.server import application


class Echo:
    """Says what it was asked."""

    def rephrase(self, request: Request) -> str:
        return f"{request.mood}: {request.text} ({request.message})"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "All right.", "message": "hi", "mood": "positive"}, 200),
        ({"text": "All right."}, 200),
        ({"text": ""}, 400),
        ({"text": "a" * 2001}, 400),
        ({"text": 7}, 400),
        ({"text": "a", "mood": "furious"}, 400),
        ({"text": "a", "message": None}, 400),
        ({"message": "a"}, 400),
        ([], 400),
        ("text", 400),
    ],
)
async def test_what_the_server_takes(body: Any, status: int) -> None:
    async with TestClient(TestServer(application(Echo()))) as client:
        assert (await client.post("/rephrase", json=body)).status == status


async def test_what_it_answers() -> None:
    async with TestClient(TestServer(application(Echo()))) as client:
        body = {"text": "All right.", "message": "hi", "mood": "positive"}
        answer = await (await client.post("/rephrase", json=body)).json()
        assert answer == {"text": "positive: All right. (hi)"}
        assert (await client.get("/health")).status == 200
        assert (await client.post("/rephrase", data=b"{")).status == 400


def endpoint(asked: list[Any], answer: Any, status: int = 200) -> web.Application:
    """A server of the documented form; it refuses what the real one would."""

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        if request.headers.get("Authorization") != "Bearer secret":
            return web.json_response({"error": {"message": "no key"}}, status=401)
        if set(body) - {"model", "messages", "max_tokens", "temperature"} or not body["model"]:
            return web.json_response({"error": {"message": "unknown parameter"}}, status=400)
        asked.append(body)
        return web.json_response(answer, status=status)

    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", complete)])
    return app


ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": " Sure. "}}]}


async def test_an_openai_compatible_endpoint_is_asked() -> None:
    asked: list[Any] = []
    request = Request("All right.", "hello", "neutral")
    async with TestServer(endpoint(asked, ANSWER)) as server:
        model = RemoteModel(str(server.make_url("/v1")), "small", "secret")
        assert await asyncio.to_thread(model.rephrase, request) == "Sure."
    assert asked[0]["messages"] == [
        {"role": "system", "content": INSTRUCTION},
        {"role": "user", "content": write(request)},
    ]


@pytest.mark.parametrize(
    ("answer", "status", "key"),
    [(ANSWER, 200, "wrong"), ({}, 200, "secret"), ({"choices": []}, 200, "secret"),
     (ANSWER, 500, "secret")],
)  # fmt: skip
async def test_an_endpoint_that_fails(answer: Any, status: int, key: str) -> None:
    async with TestServer(endpoint([], answer, status)) as server:
        model = RemoteModel(str(server.make_url("/v1")), "small", key)
        with pytest.raises(RemoteError) as raised:
            await asyncio.to_thread(model.rephrase, Request("a", "my secret words"))
    assert "secret" not in str(raised.value)


async def test_the_server_says_so_where_its_endpoint_is_away() -> None:
    model = RemoteModel("http://127.0.0.1:9/v1", "small")
    async with TestClient(TestServer(application(model))) as client:
        assert (await client.post("/rephrase", json={"text": "a"})).status == 502
