"""Handing over and taking back with the running assistant, where it takes more than messages."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conversations.conftest import Assistant, Talk
from tests.services.handoff import HandoffService

pytestmark = [pytest.mark.slow, pytest.mark.conversation]


def hand_off(talk: Talk) -> None:
    talk.say("I want to talk to a human")
    assert "back to Parley" in talk.say("yes")


def sent(talk: Talk) -> list[dict[str, Any]]:
    service = talk.assistant.services["handoff"]
    assert isinstance(service, HandoffService)
    return service.about(talk.sender)


def test_two_quick_yeses_send_once(talk: Talk) -> None:
    talk.say("I want to talk to a human")
    with ThreadPoolExecutor() as both:
        answers = list(both.map(talk.say, ["yes", "yes"]))

    assert len([answer for answer in answers if answer]) == 1
    assert len(sent(talk)) == 1


def test_the_persons_tool_hands_it_back_with_one_call(assistant: Assistant, talk: Talk) -> None:
    hand_off(talk)
    assert talk.say("hello") == ""

    path = f"/conversations/{talk.sender}/trigger_intent?output_channel=latest"
    answer = assistant.ask(path, {"name": "back"})

    assert "Parley" in answer["messages"][0]["text"]
    assert talk.slot("handed_off") is None
    assert talk.say("hello")


def test_the_silence_survives_a_restart(assistant: Assistant, talk: Talk) -> None:
    hand_off(talk)
    assistant.restart()
    assert talk.say("hello") == ""
    assert "Parley" in talk.say("back to Parley")


def test_the_silence_lapses_with_the_session(assistant: Assistant, talk: Talk) -> None:
    words = {"text": "yes", "intent": {"name": "affirm"}, "entities": []}
    two_hours_ago: list[dict[str, Any]] = [
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
        {"event": "action", "name": "action_listen"},
        {"event": "user", "text": "yes", "parse_data": words, "input_channel": "rest"},
        {"event": "action", "name": "action_hand_off"},
        {"event": "slot", "name": "handed_off", "value": True},
        {"event": "action", "name": "action_listen"},
    ]
    for number, event in enumerate(two_hours_ago):
        event["timestamp"] = time.time() - 2 * 3600 + number
    assistant.ask(f"/conversations/{talk.sender}/tracker/events", two_hours_ago)
    assert talk.slot("handed_off") is True

    said = talk.say("hello")

    assert re.search("Parley.*\n.*(Hello|Hi)", said)
    assert talk.slot("handed_off") is None


def test_starting_over_ends_it_too(talk: Talk) -> None:
    hand_off(talk)
    talk.say("/restart")
    assert talk.say("hello")
