"""Texts and updates as they are read, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from channels.messages import Incoming
from channels.telegram.entities import Me, read_entities
from channels.telegram.updates import Press, read_update
from tests.channels.telegram.people import entities_of

ME = Me(7, "ParleyBot")
ADA = {"id": 42, "is_bot": False}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("@ParleyBot what time is it?", "what time is it?"),
        ("@parleybot, what time is it?", "what time is it?"),
        ("what time is it, @ParleyBot", "what time is it,"),
        ("\U0001f600\U0001f600 @ParleyBot hi \U0001f600", "\U0001f600\U0001f600 hi \U0001f600"),
        ("@ParleyBot @ParleyBot hello", "hello"),
        ("@anna and @ParleyBot add milk", "@anna and add milk"),
        ("/list@ParleyBot now", "/list now"),
        ("@ParleyBot\nline one\nline two", "line one\nline two"),
        ("@ParleyBot", ""),
    ],
)  # fmt: skip
def test_the_bots_name_is_taken_out(text: str, read: str) -> None:
    addressed = read_entities(text, entities_of(text), ME)
    assert addressed.by_name
    assert addressed.text == read


@pytest.mark.parametrize(
    "text", ["hello", "@ParleyBotany hello", "/list@OtherBot", "/list", "mail@ParleyBot.example"]
)
def test_other_names_are_not_the_bots(text: str) -> None:
    marks = [] if text.startswith("mail") else entities_of(text)
    addressed = read_entities(text, marks, ME)
    assert not addressed.by_name
    assert addressed.text == text


def test_a_mention_of_somebody_without_a_username() -> None:
    def mark(number: int) -> dict[str, Any]:
        return {"type": "text_mention", "offset": 0, "length": 6, "user": {"id": number}}

    assert read_entities("Parley hello", [mark(7)], ME).text == "hello"
    assert not read_entities("Parley hello", [mark(8)], ME).by_name


@pytest.mark.parametrize(
    "mark",
    [
        {"type": "mention", "offset": 90, "length": 10},
        {"type": "mention", "offset": -1, "length": 3},
        {"type": "mention", "offset": 0, "length": 0},
        {"type": "mention", "offset": 0, "length": 900},
    ],
)
def test_marks_beyond_the_text_are_passed_over(mark: dict[str, Any]) -> None:
    assert read_entities("@ParleyBot hello", [mark], ME).text == "@ParleyBot hello"


def update(chat: dict[str, Any], **message: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 5, "chat": chat, "from": ADA, **message}}


@pytest.mark.parametrize(("by_person", "expected"), [(True, "telegram~-100~42"),
                                                     (False, "telegram~-100")])  # fmt: skip
def test_a_group_has_one_conversation_or_one_for_each(by_person: bool, expected: str) -> None:
    text = "@ParleyBot hello"
    read = read_update(
        update({"id": -100, "type": "supergroup"}, text=text, entities=entities_of(text)),
        ME,
        by_person,
    )
    assert isinstance(read, Incoming)
    assert read.conversation == expected
    press = read_update(
        {
            "update_id": 2,
            "callback_query": {
                "id": "1",
                "from": ADA,
                "data": "offer",
                "message": {"message_id": 6, "chat": {"id": -100, "type": "supergroup"}},
            },
        },
        ME,
        by_person,
    )
    assert isinstance(press, Press)
    assert press.incoming.conversation == expected


def test_nothing_but_what_is_needed_is_written_down() -> None:
    read = read_update(update({"id": 42, "type": "private"}, text="hello"), ME, True)
    assert isinstance(read, Incoming)
    assert read.conversation == "telegram~42"
    assert read.content == {"message": 5, "group": False, "kind": "text", "text": "hello"}


def test_half_a_character_does_no_harm() -> None:
    read = read_update(update({"id": 42, "type": "private"}, text="hello \ud83d"), ME, True)
    assert isinstance(read, Incoming)
    assert read.content["text"] == "hello \ufffd"
