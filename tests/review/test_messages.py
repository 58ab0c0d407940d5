"""What of a conversation is a message, and what speaks for its being misread."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from rasa.shared.core.events import ActionExecuted, Event, UserUttered

from review.messages import Message, messages_of
from review.scoring import Signals
from review.store import Conversation
from tests.review.conversations import form, said


def read(*events: Event) -> list[Message]:
    stored = [json.loads(json.dumps(event.as_dict())) for event in events]
    return messages_of(Conversation("ann", stored))


def signals(*events: Event) -> list[Signals]:
    return [message.signals for message in read(*events)]


def test_what_nobody_said_is_no_message() -> None:
    on_behalf = said("again", "add_items")
    on_behalf.message_id = None
    external = UserUttered.create_external("EXTERNAL_due")
    button, empty, signs = said("/affirm", "affirm"), said("  ", "greet"), said("??!", "greet")
    long = said("word " * 200, "greet")
    assert read(on_behalf, external, button, empty, signs, long) == []


def test_the_best_intent_is_the_one_below_the_fallback() -> None:
    (message,) = read(
        said("price of eggs", "nlu_fallback", 0.6, ("ask_price", 0.4), ("greet", 0.1))
    )
    assert (message.intent, message.signals.confidence) == ("ask_price", 0.4)
    assert message.signals.fallback
    assert message.ranking == [("ask_price", 0.4), ("greet", 0.1)]


@pytest.mark.parametrize(
    "after",
    [
        said("no, the party list", "correct"),
        said("undo", "undo"),
        said("no, I meant eggs", "greet"),
    ],
)
def test_a_correction_is_held_against_what_went_before(after: UserUttered) -> None:
    first, second = signals(said("add milk", "add_items"), after)
    assert first.corrected and not second.corrected


def test_said_again_within_two_turns() -> None:
    first = said("ring the dentist at nine", "add_event")
    between, again = said("hm", "deny"), said("Ring the dentist at nine!", "add_event")
    assert [one.repeated for one in signals(first, between, again)] == [True, False, False]
    assert [one.repeated for one in signals(first, between, between, again)][0] is False
    yes = said("yes", "affirm")
    assert not any(one.repeated for one in signals(yes, yes))


def test_the_mood_drops_only_to_worse_than_neutral() -> None:
    good, plain = said("a", "greet", mood="positive"), said("b", "greet")
    bad = said("c", "greet", mood="negative")
    assert [one.mood_dropped for one in signals(good, plain, bad, bad)] == [
        *(False, True, False, False)
    ]


def test_a_form_that_is_broken_off_or_left() -> None:
    begin, done = form("add_form"), form(None)
    ask = said("add something", "add_items")
    assert signals(ask, *begin)[0].form_abandoned
    assert signals(ask, *begin, said("never mind", "cancel"))[0].form_abandoned
    assert not signals(ask, *begin, said("milk", "inform"), *done)[0].form_abandoned
    assert not signals(ask, *begin, *done)[0].form_abandoned


def test_an_answer_of_a_retrieval_intent_is_told_whole() -> None:
    event = said("who reads this", "faq", 0.9)
    key = {"response": {"intent_response_key": "faq/privacy"}}
    event.parse_data["response_selector"] = {"all_retrieval_intents": ["faq"], "default": key}
    assert read(event)[0].intent == "faq/privacy"


@pytest.mark.parametrize(
    "broken",
    [
        {"parse_data": None},
        {"parse_data": {"intent": "greet", "entities": 3}},
        {"parse_data": {"intent_ranking": "?", "sentiment": [], "entities": ["milk"]}},
        {"metadata": "none"},
        {"text": 7},
    ],
)
def test_an_event_of_another_form_breaks_nothing(broken: dict[str, object]) -> None:
    whole = json.loads(json.dumps(said("add milk", "add_items").as_dict()))
    events: Sequence[dict[str, object]] = [{**whole, **broken}, whole]
    assert [one.text for one in messages_of(Conversation("ann", list(events)))][-1] == "add milk"


def test_other_events_are_no_turns() -> None:
    listen = ActionExecuted("action_listen")
    assert len(read(listen, said("add milk", "add_items"), listen)) == 1
