"""How words sound, those that no dictionary has included."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.letters import LetterModel
from voice.pronunciation import Pronunciations


def test_the_dictionary_knows_several_ways_to_say_a_word(pronunciations: Pronunciations) -> None:
    assert "tomato" in pronunciations
    assert ("T", "AH", "M", "EY", "T", "OW") in pronunciations.of("tomato")
    assert len(pronunciations.of("tomato")) > 1


def test_parts_are_said_one_after_the_other(pronunciations: Pronunciations) -> None:
    assert "wi-kitchen" not in pronunciations
    (found,) = pronunciations.of("wi-kitchen")
    assert found[-5:] == pronunciations.of("kitchen")[0][-5:] and len(found) > 6


def test_what_has_no_letters_has_no_sound(pronunciations: Pronunciations) -> None:
    assert pronunciations.of("…") == pronunciations.of("数字") == []


@pytest.mark.slow
def test_words_that_it_never_saw_are_mostly_right(pronunciations: Pronunciations) -> None:
    sounds, words = pronunciations.measure(150)
    # 0.09 and 0.35 where it was written.
    assert 0.0 < sounds < 0.15 and words < 0.5
    assert pronunciations.of("zigbee") == [("Z", "IH", "G", "B", "IY")]


def test_letters_are_learnt_from_the_dictionary_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "words.dict"
    words = ["ba", "bab", "abba", "ab", "bax", "axa", "xab"]
    sound = {"a": "AA", "b": "B", "x": "K S"}
    path.write_text("".join(f"{one} {' '.join(sound[each] for each in one)}\n" for one in words))
    model = LetterModel.learn(
        [(one, tuple(" ".join(sound[each] for each in one).split())) for one in words]
    )
    assert model.pronounce("baxab") == ("B", "AA", "K", "S", "AA", "B")
    assert model.pronounce("bac") is None
    assert Pronunciations(path).of("abba") == [("AA", "B", "B", "AA")]
