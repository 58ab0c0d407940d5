"""Words that follow each other: probabilities that are some, from templates, values and English."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pocketsphinx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.general import GeneralModel, GeneralModelError
from voice.ngrams import BEGIN, END, Mixed, Mixing, Values, count
from voice.sphinx import english_path

TEMPLATES = [
    ("add", "<item", "to", "my", "list"),
    ("add", "<item"),
    ("buy", "<number", "<item"),
    ("what", "is", "on", "my", "list"),
]
CLASSES = {
    "<item": Values([("milk",), ("brown", "bread"), ("very", "old", "cheese")], 0.5),
    "<number": Values([("two",), ("twenty", "two")]),
}


@pytest.fixture(scope="module")
def english() -> GeneralModel:
    return GeneralModel.read(english_path())


def mixed(english: GeneralModel | None, mixing: Mixing | None = None) -> Mixed:
    mixing = mixing or Mixing(words=500, pairs=3000, least=0.0)
    known = frozenset(english.words) if english else frozenset[str]()
    return Mixed(count(TEMPLATES, CLASSES, mixing), english, known, mixing)


@pytest.mark.parametrize("with_english", [False, True])
def test_what_can_follow_adds_up_to_one(english: GeneralModel, with_english: bool) -> None:
    model = mixed(english if with_english else None)
    for first in ("add", "milk", "twenty", "old", "my", BEGIN, *(["the"] if with_english else [])):
        assert sum(model.pair(first, word) for word in model.singles) == pytest.approx(1)
    assert {("add", "milk"), ("very", "old"), ("brown", "bread")} <= set(model.triples)
    for first, second in model.triples:
        whole = sum(model.triple(first, second, word) for word in model.singles)
        assert whole == pytest.approx(1)


WORD = st.sampled_from(["a", "b", "c", "<x", "<y"])


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.lists(WORD, min_size=1, max_size=4).map(tuple), min_size=1, max_size=6),
    st.sets(st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple), min_size=1),
    st.floats(0, 1),
)
def test_it_does_for_any_templates(
    templates: set[tuple[str, ...]], values: set[tuple[str, ...]], unseen: float
) -> None:
    classes = {"<x": Values(sorted(values), unseen), "<y": Values([("d", "d")])}
    mixing = Mixing()
    model = Mixed(count(sorted(templates), classes, mixing), None, frozenset(), mixing)
    for first in model.pairs:
        if first != END:
            assert sum(model.pair(first, word) for word in model.singles) == pytest.approx(1)
    for context in model.triples:
        assert sum(model.triple(*context, word) for word in model.singles) == pytest.approx(1)


def test_values_stand_for_each_other() -> None:
    model = mixed(None)
    # "Bread" was never seen before "to", but cheese is an item as well.
    assert model.triple("brown", "bread", "to") > 5 * model.singles["to"]
    assert model.pair("buy", "twenty") > model.pair("buy", "milk")


def test_a_class_of_values_seen_once_expects_others(english: GeneralModel) -> None:
    def of_add(unseen: float) -> float:
        classes = {**CLASSES, "<item": Values(CLASSES["<item"].values, unseen)}
        mixing = Mixing(words=500, pairs=3000)
        model = Mixed(count(TEMPLATES, classes, mixing), english, frozenset(english.words), mixing)
        return model.pair("add", "water")

    assert of_add(0.5) > of_add(0.0)


def test_english_is_read_as_the_engine_reads_it(english: GeneralModel) -> None:
    engine = pocketsphinx.NGramModel(
        pocketsphinx.Config(), pocketsphinx.LogMath(1.0001), str(english_path())
    )
    number = {word: one for one, word in enumerate(english.words)}
    assert len(number) == 72_547
    chance = np.random.default_rng(0)
    listed = chance.choice(len(english.pairs), 200)
    pairs = [(english.before[one], english.behind[one], english.pairs[one]) for one in listed]
    pairs.append(
        (
            number["roman"],
            number["banana"],
            english.backoffs[number["roman"]] + english.probabilities[number["banana"]],
        )
    )
    for before, behind, probability in pairs:
        asked = [english.words[behind], english.words[before]]
        assert engine.prob(asked) * np.log10(1.0001) == pytest.approx(probability, abs=1e-3)


def test_what_is_no_model_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"no model")
    with pytest.raises(GeneralModelError, match="a.bin is no binary model"):
        GeneralModel.read(path)


def test_the_file_is_one_that_the_engine_reads(english: GeneralModel, tmp_path: Path) -> None:
    model = mixed(english)
    path = tmp_path / "open.arpa"
    path.write_text(model.arpa())
    engine = pocketsphinx.NGramModel(pocketsphinx.Config(), pocketsphinx.LogMath(1.0001), str(path))
    for words in (("add", "milk", "to"), ("buy", "two", "the"), ("of", "the", "add")):
        found = engine.prob(list(reversed(words))) * np.log10(1.0001)
        assert found == pytest.approx(np.log10(model.triple(*words)), abs=2e-3)
