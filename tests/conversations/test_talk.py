"""Everything but lists: greetings, moods, what is not understood, what is not language."""

from __future__ import annotations

import json
import re

import pytest

from tests.conversations.conftest import Assistant, Talk

pytestmark = [pytest.mark.slow, pytest.mark.conversation]


def test_greets_thanks_and_says_goodbye(talk: Talk) -> None:
    assert re.search(r"(?i)hello|hi", talk.say("hello"))
    assert re.search(r"(?i)welcome|any time|pleasure|mention", talk.say("thank you"))
    assert re.search(r"(?i)bye|later", talk.say("bye"))


def test_says_what_it_can_do_with_examples(talk: Talk) -> None:
    said = talk.say("what can you do?")

    assert "list" in said
    assert '"' in said


def test_small_talk(talk: Talk) -> None:
    assert "Parley" in talk.say("who are you")
    assert talk.say("how are you")
    assert talk.say("tell me a joke")


def test_sentiment_is_in_the_parse_result(assistant: Assistant) -> None:
    parsed = assistant.parse("this is the worst day ever")

    assert parsed["sentiment"]["name"] == "negative"
    assert sum(one["confidence"] for one in parsed["sentiment"]["ranking"]) == pytest.approx(1.0)


def test_the_sentiment_slot_follows_every_message(talk: Talk) -> None:
    moods = []
    for text in ("I feel wonderful today", "add rice to the shopping list", "I am so sad"):
        talk.say(text)
        moods.append(talk.slot("sentiment"))

    assert moods == ["positive", "neutral", "negative"]


def test_payloads_have_no_sentiment_and_break_nothing(talk: Talk) -> None:
    talk.say("I am so sad")
    assert talk.slot("sentiment") == "negative"

    assert talk.say("/greet")
    assert talk.slot("sentiment") is None


def test_consoles_and_celebrates(talk: Talk) -> None:
    assert re.search(r"(?i)sorry|hard", talk.say("my cat died"))
    assert re.search(r"(?i)wonderful|nice|great|glad", talk.say("I got the job!"))


def test_a_greeting_in_a_bad_mood_is_answered_gently(talk: Talk) -> None:
    said = talk.say("hi, what a horrible day")

    assert re.search(r"(?i)best day|easier|sorry|hard", said)


def test_what_it_cannot_do_it_says(talk: Talk) -> None:
    assert re.search(
        r"(?i)can't|cannot|not able|don't|beyond", talk.say("book me a flight to Rome")
    )


@pytest.mark.parametrize("text", ["😀😀", "?!", "asdf qwer zxcv", "שלום, מה שלומך?", "\u200b"])
def test_what_is_no_language_it_knows_is_asked_about(talk: Talk, text: str) -> None:
    said = talk.say(text)

    assert said.strip()
    assert talk.assistant.items(talk.sender) == {}


def test_a_second_failure_in_a_row_gets_an_offer_of_help(talk: Talk) -> None:
    talk.say("😀")
    said = talk.say("😀😀")

    assert re.search(r"(?i)can do|for example|list", said)


def test_a_very_long_message_is_answered(talk: Talk) -> None:
    assert talk.say("lorem ipsum dolor " * 220)


def test_no_reply_shows_what_is_behind_it(talk: Talk) -> None:
    for text in ("add {sentiment} to the shopping list", "what's on it", "/nonsense", "/"):
        said = talk.say(text)
        assert "Traceback" not in said and "Exception" not in said


def test_nothing_was_logged_as_an_error(assistant: Assistant) -> None:
    # Last in the file: what the talks before left in the logs.
    for name in ("rasa.log", "actions.log"):
        log = (assistant.folder / name).read_text(encoding="utf-8", errors="replace")
        assert "Traceback" not in log, json.dumps(log[-2000:])
