"""The inspector beside the real assistant: its components named, its turns told, its stories good.

The assistant of these tests has the inspector open (conftest.py).
"""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader

from scripts.project import ROOT
from tests.conversations.conftest import INSPECTOR_TOKEN, Assistant, Talk

pytestmark = pytest.mark.conversation


class Watcher:
    """Somebody who is signed in at the inspector."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._cookie = ""
        headers = self._ask("login", {"token": INSPECTOR_TOKEN})[0]
        self._cookie = headers["Set-Cookie"].split(";")[0]

    def get(self, path: str, **parameters: Any) -> Any:
        """What the inspector answers."""
        return self._ask(f"{path}?{urlencode(parameters)}")[1]

    def _ask(self, path: str, body: Any = None) -> tuple[dict[str, str], Any]:
        connection = HTTPConnection("127.0.0.1", self._assistant.port, timeout=60)
        connection.request(
            "GET" if body is None else "POST",
            f"/webhooks/inspector/{path}",
            None if body is None else json.dumps(body),
            {"Cookie": self._cookie},
        )
        response = connection.getresponse()
        content = response.read()
        assert response.status < 300, content
        connection.close()
        return dict(response.getheaders()), json.loads(content) if content else None


@pytest.fixture
def watcher(assistant: Assistant) -> Watcher:
    return Watcher(assistant)


def short(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def test_every_component_and_policy_of_the_project_is_measured(
    watcher: Watcher, talk: Talk
) -> None:
    talk.say("add milk and two loaves of bread to the shopping list")
    (turn,) = watcher.get("turns", conversation=talk.sender)["turns"]
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    spans = turn["timing"]["spans"]
    understood = [span["name"] for span in spans if span["kind"] == "component"]
    named = [short(component["name"]) for component in config["pipeline"]]
    assert [name for name in understood if name in named] == named
    policies = {span["name"] for span in spans if span["kind"] == "policy"}
    assert {short(policy["name"]) for policy in config["policies"]} <= policies
    asked = {span["name"] for span in spans if span["kind"] == "remote"}
    assert {"action_validate_slot_mappings", "action_add_items"} <= asked
    for number, span in enumerate(spans):
        parts = [part["seconds"] for part in spans if part["parent"] == number]
        assert sum(parts) <= span["seconds"] + 1e-5
    top = [span["seconds"] for span in spans if span["parent"] < 0]
    assert 0 < sum(top) <= turn["timing"]["seconds"] + 1e-5


def test_values_moods_and_retrieval_are_told(watcher: Watcher, talk: Talk) -> None:
    talk.say("remind me to take my pills in two hours")
    talk.say("are you human?")
    first, second = watcher.get("turns", conversation=talk.sender)["turns"]
    extractors = {entity["extractor"] for entity in first["entities"]}
    assert {"JointBertClassifier", "ValueExtractor"} <= extractors
    assert first["sentiment"]["name"] in ("negative", "neutral", "positive")
    assert second["intent"]["name"] == "chitchat"
    assert any((one["name"] or "").startswith("chitchat/") for one in second["retrieval"])
    points = watcher.get("course", conversation=talk.sender)["points"]
    assert [point["turn"] for point in points] == [1, 2]


def test_a_conversation_becomes_a_story_and_a_test_that_fit_the_project(
    watcher: Watcher, talk: Talk, tmp_path: Path
) -> None:
    for words in (
        "hello",
        "put something on my list",
        "tent",
        "the packing list",
        "no, the party list",
        "this is useless, you never get it right!",
    ):
        talk.say(words)
    total = watcher.get("turns", conversation=talk.sender)["total"]
    # The correction was said anew on the person's behalf: a turn of its own.
    assert total == 7
    domain = Domain.load(str(ROOT / "domain.yml"))
    for kind in ("story", "test"):
        told = watcher.get("story", conversation=talk.sender, kind=kind, first=1, last=total)
        assert told["problem"] is None and told["notes"] == []
        path = tmp_path / told["file"]
        path.write_text(told["yaml"], encoding="utf-8")
        (step,) = YAMLStoryReader(domain).read_from_file(path)
        assert step.events
        if kind == "story":
            # Only rules may mention moods (docs/joint-bert.md).
            assert "sentiment" not in told["yaml"] and "packing" not in told["yaml"]
        else:
            assert "[packing](list_name)" in told["yaml"]
