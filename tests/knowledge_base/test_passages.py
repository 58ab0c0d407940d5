"""Documents in passages, sentences, and words."""

from __future__ import annotations

import pytest

from knowledge_base.passages import MOST_WORDS, Passage, split_document, split_sentences
from knowledge_base.reading import Document
from knowledge_base.sections import Section
from knowledge_base.words import WordIndex, terms


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Call Mrs. Novak. She knows.", ["Call Mrs. Novak.", "She knows."]),
        ("It costs 1.50 euros. Pay it.", ["It costs 1.50 euros.", "Pay it."]),
        ("Use salt, e.g. Sea salt. Stir.", ["Use salt, e.g. Sea salt.", "Stir."]),
        ("J. Smith wrote it.", ["J. Smith wrote it."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_what_never_ends_is_cut() -> None:
    parts = split_sentences("word " * 1000)
    assert all(len(part.split()) <= MOST_WORDS for part in parts)
    assert sum(len(part.split()) for part in parts) == 1000


def test_long_sections_are_split_between_sentences_into_about_equal_parts() -> None:
    sentences = [f"Sentence number {number} has seven words here." for number in range(60)]
    section = Section(("Book", "Chapter"), (" ".join(sentences),))

    passages = split_document(Document("Book", [section]))

    assert [one for passage in passages for one in passage.sentences] == sentences
    lengths = [len(passage.text.split()) for passage in passages]
    assert max(lengths) <= MOST_WORDS
    assert min(lengths) > MOST_WORDS / 2


def test_passages_know_what_they_stand_under() -> None:
    sections = [Section(("Book", "A"), ("Text.",), 3), Section(("Book", "A", "B"), ("More.",))]

    first, second = split_document(Document("Book", sections))

    assert (first.headings, first.page, first.heading) == (("A",), 3, "Book, A")
    assert second.searchable() == ["Book, A, B: More.", "B: More."]
    assert Passage("Book", (), None, ("X.",)).searchable() == ["Book: X.", "Book: X."]


def test_terms_are_what_a_question_is_about() -> None:
    assert terms("How do I descale the machine?") == terms("descaling machines")
    assert terms("what does the manual say about it") == []
    assert terms("Batteries") == terms("battery")
    assert terms("E07 in 2 l") == ["e07", "2"]


def test_rare_words_count_for_more() -> None:
    index = WordIndex(["the lamp is red", "the lamp is green", "the lamp is out", "salt"])

    red, green, _, salt = index.coverage("red lamp")

    assert red == pytest.approx(1.0)
    assert 0 < green < 0.5
    assert salt == 0
    assert index.knows_any("LAMPS") and not index.knows_any("tell me the weather")
    assert index.coverage("what is it") == [0.0] * 4
    assert WordIndex([]).coverage("lamp") == []
