"""Each change does at most what its name says."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.perturbation import (
    PERTURBATIONS,
    misheard,
    perturb,
    typing_error,
    without_punctuation,
)

seeds = st.integers(0, 10_000)


@given(st.text(), seeds)
def test_a_typing_error_touches_two_letters_at_most(text: str, seed: int) -> None:
    changed = typing_error(text, random.Random(seed))
    assert abs(len(changed) - len(text)) <= 1
    start = 0
    while start < min(len(text), len(changed)) and text[start] == changed[start]:
        start += 1
    end = 0
    room = min(len(text), len(changed)) - start
    while end < room and text[len(text) - 1 - end] == changed[len(changed) - 1 - end]:
        end += 1
    touched = text[start : len(text) - end]
    assert len(touched) <= 2
    assert all(letter in string.ascii_letters for letter in touched)


@pytest.mark.parametrize("text", ["", "a", "to be", "123 !?", "日本語"])
def test_no_typing_error_in_short_words(text: str) -> None:
    assert typing_error(text, random.Random(0)) == text


@given(st.text(), seeds)
def test_without_punctuation_loses_nothing_but_signs_and_case(text: str, seed: int) -> None:
    changed = without_punctuation(text, random.Random(seed))
    kept = "".join(sign for sign in text if sign.isalnum() or sign.isspace() or sign in "_'")
    assert set(kept.lower()) <= set(changed) | set(text.lower())
    assert changed == changed.lower()
    assert not set(changed) & set('.,!?;:-()"')


def test_without_punctuation_keeps_words_apart_and_apostrophes() -> None:
    assert without_punctuation("Where's my CARD, please?", random.Random(0)) == (
        "where's my card please"
    )


@given(st.lists(st.sampled_from("I need to see your new card , for two weeks".split())), seeds)
def test_mishearing_changes_one_word_at_most(words: list[str], seed: int) -> None:
    changed = misheard(" ".join(words), random.Random(seed)).split(" ")
    if len(changed) == len(" ".join(words).split(" ")):
        pairs = zip(" ".join(words).split(" "), changed, strict=True)
        assert sum(one != other for one, other in pairs) <= 1


def test_mishearing_writes_what_sounds_alike() -> None:
    assert misheard("my mail", random.Random(0)) == "my male"
    assert misheard("nothing alike", random.Random(0)) == "nothing alike"


@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_the_same_seed_gives_the_same_texts(kind: str) -> None:
    texts = ["I want to see your new list", "why was there a charge"] * 5
    assert perturb(texts, kind, 1) == perturb(texts, kind, 1)
    assert len(perturb(texts, kind, 1)) == len(texts)
