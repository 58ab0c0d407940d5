"""The part in Rasa, with a real server: other words where they hold, else what is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.utils.endpoints import EndpointConfig

from nlg.generator import RephrasingGenerator
from nlg.prompt import Request
from nlg.remote import RemoteError
from nlg.server import application

DOMAIN = Domain.from_yaml(
    """
slots:
  sentiment: {type: text, mappings: [{type: custom}]}
  place: {type: text, mappings: [{type: custom}]}
responses:
  utter_done:
    - text: "Done: {items} are on your list."
  utter_place:
    - text: "It rains in {place}."
  utter_ask:
    - text: "Really?"
      buttons: [{title: "Yes", payload: "/affirm"}]
  utter_as_written:
    - text: "To the letter."
      metadata: {rephrase: false}
"""
)


class Scripted:
    """A model whose words are given; it keeps what it was asked."""

    def __init__(self, words: str | Exception = "", seconds: float = 0.0) -> None:
        self.words, self.seconds = words, seconds
        self.asked: list[Request] = []

    def rephrase(self, request: Request) -> str:
        self.asked.append(request)
        if self.seconds:
            asyncio.run(asyncio.sleep(self.seconds))
        if isinstance(self.words, Exception):
            raise self.words
        return self.words


@asynccontextmanager
async def served(model: Scripted) -> AsyncIterator[str]:
    async with TestServer(application(model)) as server:
        yield str(server.make_url("/rephrase"))


def generator(url: str | None, **more: Any) -> RephrasingGenerator:
    config = EndpointConfig(url, type="nlg.generator.RephrasingGenerator", **more)
    made = NaturalLanguageGenerator.create(config, DOMAIN)
    assert isinstance(made, RephrasingGenerator)
    return made


def talk(text: str = "put eggs on it") -> DialogueStateTracker:
    tracker = DialogueStateTracker.from_events("ann", [], slots=DOMAIN.slots)
    tracker.update(UserUttered(text))
    tracker.update(SlotSet("sentiment", "negative"))
    tracker.update(SlotSet("place", "Oslo"))
    return tracker


async def test_other_words_are_said() -> None:
    model = Scripted("Your list has 2 eggs now.")
    async with served(model) as url:
        response = await generator(url).generate("utter_done", talk(), "cli", items="2 eggs")
    assert response is not None and response["text"] == "Your list has 2 eggs now."
    assert model.asked == [Request("Done: 2 eggs are on your list.", "put eggs on it", "negative")]


@pytest.mark.parametrize(
    "words", ["Your list has 3 eggs now.", "Your list is longer now.", "", "Eggs? 2 eggs?"]
)
async def test_words_that_lose_something_are_not(words: str) -> None:
    async with served(Scripted(words)) as url:
        response = await generator(url).generate("utter_done", talk(), "cli", items="2 eggs")
    assert response is not None and response["text"] == "Done: 2 eggs are on your list."


async def test_a_slot_that_is_filled_in_must_survive() -> None:
    async with served(Scripted("It rains in Bergen.")) as url:
        response = await generator(url).generate("utter_place", talk(), "cli")
    assert response is not None and response["text"] == "It rains in Oslo."


@pytest.mark.parametrize("name", ["utter_ask", "utter_as_written"])
async def test_buttons_and_what_is_to_stay_are_not_sent(name: str) -> None:
    model = Scripted("Something else.")
    async with served(model) as url:
        response = await generator(url).generate(name, talk(), "cli")
    assert response is not None and response["text"] in ("Really?", "To the letter.")
    assert model.asked == []


async def test_a_payload_is_not_what_the_user_said() -> None:
    model = Scripted("It rains in Oslo, I hear.")
    async with served(model) as url:
        await generator(url).generate("utter_place", talk("/affirm"), "cli")
    assert model.asked[0].message == ""


async def test_a_server_that_is_slow_away_or_failing_changes_nothing() -> None:
    async with served(Scripted("Oslo has rain.", seconds=1.0)) as url:
        slow = await generator(url, timeout=0.1).generate("utter_place", talk(), "cli")
    away = await generator(url).generate("utter_place", talk(), "cli")
    async with served(Scripted(RemoteError("ReadTimeout"))) as url:
        failing = await generator(url).generate("utter_place", talk(), "cli")
    for response in (slow, away, failing):
        assert response is not None and response["text"] == "It rains in Oslo."


async def test_a_server_that_talks_rubbish_changes_nothing() -> None:
    async def rubbish(_request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="application/json")

    app = web.Application()
    app.add_routes([web.post("/rephrase", rubbish)])
    async with TestServer(app) as server:
        made = generator(str(server.make_url("/rephrase")))
        response = await made.generate("utter_place", talk(), "cli")
    assert response is not None and response["text"] == "It rains in Oslo."


async def test_a_response_that_is_not_there() -> None:
    assert await generator("http://127.0.0.1:9/").generate("utter_none", talk(), "cli") is None


@pytest.mark.parametrize(
    ("url", "more", "word"),
    [(None, {}, "url"), ("http://x", {"timeout": 9}, "timeout"), ("http://x", {"timeout": 0}, "0")],
)
def test_a_configuration_of_no_use_is_refused(url: str | None, more: Any, word: str) -> None:
    with pytest.raises(InvalidConfigException, match=word):
        generator(url, **more)
