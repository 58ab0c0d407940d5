"""What is said through which channel: speakable by voice, with buttons where there are any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa_sdk.executor import CollectingDispatcher

from actions.channels import (
    LONGEST_PAYLOAD,
    LONGEST_TITLE,
    MOST_HEARD,
    VOICE,
    buttons,
    buttons_by_place,
    fitting,
    is_heard,
    most_named,
    speakable,
)
from actions.speaking import join

TEXT_CHANNELS = ("slack", "telegram", "web", "rest", "collector", "cmdline")
"""Where replies are read; "collector" is what Rasa calls the replies of its REST channel."""

MOST_WORDS = 30
"""Of one response by voice, a placeholder counting as one: some twelve seconds."""

UNSPEAKABLE = re.compile(r"[\"“”`()\[\]*_/\\<>|#]|\n|^\s*-|https?:|www\.|\.(?:md|yml|db|txt|pdf)\b")
PLACEHOLDER = re.compile(r"{\w+}")
YES_OR_NO = re.compile(
    r"^(?:.*[.:] )?(?:shall i|would you like|do you want|did you want|do you really|do you mean:|"
    r"would a person|would a joke)\b[^.]*\?",
    re.IGNORECASE,
)
PAYLOADS = {"/affirm", "/deny", "/thank", '/change_reminder{"reminder_change": "snooze"}'}

ASKED_BY_ITSELF = {
    # Not for a yes or a no, but for the thing itself.
    "utter_ask_which_list_to_show",
    "utter_chitchat_sing",
}


def states(variations: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The states of the slots on which a response hangs, and that of none of them."""
    values: dict[str, list[Any]] = {}
    for variation in variations:
        for condition in variation.get("condition") or ():
            values.setdefault(condition["name"], [None]).append(condition["value"])
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def said(responses: dict[str, Any], name: str, channel: str) -> Iterator[list[dict[str, Any]]]:
    """What Rasa may choose from, in each state of the slots."""
    chosen_by_rasa = ResponseVariationFilter(responses)
    for slots in states(responses[name]):
        yield chosen_by_rasa.responses_for_utter_action(name, channel, slots)


def test_what_is_heard_can_be_said(domain: dict[str, Any]) -> None:
    responses = domain["responses"]
    for name in responses:
        for variations in said(responses, name, VOICE):
            assert variations, name
            for variation in variations:
                text = variation["text"]
                plain = PLACEHOLDER.sub("it", text)
                assert not UNSPEAKABLE.search(plain), f"{name}: {text}"
                assert speakable(plain) == plain, name
                assert len(text.split()) <= MOST_WORDS, f"{name}: {text}"
                assert not variation.get("buttons"), name


def test_what_is_heard_depends_on_no_less_than_what_is_read(domain: dict[str, Any]) -> None:
    # A variation for a channel hides the ones with conditions that are for none.
    for name, variations in domain["responses"].items():
        if any(v.get("channel") == VOICE and "condition" not in v for v in variations):
            asked_again = {
                str(v["condition"])
                for v in variations
                if v.get("condition") and v["condition"][0]["name"] == "form_attempts"
            }
            heard = {
                str(v["condition"])
                for v in variations
                if v.get("condition") and v.get("channel") == VOICE
            }
            assert asked_again <= heard, name


@pytest.mark.parametrize("channel", TEXT_CHANNELS)
def test_what_is_read_varies_whatever_the_channel(domain: dict[str, Any], channel: str) -> None:
    responses = domain["responses"]
    for name in responses:
        usual = next(said(responses, name, channel))
        assert len(usual) >= 2, name
        assert all("channel" not in variation for variation in usual), name


def test_questions_for_yes_or_no_have_buttons(domain: dict[str, Any]) -> None:
    for name, variations in domain["responses"].items():
        written = [v for v in variations if v.get("channel") != VOICE]
        if name in ASKED_BY_ITSELF or not any(YES_OR_NO.match(v["text"]) for v in written):
            continue
        for variation in written:
            titles = [button["title"] for button in variation.get("buttons") or ()]
            assert titles == ["Yes", "No"], f"{name}: {variation['text']}"


