"""How long the stages of real turns took: what is measured, on a real server."""

from __future__ import annotations

import json
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphNode

from channels.inspector.measuring import measure
from channels.inspector.timing import Timings, span
from tests.channels.conftest import API_TOKEN, Bot
from tests.channels.inspector.watching import Watcher, say

# What rounding adds up to.
LEAST = 1e-5


def stages(turn: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The stages of a kind."""
    return [stage for stage in turn["timing"]["spans"] if stage["kind"] == kind]


def hold_together(timing: dict[str, Any]) -> None:
    """The parts of each stage lie within it, and are no longer than it is."""
    spans = timing["spans"]
    whole = {"start": 0.0, "seconds": timing["seconds"]}
    for number in range(-1, len(spans)):
        outer = whole if number < 0 else spans[number]
        parts = [stage for stage in spans if stage["parent"] == number]
        assert sum(part["seconds"] for part in parts) <= outer["seconds"] + LEAST
        for part in parts:
            assert part["start"] >= outer["start"] - LEAST
            assert part["start"] + part["seconds"] <= outer["start"] + outer["seconds"] + LEAST


@pytest.mark.services
def test_all_stages_of_a_turn_are_measured(bot: Bot, watcher: Watcher) -> None:
    say(bot, "timed", "hello")
    say(bot, "timed", "count")
    for turn in watcher.get("turns", conversation="timed")["turns"]:
        hold_together(turn["timing"])
        assert turn["timing"]["seconds"] > 0
        names = [stage["name"] for stage in stages(turn, "component")]
        assert "KeywordIntentClassifier" in names and "RegexMessageHandler" in names
        assert "RulePolicy" in {stage["name"] for stage in stages(turn, "policy")}
        chosen = [stage["action"] for stage in stages(turn, "prediction")]
        done = [step["name"] for step in turn["steps"] if step["kind"] == "action"]
        assert chosen == [name for name in done if name != "action_session_start"][-len(chosen) :]
        for kind in ("waiting", "fetching", "understanding", "slots", "saving", "sending"):
            assert stages(turn, kind), kind
        (opinion, *_) = (s for s in stages(turn, "policy") if s["name"] == "RulePolicy")
        assert (opinion["action"], opinion["confidence"]) == (chosen[0], 1.0)
    # Only the second asks the action server.
    (asked,) = stages(turn, "remote")
    assert asked["name"] == "action_count"
    assert [stage["name"] for stage in stages(turn, "request")] == ["action server"]


def load_model(bot: Bot, model: Path) -> None:
    """Has the running server load a model: its agent is another one then."""
    request = Request(
        f"{bot.url}/model?token={API_TOKEN}",
        json.dumps({"model_file": str(model)}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with build_opener(ProxyHandler({})).open(request, timeout=120) as answer:
        assert answer.status == 204


@pytest.mark.services
def test_another_model_is_measured_too(bot: Bot, watcher: Watcher, small_model: Path) -> None:
    say(bot, "swapped", "hello")
    load_model(bot, small_model)
    say(bot, "swapped", "count")
    first, second = watcher.get("turns", conversation="swapped")["turns"]
    for turn in (first, second):
        hold_together(turn["timing"])
        assert "KeywordIntentClassifier" in [s["name"] for s in stages(turn, "component")]


@pytest.mark.services
def test_a_turn_from_outside_is_measured_by_its_moment(bot: Bot, watcher: Watcher) -> None:
    say(bot, "due", "hello")
    bot.api("/conversations/due/trigger_intent", {"name": "EXTERNAL_due"})
    turn = watcher.get("turns", conversation="due")["turns"][-1]
    assert turn["kind"] == "external"
    hold_together(turn["timing"])
    assert stages(turn, "action")[0]["name"] == "utter_due"
    assert not stages(turn, "understanding")


def test_nothing_is_wrapped_before_and_after() -> None:
    methods = [
        (Agent, "handle_message"),
        (MessageProcessor, "parse_message"),
        (GraphNode, "__call__"),
    ]
    before = [owner.__dict__[name] for owner, name in methods]
    with measure(Timings()):
        assert all(
            owner.__dict__[name] is not method
            for (owner, name), method in zip(methods, before, strict=True)
        )
    assert [owner.__dict__[name] for owner, name in methods] == before


def test_the_newest_turns_are_kept() -> None:
    timings = Timings(most=3)
    for number in range(10):
        with timings.turn("ada", str(number)), span("saving", "saved"):
            pass
    assert [timings.of("ada", str(number)) is not None for number in range(10)] == [
        *([False] * 7),
        *([True] * 3),
    ]
    assert timings.of("eve", "9") is None


def test_a_message_that_was_understood_before_is_one_turn() -> None:
    timings = Timings()
    with timings.turn("ada", "1"), span("understanding", "understood"):
        pass
    with timings.turn("ada", "1"), span("saving", "saved"):
        pass
    recording = timings.of("ada", "1")
    assert recording is not None
    assert [stage["kind"] for stage in recording.as_dict()["spans"]] == ["understanding", "saving"]
    hold_together(recording.as_dict())


def test_what_goes_on_behind_a_turn_is_not_a_part_of_it() -> None:
    timings = Timings()
    with timings.turn("ada", "1"):
        later = copy_context()

    def work() -> None:
        with span("saving", "saved"):
            pass
        with timings.turn("ada", "2"), span("saving", "saved"):
            pass

    later.run(work)
    first, second = timings.of("ada", "1"), timings.of("ada", "2")
    assert first is not None and second is not None
    assert (len(first.spans), len(second.spans)) == (0, 1)
