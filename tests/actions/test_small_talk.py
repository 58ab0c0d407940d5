"""Small talk and questions about Parley, answered by meaning."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.fallback import ActionFollowSuggestion
from actions.small_talk import ActionAnswerByMeaning

ROOT = Path(__file__).resolve().parents[2]


def selector(
    utter_action: str, confidence: float = 0.8, key: str = "default"
) -> dict[str, dict[str, Any]]:
    """What `SemanticResponseSelector` leaves in a message."""
    response = {"utter_action": utter_action, "confidence": confidence, "responses": []}
    return {"response_selector": {"all_retrieval_intents": ["faq"], key: {"response": response}}}


@pytest.mark.parametrize("key", ["default", "faq"])
async def test_says_what_was_selected(talk: Any, key: str) -> None:
    talk.user("who can read this", "faq", **selector("utter_faq_privacy", key=key))
    await talk.run(ActionAnswerByMeaning())
    assert talk.said == ["utter_faq_privacy"]


async def test_the_selector_of_the_intent_comes_first(talk: Any) -> None:
    found = selector("utter_faq_privacy", key="faq")
    found["response_selector"]["default"] = {
        "response": {"utter_action": "utter_faq_cost", "confidence": 0.9}
    }
    talk.user("who can read this", "faq", **found)
    await talk.run(ActionAnswerByMeaning())
    assert talk.said == ["utter_faq_privacy"]


@pytest.mark.parametrize(
    "parsed",
    [
        {},
        {"response_selector": {"all_retrieval_intents": ["faq"]}},
        selector("utter_faq_privacy", confidence=0.1),
        selector("utter_faq_of_another_version"),
    ],
    ids=["payload", "not concerned", "a mere guess", "no such response"],
)
async def test_asks_for_other_words_where_nothing_fits(talk: Any, parsed: dict[str, Any]) -> None:
    talk.user("/faq", "faq", **parsed)
    await talk.run(ActionAnswerByMeaning())
    assert talk.said == ["utter_faq"]


async def test_yes_to_a_guess_keeps_the_selected_answer(talk: Any) -> None:
    found = selector("utter_chitchat_sleep")
    talk.user("sleepy?", "nlu_fallback", **found).slot("suggested_intent", "chitchat")
    talk.bot("action_ask_back")
    await talk.user("yes", "affirm").run(ActionFollowSuggestion())
    said = talk.returned[-1]["parse_data"]
    assert said["intent"]["name"] == "chitchat"
    talk.user("sleepy?", "chitchat", response_selector=said["response_selector"])
    await talk.run(ActionAnswerByMeaning())
    assert talk.said == ["utter_chitchat_sleep"]


def topics() -> set[str]:
    """The answers that there are examples of, as names of responses."""
    found: set[str] = set()
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            intent, _, topic = str(block.get("intent", "")).partition("/")
            if topic:
                found.add(f"utter_{intent}_{topic}")
    return found


def test_every_topic_has_its_response_and_every_response_its_topic(domain: dict[str, Any]) -> None:
    responses = {name for name in domain["responses"] if re.match("utter_(chitchat|faq)_", name)}
    assert responses == topics()
