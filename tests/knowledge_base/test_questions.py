"""What is asked in a message, without what is said around it."""

from __future__ import annotations

import pytest

from knowledge_base.questions import MOST, questions_in


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("look up in the manual what the red lamp means", "what the red lamp means"),
        ("what does the manual say about cleaning the filter", "cleaning the filter"),
        ("what do the club rules say about dogs in the boathouse", "dogs in the boathouse"),
        ("according to my notes, when is the chimney swept", "when is the chimney swept"),
        ("what is the guests' password, look in the house papers", "what is the guests' password"),
        ("what a mess, look up how often I descale the kettle", "how often I descale the kettle"),
        ("I'm fed up. How do I drain the pump? Please.", "How do I drain the pump"),
    ],
)
def test_the_question_is_among_them(message: str, question: str) -> None:
    assert question in questions_in(message)


def test_what_only_tells_is_no_question() -> None:
    found = questions_in(
        "this stupid coffee machine, when do I clean the filter, I'm fed up with it"
    )
    assert found == ["when do I clean the filter"]


@pytest.mark.parametrize(
    "message",
    [
        "how do I descale the kettle",
        "the lift is stuck, who do I call?",
        "my starter smells of varnish",
        "",
        "?",
        "tell me more",
    ],
)
def test_a_question_that_needs_all_its_words_keeps_them(message: str) -> None:
    assert questions_in(message) == [message]


def test_a_long_message_is_not_many_questions() -> None:
    assert len(questions_in("how do I clean pump number one, " * 5 + "x, y z, " * 3000)) <= MOST
