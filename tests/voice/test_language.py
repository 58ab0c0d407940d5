"""Training data as a language model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.voice.conftest import HOUSE, marked
from voice.language import Language, LanguageError, Sayable, Sentence, train
from voice.pronunciation import Pronunciations


def test_what_is_kept_is_what_was_made(house: Path) -> None:
    language = Language.load(house)
    assert language.fingerprint == HOUSE.fingerprint()
    assert language.guessed == language.left_out == ()
    assert (house / "words.dict").read_text().count("\n") >= language.words


def test_the_same_data_make_the_same_files(
    house: Path, tmp_path: Path, pronunciations: Pronunciations
) -> None:
    train(HOUSE, tmp_path, pronunciations)
    for path in sorted(house.iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_each_change_changes_the_fingerprint() -> None:
    longer = replace(HOUSE, sentences=(*HOUSE.sentences, Sentence("good night")))
    richer = replace(HOUSE, values={**HOUSE.values, "room": ("cellar",)})
    bare = replace(HOUSE, sentences=tuple(Sentence(one.text) for one in HOUSE.sentences))
    found = {one.fingerprint() for one in (HOUSE, longer, richer, bare)}
    assert len(found) == 4
    assert Sayable(HOUSE.sentences[::-1], HOUSE.values).fingerprint() == HOUSE.fingerprint()


def test_words_of_other_alphabets_are_left_out(
    tmp_path: Path, pronunciations: Pronunciations
) -> None:
    sayable = Sayable((Sentence("good night"), Sentence("доброй ночи")))
    assert train(sayable, tmp_path, pronunciations).left_out == ("доброй", "ночи")
    assert "доброй" not in (tmp_path / "commands.fsg").read_text()


@pytest.mark.parametrize("sentences", [(), (Sentence(""),), (Sentence("доброй ночи"),)])
def test_there_has_to_be_something_to_say(
    sentences: tuple[Sentence, ...], tmp_path: Path, pronunciations: Pronunciations
) -> None:
    with pytest.raises(LanguageError, match="no sentence"):
        train(Sayable(sentences), tmp_path, pronunciations)


def test_spans_that_overlap_or_are_empty_do_no_harm(
    tmp_path: Path, pronunciations: Pronunciations
) -> None:
    one = marked("turn on the {device:lamp}")
    spans = (*one.spans, replace(one.spans[0], begin=14), replace(one.spans[0], begin=3, end=3))
    train(Sayable((replace(one, spans=spans),)), tmp_path, pronunciations)
    assert " lamp" in (tmp_path / "commands.fsg").read_text()


def test_no_folder_an_older_one_and_a_damaged_one(house: Path, tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match="train first"):
        Language.load(tmp_path)
    facts = json.loads((house / "language.json").read_text())
    path = tmp_path / "language.json"
    path.write_text(json.dumps({**facts, "version": 0}))
    with pytest.raises(LanguageError, match="version 0; this is version"):
        Language.load(tmp_path)
    for text in ("", "[]", "{}", json.dumps({**facts, "more": 1}), json.dumps(facts)[:-9]):
        path.write_text(text)
        with pytest.raises(LanguageError, match="damaged"):
            Language.load(tmp_path)
