"""Rules and stories that branch on the slot `sentiment`, with policies really trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.model_training import train_core
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

pytestmark = pytest.mark.slow

CONFIG = """
recipe: default.v1
assistant_id: tiny
language: en
policies:
- name: RulePolicy
- name: AugmentedMemoizationPolicy
"""

DOMAIN = """
version: "3.1"
intents: [greet, ask]
slots:
  sentiment:
    type: custom_components.sentiment_slot.SentimentSlot
    values: [negative, neutral, positive]
    mappings:
    - type: custom
      action: action_track_sentiment
actions: [action_track_sentiment]
responses:
  utter_greet: [{text: hello}]
  utter_console: [{text: sorry}]
  utter_answer: [{text: so}]
  utter_answer_gently: [{text: well}]
  utter_cheer: [{text: hooray}]
"""

PLAIN_STORY = """
stories:
- story: plain
  steps:
  - intent: ask
  - action: utter_answer
  - intent: ask
  - action: utter_cheer
"""

BRANCHING_STORY = """
- story: in a bad mood
  steps:
  - intent: ask
  - slot_was_set:
    - sentiment: negative
  - action: utter_answer_gently
"""

PLAIN_RULE = """
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
"""

RULES = f"""{PLAIN_RULE}
- rule: greet somebody in a bad mood
  condition:
  - slot_was_set:
    - sentiment: negative
  steps:
  - intent: greet
  - action: utter_console
"""


def trained(folder: Path, stories: str, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """Trains the policies on these stories, and returns the agent."""
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    files = {"config.yml": CONFIG, "domain.yml": DOMAIN, "stories.yml": stories}
    for name, text in files.items():
        (folder / name).write_text(text.lstrip("\n"))
    model = train_core(
        str(folder / "domain.yml"),
        str(folder / "config.yml"),
        str(folder / "stories.yml"),
        str(folder),
    )
    assert model is not None
    return Agent.load(model)


def next_action(agent: Agent, *turns: tuple[str, str | None] | str) -> str | None:
    """Returns what comes next; a turn is an intent and its sentiment, or an action taken."""
    assert agent.domain is not None and agent.processor is not None
    events: list[Event] = [ActionExecuted("action_listen")]
    for turn in turns:
        if isinstance(turn, str):
            events += [ActionExecuted(turn), ActionExecuted("action_listen")]
        else:
            events += [UserUttered(turn[0], {"name": turn[0]}), SlotSet("sentiment", turn[1])]
    tracker = DialogueStateTracker.from_events("anyone", events, agent.domain.slots)
    prediction = agent.processor.predict_next_with_tracker(tracker)
    assert prediction is not None
    best = max(prediction["scores"], key=lambda one: one["score"])
    return str(best["action"]) if best["score"] > 0.5 else None


def test_rules_branch_and_stories_that_do_not_mention_it_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = trained(tmp_path, PLAIN_STORY + RULES, monkeypatch)

    for mood in (None, "neutral", "positive"):
        assert next_action(agent, ("greet", mood)) == "utter_greet"
    assert next_action(agent, ("greet", "negative")) == "utter_console"

    for mood in (None, "neutral", "positive", "negative"):
        assert next_action(agent, ("ask", mood)) == "utter_answer"
        assert next_action(agent, ("ask", mood), "utter_answer", ("ask", mood)) == "utter_cheer"


def test_stories_branch_and_neutral_is_like_no_mood_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = trained(tmp_path, PLAIN_STORY + BRANCHING_STORY + PLAIN_RULE, monkeypatch)

    for mood in (None, "neutral"):
        assert next_action(agent, ("ask", mood)) == "utter_answer"
    assert next_action(agent, ("ask", "negative")) == "utter_answer_gently"
