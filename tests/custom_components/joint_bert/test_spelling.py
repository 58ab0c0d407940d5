"""Misspelt words, and the words that they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from custom_components.joint_bert.encoder import load_tokenizer
from custom_components.joint_bert.spelling import Speller
from custom_components.joint_bert.tokenization import TextEncoder

SPELLER = Speller.of(["Add milk and BUTTER", "what is on the shopping list", "buy milk", "salt"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("shoping", "shopping"),
        ("shoppping", "shopping"),
        ("hsopping", "shopping"),
        ("shopoing", "shopping"),
        ("Buter", "butter"),
        ("MILKK", "milk"),
    ],
)
def test_one_letter_away(written: str, meant: str) -> None:
    assert SPELLER.correct(written) == meant


@pytest.mark.parametrize("word", ["milk", "shppng", "th", "ad", "an", "zebra", "mi1k", "", "?!"])
def test_what_is_left_alone(word: str) -> None:
    assert SPELLER.correct(word) is None


def test_of_several_the_one_that_begins_alike_and_then_the_usual_one() -> None:
    speller = Speller({"mild": 1, "milk": 5, "silk": 9})

    assert speller.correct("milq") == "milk"
    assert speller.correct("silq") == "silk"


@pytest.fixture()
def text_encoder(tiny_encoder: Path) -> TextEncoder:
    return TextEncoder(load_tokenizer(tiny_encoder), 64)


def test_it_is_read_corrected_and_stands_where_it_was_written(text_encoder: TextEncoder) -> None:
    text = "add   mlik, and buttr!"
    speller = Speller.of(["add milk and butter"])

    (corrected,) = text_encoder.encode([text], speller)
    (right,) = text_encoder.encode(["add   milk, and butter!"])

    assert corrected.text == right.text
    assert corrected.piece_ids == right.piece_ids
    assert [text[start:end] for start, end in corrected.unit_spans] == [
        "add",
        "mlik",
        ",",
        "and",
        "buttr",
        "!",
    ]


def test_words_of_another_length_move_nothing(text_encoder: TextEncoder) -> None:
    text = "shoppping list and milkk list"
    speller = Speller.of(["the shopping list", "milk"])

    (corrected,) = text_encoder.encode([text], speller)

    assert [text[start:end] for start, end in corrected.unit_spans] == text.split()


def test_known_words_of_the_encoder_are_not_touched(text_encoder: TextEncoder) -> None:
    # "milk" is a word of the encoder's; that "mild" is one of the data's does not matter.
    (corrected,) = text_encoder.encode(["milk"], Speller({"mild": 3}))

    assert corrected.text == "milk"
