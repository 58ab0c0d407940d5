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
        ("I'm fed up. How do I drain the pump? Please.", "How do I drain the pump"),
    ],
)
def test_the_question_is_among_them(message: str, question: str) -> None:
    assert question in questions_in(message)
    assert questions_in(message)[0] == message


@pytest.mark.parametrize("message", ["how do I descale the kettle", "", "?", "tell me more"])
def test_a_bare_question_stays_as_it_is(message: str) -> None:
    assert questions_in(message) == [message]


def test_a_long_message_is_not_many_questions() -> None:
    assert len(questions_in("how do I clean pump number one, " * 5 + "x, y z, " * 3000)) <= MOST
