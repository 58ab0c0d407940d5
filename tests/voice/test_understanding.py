"""Choosing among what may have been said, with a real NLU."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from benchmarks.spoken import make_noise
from tests.voice.conftest import Say
from voice.asr import NOTHING_HEARD, Hypothesis, Recognition, Source
from voice.audio import mix
from voice.sphinx import SphinxRecognizer
from voice.understanding import CHOICE, Expected, choose, signs

CONFIG = """
assistant_id: house
recipe: default.v1
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
  - name: CRFEntityExtractor
  - name: FallbackClassifier
    threshold: 0.65
    ambiguity_threshold: 0.0
"""

NLU = """
version: "3.1"
nlu:
  - intent: switch
    examples: |
      - turn on the [lamp](device) in the [kitchen](room)
      - please turn off the [heating](device)
      - turn off the [fan](device) in the [garden](room)
      - turn on the [television](device)
  - intent: time
    examples: |
      - what time is it
      - tell me what time it is
      - is it late what time
  - intent: room
    examples: |
      - the [kitchen](room)
      - in the [garden](room)
"""

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [switch, time, affirm, room]
entities: [device, room]
slots:
  where:
    type: text
    mappings:
      - type: from_entity
        entity: room
  sure:
    type: bool
    mappings:
      - type: from_intent
        intent: affirm
        value: true
        conditions:
          - active_loop: house_form
            requested_slot: sure
      - type: from_intent
        intent: time
        value: false
        conditions:
          - active_loop: other_form
  room:
    type: any
    mappings:
      - type: custom
forms:
  house_form:
    required_slots: [where, sure, room]
"""
)


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    folder = tmp_path_factory.mktemp("nlu")
    config, data = folder / "config.yml", folder / "nlu.yml"
    config.write_text(CONFIG)
    data.write_text(NLU)
    model = train_nlu(str(config), str(data), str(folder))
    assert model is not None
    return Agent.load(model)


def heard(*texts: str, confidence: float = 0.6, behind: float = 0.02) -> Recognition:
    """A recognition whose alternatives lie close together, as in noise."""
    found = tuple(Hypothesis(text, -4.0 - behind * place) for place, text in enumerate(texts))
    return Recognition(texts[0], confidence, confidence >= 0.5, (), found)


def asking(slot: str, loop: str = "house_form") -> DialogueStateTracker:
    events = [ActiveLoop(loop), SlotSet("requested_slot", slot)]
    return DialogueStateTracker.from_events("me", events, DOMAIN.slots, domain=DOMAIN)


async def test_what_makes_sense_is_taken_before_what_sounds_a_little_better(agent: Agent) -> None:
    recognition = heard("violin pop often famous", "turn on the lamp in the kitchen")
    found = await choose(recognition, agent.parse_message)
    assert found.text == "turn on the lamp in the kitchen" and found.accepted
    assert found.alternatives[0].text == found.text
    assert {one.text for one in found.alternatives} == {
        one.text for one in recognition.alternatives
    }


async def test_what_sounds_much_better_stays(agent: Agent) -> None:
    recognition = heard(
        "turn off the fan in the garden", "turn on the fan in the kitchen", behind=1.0
    )
    found = await choose(recognition, agent.parse_message)
    assert found.text == "turn off the fan in the garden"


async def test_nonsense_that_was_accepted_is_turned_away(agent: Agent) -> None:
    recognition = heard("violin pop often famous", confidence=0.55)
    assert recognition.accepted
    found = await choose(recognition, agent.parse_message)
    assert not found.accepted and found.text == "violin pop often famous"


async def test_a_command_that_was_turned_away_is_accepted(agent: Agent) -> None:
    recognition = heard("turn on the lamp in the kitchen", confidence=0.4)
    assert not recognition.accepted
    assert (await choose(recognition, agent.parse_message)).accepted


def test_a_fallbacks_confidence_speaks_for_no_intent() -> None:
    others = [{"name": "switch", "confidence": 0.04}, {"name": "time", "confidence": 0.03}]
    known = {"intent": others[0], "intent_ranking": others}
    fallback = {"name": "nlu_fallback", "confidence": 0.96}
    declined = {"intent": fallback, "intent_ranking": [fallback, *others]}
    one = Hypothesis("economists", -4.0)
    assert signs(heard("economists"), one, declined).intent == pytest.approx(math.log(0.04))
    assert signs(heard("economists"), one, known).intent == pytest.approx(math.log(0.04))
    # What its classifier does not say of the scope, the fallback does.
    assert signs(heard("economists"), one, declined).scope < signs(heard("x"), one, known).scope
    nothing = {"intent": fallback, "intent_ranking": [fallback]}
    assert signs(heard("economists"), one, nothing).intent == pytest.approx(math.log(1e-3))


async def test_what_was_asked_for_is_the_more_likely(agent: Agent) -> None:
    expected = Expected.of(asking("where"), DOMAIN)
    recognition = heard("what time is it", "in the kitchen", behind=0.05)
    asked = [
        CHOICE.of(
            signs(recognition, recognition.alternatives[1], await agent.parse_message(one), way)
        )
        for one, way in (("in the kitchen", None), ("in the kitchen", expected))
    ]
    assert asked[1] > asked[0]
    assert (await choose(recognition, agent.parse_message, expected)).text == "in the kitchen"


async def test_nothing_heard_stays_nothing(agent: Agent) -> None:
    assert await choose(NOTHING_HEARD, agent.parse_message) == NOTHING_HEARD


def test_what_is_expected_comes_from_the_form_and_the_domain() -> None:
    assert Expected.of(asking("where"), DOMAIN) == Expected(
        frozenset({"where"}), frozenset(), frozenset({"room"})
    )
    # Only the mapping of this form counts.
    assert Expected.of(asking("sure"), DOMAIN) == Expected(
        frozenset({"sure"}), frozenset({"affirm"}), frozenset()
    )
    # Code fills it: its name is an entity's.
    assert Expected.of(asking("room"), DOMAIN) == Expected(
        frozenset({"room"}), frozenset(), frozenset({"room"})
    )
    nothing = DialogueStateTracker.from_events("me", [], DOMAIN.slots, domain=DOMAIN)
    assert Expected.of(nothing, DOMAIN) is None


async def test_a_command_in_noise_is_understood(
    agent: Agent, recognizer: SphinxRecognizer, speak: Say
) -> None:
    samples = speak("turn on the lamp in the kitchen", around=1.0)
    noisy = mix(samples, make_noise("pink", [], 0), 15)
    found = await choose(recognizer.recognize(noisy), agent.parse_message)
    assert found.text == "turn on the lamp in the kitchen" and found.accepted


async def test_spoken_nonsense_is_turned_away(
    agent: Agent, recognizer: SphinxRecognizer, speak: Say
) -> None:
    for text in (
        "my grandmother played the violin in a famous orchestra",
        "economists expect rising prices throughout europe",
    ):
        found = await choose(recognizer.recognize(speak(text)), agent.parse_message)
        assert not found.accepted, found


async def test_without_a_grammar_what_words_mean_says_most(agent: Agent) -> None:
    nonsense, command = "my grandfather was a minor", "turn on the lamp in the kitchen"
    # Both sound well; where a grammar was asked, that is enough.
    for source, accepted in ((Source.OPEN, True), (Source.WORDS, False)):
        for text, is_accepted in ((nonsense, accepted), (command, True)):
            found = replace(heard(text, confidence=0.9), source=source)
            assert (await choose(found, agent.parse_message)).accepted is is_accepted
