"""The slot type of `sentiment`, in a domain as its users write it."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = """
version: "3.1"
intents: [greet]
slots:
  sentiment:
    type: custom_components.sentiment_slot.SentimentSlot
    values: [negative, neutral, positive]
    mappings:
    - type: custom
      action: action_track_sentiment
actions: [action_track_sentiment]
"""


@pytest.fixture
def domain() -> Domain:
    return Domain.from_yaml(DOMAIN)


def state_with(domain: Domain, value: str | None) -> object:
    tracker = DialogueStateTracker.from_events("anyone", [], domain.slots)
    tracker.update(SlotSet("sentiment", value), domain)
    return domain.get_active_state(tracker).get("slots")


def test_neutral_looks_like_unset(domain: Domain) -> None:
    assert state_with(domain, "neutral") == state_with(domain, None)
    assert state_with(domain, "Neutral") == state_with(domain, None)


def test_a_mood_that_stands_out_is_a_feature(domain: Domain) -> None:
    states = [state_with(domain, value) for value in ("neutral", "negative", "positive")]

    assert len({str(state) for state in states}) == 3


def test_the_domain_comes_back_with_the_same_slot(domain: Domain) -> None:
    again = Domain.from_dict(domain.as_dict())

    assert [type(slot) for slot in again.slots] == [type(slot) for slot in domain.slots]
    assert state_with(again, "negative") == state_with(domain, "negative")
