"""The opinion of letters and words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from custom_components.joint_bert.ngrams import NgramClassifier, ngrams

TEXTS = [
    "add milk to the list",
    "add eggs please",
    "what is on the list",
    "read me the list",
    "good morning",
    "hello you",
]
CLASSES = [0, 0, 1, 1, 3, 3]


@pytest.fixture(scope="module")
def classifier() -> NgramClassifier:
    fitted = NgramClassifier.fit(TEXTS, CLASSES, 4, seed=0)
    assert fitted is not None
    return fitted


def test_ngrams_of_words_and_letters() -> None:
    words, letters = ngrams("Add 2 eggs, eggs!")

    assert set(words) == {"add", "2", "eggs", "add 2", "2 eggs", "eggs eggs"}
    assert set(letters) == {" ad", "add", "dd ", " 2 ", " eg", "egg", "ggs", "gs "}


def test_no_flood_of_letters() -> None:
    words, letters = ngrams("a" * 100_000)

    assert len(max(words, key=len)) < 100
    assert set(letters) == {" aa", "aaa", "aa "}


def test_it_learns_what_it_is_shown(classifier: NgramClassifier) -> None:
    assert classifier.scores(TEXTS).argmax(1).tolist() == CLASSES
    assert classifier.scores(["please add bread", "helo"]).argmax(1).tolist() == [0, 3]


def test_an_intent_without_texts_is_never_meant(classifier: NgramClassifier) -> None:
    assert (classifier.scores(TEXTS)[:, 2] == -1.0).all()


def test_what_has_nothing_known_in_it_says_nothing(classifier: NgramClassifier) -> None:
    assert (classifier.scores(["", "日本語", "?!"]) == 0.0).all()


def test_the_weights_are_those_of_sklearns_vectorizers() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    classifier = NgramClassifier.fit(TEXTS, CLASSES, 4, seed=0)
    assert classifier is not None
    words = TfidfVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\w+")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), binary=True)
    expected = np.hstack([one.fit_transform(TEXTS).toarray() for one in (words, letters)])

    found = np.zeros_like(expected)
    for row, text in enumerate(TEXTS):
        places, values = classifier._weighed(ngrams(text))
        found[row, places] = values

    assert classifier.words == list(words.get_feature_names_out())
    assert classifier.letters == list(letters.get_feature_names_out())
    assert np.allclose(found, expected, atol=1e-6)


def test_two_intents_are_two_columns() -> None:
    classifier = NgramClassifier.fit(["yes", "sure", "no", "never"], [0, 0, 1, 1], 2, seed=0)
    assert classifier is not None

    assert classifier.scores(["yes", "never"]).argmax(1).tolist() == [0, 1]
    assert np.allclose(classifier.scores(["yes"])[:, 0], -classifier.scores(["yes"])[:, 1])


@pytest.mark.parametrize("classes", [[], [1, 1]])
def test_nothing_to_tell_apart(classes: list[int]) -> None:
    assert NgramClassifier.fit(["a"] * len(classes), classes, 2, seed=0) is None


def test_it_stays_where_it_is(classifier: NgramClassifier) -> None:
    moved = torch.nn.Sequential(classifier).to(torch.float64)

    assert moved[0] is classifier
    assert classifier.weights.dtype is torch.float16
