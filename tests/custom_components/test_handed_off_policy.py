"""The policy that keeps the bot silent, among policies really trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.model_training import train_core
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException

from custom_components.handed_off_policy import HandedOffPolicy

pytestmark = pytest.mark.slow

CONFIG = """
recipe: default.v1
assistant_id: tiny
language: en
policies:
- name: custom_components.handed_off_policy.HandedOffPolicy
- name: RulePolicy
"""

DOMAIN = """
version: "3.1"
intents: [greet, ask]
slots:
  handed_off:
    type: bool
    influence_conversation: false
    mappings:
    - type: custom
  size:
    type: text
    influence_conversation: false
    mappings:
    - type: from_text
forms:
  size_form:
    required_slots: [size]
actions: [action_take_back]
responses:
  utter_greet: [{text: hello}]
  utter_ask_size: [{text: what size}]
"""

STORIES = """
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
- rule: ask for the size
  steps:
  - intent: ask
  - action: size_form
  - active_loop: size_form
"""


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    """An agent whose policies are trained on the rules above."""
    folder = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        for name, text in (("config", CONFIG), ("domain", DOMAIN), ("stories", STORIES)):
            (folder / f"{name}.yml").write_text(text.lstrip("\n"))
        paths = [str(folder / f"{name}.yml") for name in ("domain", "config", "stories")]
        model = train_core(*paths, str(folder))
    assert model is not None
    return Agent.load(model)


def next_action(agent: Agent, *events: Event) -> str | None:
    """What comes next; None where no policy has an opinion."""
    assert agent.domain is not None and agent.processor is not None
    tracker = DialogueStateTracker.from_events("anyone", list(events), agent.domain.slots)
    prediction = agent.processor.predict_next_with_tracker(tracker)
    assert prediction is not None
    best = max(prediction["scores"], key=lambda one: one["score"])
    return str(best["action"]) if best["score"] > 0.5 else None


LISTEN = ActionExecuted("action_listen")
SILENT = SlotSet("handed_off", True)


def says(text: str, intent: str = "greet") -> UserUttered:
    return UserUttered(text, {"name": intent, "confidence": 1.0})


def test_has_no_opinion_while_nobody_else_has_the_talk(agent: Agent) -> None:
    assert next_action(agent, LISTEN, says("hi")) == "utter_greet"
    assert next_action(agent, LISTEN, says("back to Parley")) == "utter_greet"
    assert next_action(agent, SILENT, SlotSet("handed_off", None), LISTEN, says("hi")) == (
        "utter_greet"
    )


@pytest.mark.parametrize("intent", ["greet", "ask", "nlu_fallback"])
def test_listens_whatever_is_said(agent: Agent, intent: str) -> None:
    assert next_action(agent, SILENT, LISTEN, says("hi", intent)) == "action_listen"


def test_listens_even_where_a_form_would_go_on(agent: Agent) -> None:
    form = [LISTEN, says("so", "ask"), ActionExecuted("size_form"), ActiveLoop("size_form")]
    asked = [*form, SlotSet("requested_slot", "size"), LISTEN, says("ten", "greet")]
    assert next_action(agent, *asked) == "size_form"
    assert next_action(agent, SILENT, *asked) == "action_listen"


def test_listens_after_the_action_that_handed_off(agent: Agent) -> None:
    handed = [LISTEN, says("hi"), ActionExecuted("utter_greet"), SILENT]
    assert next_action(agent, *handed) == "action_listen"


@pytest.mark.parametrize("text", ["back to Parley", "Back to parley.", "  BACK  TO PARLEY!"])
def test_the_phrase_ends_the_silence(agent: Agent, text: str) -> None:
    assert next_action(agent, SILENT, LISTEN, says(text)) == "action_take_back"


@pytest.mark.parametrize("text", ["I'd like to be back to Parley", "back", "Parley", "", "/greet"])
def test_nothing_but_the_phrase_does(agent: Agent, text: str) -> None:
    assert next_action(agent, SILENT, LISTEN, says(text)) == "action_listen"


def test_the_intent_back_ends_the_silence(agent: Agent) -> None:
    external = UserUttered.create_external("back", [], "rest")
    assert next_action(agent, SILENT, LISTEN, external) == "action_take_back"


def test_listens_once_it_has_spoken_again(agent: Agent) -> None:
    back = [SILENT, LISTEN, says("back to Parley"), ActionExecuted("action_take_back")]
    assert next_action(agent, *back, SlotSet("handed_off", None)) == "action_listen"
    assert next_action(agent, *back) == "action_listen"


def test_a_restart_goes_through(agent: Agent) -> None:
    assert next_action(agent, SILENT, LISTEN, says("/restart", "restart")) == "action_restart"


def test_a_new_session_does_not_end_it(agent: Agent) -> None:
    # Rasa's own pause would be over now.
    new = [SILENT, SessionStarted(), SILENT, LISTEN]
    assert next_action(agent, *new, says("hi")) == "action_listen"


@pytest.mark.parametrize(
    ("config", "named"), [({"frase": "x"}, "frase"), ({"phrase": " .!"}, "phrase")]
)
def test_a_useless_configuration_is_refused(
    tmp_path: Path, config: dict[str, str], named: str
) -> None:
    with pytest.raises(InvalidConfigException, match=named):
        HandedOffPolicy.create(
            {**HandedOffPolicy.get_default_config(), **config},
            LocalModelStorage(tmp_path),
            Resource("policy"),
            ExecutionContext(GraphSchema({}), "policy"),
        )