def test_payloads_are_known_and_fit(domain: dict[str, Any]) -> None:
    for variations in domain["responses"].values():
        for variation in variations:
            for button in variation.get("buttons") or ():
                assert button["payload"] in PAYLOADS
                assert len(button["payload"].encode()) <= LONGEST_PAYLOAD


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ('the reminder "call mum"', "the reminder call mum"),
        ("lunch (all day) and tea", "lunch, all day and tea"),
        ("shopping (3 things)", "shopping, 3 things"),
        ('boiler.md, under "Pressure"', "boiler, under Pressure"),
        ("manuals/coffee.pdf, page 3", "coffee, page 3"),
        ("One.\n- two\n- three", "One. two. three"),
        ("see https://example.org/x?y=1 for it", "see a web address for it"),
        ("in var/log/rasa.log", "in rasa"),
        ("and/or", "and or or"),
        ("use `rasa shell`", "use rasa shell"),
        ("it's half past seven, isn't it?", "it's half past seven, isn't it?"),
        ("", ""),
    ],
)
def test_speakable(text: str, heard: str) -> None:
    assert speakable(text) == heard
    assert speakable(heard) == heard


def by(talk: Any, channel: str | None) -> Any:
    talk.user("hello", "greet")
    if channel:
        talk.events[-1]["input_channel"] = channel
    return talk.tracker()


def test_only_voice_is_heard(new_talk: Any) -> None:
    assert is_heard(by(new_talk(), "voice"))
    for channel in (*TEXT_CHANNELS, None):
        assert not is_heard(by(new_talk(), channel))


def test_the_values_of_a_response_are_made_speakable(new_talk: Any) -> None:
    for channel, thing in (("voice", "the reminder call mum"), ("web", 'the reminder "call mum"')):
        dispatcher = CollectingDispatcher()
        fitted = fitting(dispatcher, by(new_talk(), channel))
        fitted.utter_message(
            response="utter_reminders_cancelled",
            things='the reminder "call mum"',
            buttons=[{"title": "Yes", "payload": "/affirm"}],
        )
        (message,) = dispatcher.messages
        assert message["response"] == "utter_reminders_cancelled"
        assert message["things"] == thing
        assert bool(message["buttons"]) is (channel == "web")


def test_many_things_are_counted_by_voice(new_talk: Any) -> None:
    things = [f"thing {number}" for number in range(1, 13)]
    heard = join(things, most_named(by(new_talk(), "voice")))
    assert heard == "thing 1, thing 2, thing 3, thing 4, thing 5, thing 6 and 6 more"
    assert join(things, most_named(by(new_talk(), "slack"))).endswith("thing 11 and thing 12")
    assert "more" not in join(things[: MOST_HEARD + 1], MOST_HEARD)


def test_buttons_are_as_many_and_as_long_as_a_channel_takes(new_talk: Any) -> None:
    many = [(f"list {n}", f"the list {n} list") for n in range(20)]
    assert len(buttons(by(new_talk(), "telegram"), many)) == 8
    assert len(buttons(by(new_talk(), "slack"), many)) == 5
    assert buttons(by(new_talk(), "voice"), many) == []
    assert buttons(by(new_talk(), "web"), [("long", "é" * 33)]) == []
    (long,) = buttons(by(new_talk(), "web"), [("t" * 99, "this")])
    assert long == {"title": f"T{'t' * (LONGEST_TITLE - 2)}…", "payload": "this"}


def test_a_button_for_each_of_several_things(new_talk: Any) -> None:
    assert buttons_by_place(by(new_talk(), "web"), ["an alarm", "tea"]) == [
        {"title": "An alarm", "payload": "the first one"},
        {"title": "Tea", "payload": "the second one"},
    ]
