"""Answers from real documents with the real encoder: what is said, and what is not known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.knowledge import LEAST_PROBABILITY, LEAST_UNASKED
from custom_components.sentence_encoder import SentenceEncoder
from knowledge_base.answering import MOST_CHARACTERS, MOST_SENTENCES, Answer, KnowledgeBase, cut
from knowledge_base.index import Found
from knowledge_base.passages import Passage
from knowledge_base.scoring import Evidence, probability
from tests.knowledge_base.conftest import DOCUMENTS

QUESTIONS: dict[str, Any] = yaml.safe_load(
    (DOCUMENTS.parent / "knowledge_questions.yml").read_text(encoding="utf-8")
)
ANSWERABLE = [pair for pairs in QUESTIONS["answerable"].values() for pair in pairs]


@pytest.fixture
def ask(
    documents: Path, tmp_path: Path, packaged: tuple[SentenceEncoder, str]
) -> Callable[[str], Answer | None]:
    """Asks the documents of the tests."""
    base = KnowledgeBase(documents, tmp_path / "kept", lambda: packaged)
    return base.answer


@pytest.mark.slow
def test_questions_with_an_answer_get_it(ask: Callable[[str], Answer]) -> None:
    answered, right, in_short = 0, 0, 0
    for question, words in ANSWERABLE:
        answer = ask(question)
        answered += answer.probability >= LEAST_PROBABILITY
        if answer.probability >= LEAST_PROBABILITY:
            right += words in " ".join((answer.text, *answer.rest))
            in_short += words in answer.text

    assert answered >= 0.7 * len(ANSWERABLE)
    assert right >= 0.9 * answered
    assert in_short >= 0.85 * answered


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "least", "most"), [
    ("far", LEAST_PROBABILITY, 0.0), ("near", LEAST_PROBABILITY, 0.25), ("near", LEAST_UNASKED, 0.1)
])  # fmt: skip
def test_questions_without_an_answer_get_none(
    ask: Callable[[str], Answer], kind: str, least: float, most: float
) -> None:
    questions = QUESTIONS["unanswerable"][kind]
    said = [question for question in questions if ask(question).probability >= least]

    assert len(said) <= most * len(questions), said


@pytest.mark.slow
@pytest.mark.parametrize("document", sorted(QUESTIONS["answerable"]))
def test_an_answer_is_forgotten_with_its_document(
    documents: Path, tmp_path: Path, packaged: tuple[SentenceEncoder, str], document: str
) -> None:
    (documents / document).unlink()
    base = KnowledgeBase(documents, tmp_path / "kept", lambda: packaged)
    for question, _ in QUESTIONS["answerable"][document]:
        answer = base.answer(question)
        assert answer is not None
        assert answer.probability < LEAST_PROBABILITY, (question, answer)


def test_there_are_enough_questions() -> None:
    assert len(ANSWERABLE) >= 40
    assert sum(map(len, QUESTIONS["unanswerable"].values())) >= 40
    texts = {path.name for path in DOCUMENTS.iterdir()}
    assert set(QUESTIONS["answerable"]) == texts


def test_the_source_is_named(ask: Callable[[str], Answer]) -> None:
    assert ask("how do I descale the coffee machine").source == (
        'coffee-machine.md, under "Descaling"'
    )
    assert ask("what does error E07 mean").source == "bicycle.pdf, page 2"


def test_five_thousand_words_are_a_question_too(ask: Callable[[str], Answer]) -> None:
    assert ask("how do I descale the coffee machine " * 700).text


@pytest.mark.parametrize("question", ["", "?", "😀", "a" * 5000, "\0", "{answer} %s <b>"])
def test_strange_questions_are_not_answered(ask: Callable[[str], Answer], question: str) -> None:
    assert ask(question).probability < LEAST_PROBABILITY


def test_nothing_to_be_asked(
    folder: Path, tmp_path: Path, packaged: tuple[SentenceEncoder, str]
) -> None:
    for place in (folder, folder / "nowhere"):
        base = KnowledgeBase(place, tmp_path / "kept", lambda: packaged)
        assert not base.has_documents()
        assert base.answer("how do I descale it") is None


def found(sentences: list[str], *meanings: float) -> Found:
    passage = Passage("Book", ("Part",), None, tuple(sentences))
    return Found(passage, "book.md", Evidence(0.5, max(meanings), 0.5), meanings)


def test_an_answer_begins_with_the_sentence_that_answers() -> None:
    answer = cut(found(["One.", "Two.", "Three.", "Four.", "Five."], 0.1, 0.9, 0.1, 0.1, 0.1), "x")

    assert answer.text == "Two. Three. Four."
    assert answer.rest == ("Five.", "One.")


def test_an_answer_is_short_but_never_cut_in_a_sentence() -> None:
    long = "word " * 80 + "end."
    answer = cut(found(["Short.", long, "Next."], 0.9, 0.1, 0.1), "x")
    assert answer.text == "Short."
    assert len(cut(found([long, "Next."], 0.9, 0.1), "x").text) > MOST_CHARACTERS
    many = cut(found(["Short."] * 9, 0.9, *[0.1] * 8), "x")
    assert many.text.count("Short.") == MOST_SENTENCES


def test_words_decide_between_sentences_of_about_the_same_meaning() -> None:
    answer = cut(found(["Paper goes here.", "Glass goes there."], 0.5, 0.48), "where does glass go")
    assert answer.text == "Glass goes there."


def test_more_evidence_is_more_probable() -> None:
    weak, strong = Evidence(0.2, 0.3, 0.1), Evidence(0.5, 0.7, 1.0)
    assert 0 < probability(weak) < 0.5 < probability(strong) < 1
