"""Labels, tags, units of text, and the best path through tags."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.joint_bert.encoder import load_tokenizer
from custom_components.joint_bert.labels import (
    OUTSIDE,
    EntityLabel,
    Example,
    LabelSpace,
    Span,
    may_follow,
)
from custom_components.joint_bert.tagging import allowed_steps, best_path
from custom_components.joint_bert.tokenization import (
    NO_UNIT,
    TextEncoder,
    collate,
    is_aligned,
    tags_for,
)

ITEM = EntityLabel("item")
CITY_FROM = EntityLabel("city", "from")
CITY_TO = EntityLabel("city", "to", "1")


@pytest.fixture(scope="module")
def text_encoder(tiny_encoder: Path) -> TextEncoder:
    return TextEncoder(load_tokenizer(tiny_encoder), max_length=64)


def spans_of(encoder: TextEncoder, text: str) -> list[str]:
    (encoded,) = encoder.encode([text])
    return [text[start:end] for start, end in encoded.unit_spans]


def test_labels_are_numbered_by_name_and_survive_json() -> None:
    examples = [
        Example("x", "b", "positive", (Span(0, 1, CITY_TO), Span(0, 1, ITEM))),
        Example("y", "a", None, (Span(0, 1, CITY_FROM),)),
        Example("z", None, None, None),
    ]
    labels = LabelSpace.of(examples, ["negative", "neutral", "positive"])

    assert labels.intents == ("a", "b")
    assert labels.sentiments == ("negative", "neutral", "positive")
    assert labels.entities == (CITY_FROM, CITY_TO, ITEM)
    assert labels.tag_count == 7
    assert LabelSpace.from_json(labels.as_json()) == labels
    for label in labels.entities:
        begin = labels.begin_tag(label)
        assert labels.entity_of(begin) == labels.entity_of(begin + 1) == label


def test_without_sentiment_in_the_data_there_are_no_classes() -> None:
    assert LabelSpace.of([Example("x", "a")], ["bad", "good"]).sentiments == ()
    assert LabelSpace.of([], []).is_empty


def test_an_entity_goes_on_only_where_it_began() -> None:
    # Tags: 0 outside, 1 and 2 the first label, 3 and 4 the second.
    allowed = {(a, b) for a, b in itertools.product(range(5), repeat=2) if may_follow(a, b)}
    forbidden = {(a, 2) for a in (0, 3, 4)} | {(a, 4) for a in (0, 1, 2)}

    assert allowed == set(itertools.product(range(5), repeat=2)) - forbidden


def test_units_are_words_parted_where_digits_meet_letters(text_encoder: TextEncoder) -> None:
    assert spans_of(text_encoder, "add 500g of Milk, please!") == [
        "add",
        "500",
        "g",
        "of",
        "Milk",
        ",",
        "please",
        "!",
    ]


def test_pieces_of_one_word_are_one_unit(text_encoder: TextEncoder) -> None:
    (encoded,) = text_encoder.encode(["buying eggs"])

    # "buying" is "buy" and "##ing" between [CLS] and [SEP].
    assert encoded.piece_units == [NO_UNIT, 0, 0, 1, NO_UNIT]


def test_spans_become_tags_and_a_span_inside_a_word_takes_the_word(
    text_encoder: TextEncoder,
) -> None:
    labels = LabelSpace((), (), (CITY_FROM, ITEM))
    text = "fly from paris to buying eggs"
    (encoded,) = text_encoder.encode([text])
    inside = Span(text.index("ing"), text.index("ing") + 8, ITEM)

    tags = tags_for(encoded, [Span(9, 14, CITY_FROM), inside], labels)

    assert tags == [0, 0, 1, 0, 3, 4]
    assert is_aligned(encoded, Span(9, 14, CITY_FROM))
    assert not is_aligned(encoded, inside)


def test_a_span_beyond_what_is_read_is_no_error(text_encoder: TextEncoder) -> None:
    text = "hello " * 100 + "paris"
    (encoded,) = text_encoder.encode([text])
    span = Span(600, 605, CITY_FROM)

    assert is_aligned(encoded, span)
    assert set(tags_for(encoded, [span], LabelSpace((), (), (CITY_FROM,)))) == {OUTSIDE}


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_units_lie_in_order_inside_of_any_text(tiny_encoder: Path, text: str) -> None:
    encoder = TextEncoder(load_tokenizer(tiny_encoder), max_length=64)
    (encoded,) = encoder.encode([text])

    assert len(encoded.piece_ids) == len(encoded.piece_units) <= 64
    places = [place for span in encoded.unit_spans for place in span]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in encoded.unit_spans)
    used = [unit for unit in encoded.piece_units if unit != NO_UNIT]
    assert used == sorted(used)
    assert set(used) == set(range(len(encoded.unit_spans)))


def test_a_batch_packs_and_numbers_units_through(text_encoder: TextEncoder) -> None:
    batch = collate(text_encoder.encode(["hello", "buying eggs"]))

    assert batch.lengths == [3, 5]
    assert len(batch.piece_ids) == 8
    assert batch.text_of_piece.tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert batch.first_pieces.tolist() == [0, 3]
    assert batch.unit_counts == [1, 2]
    assert batch.unit_places.tolist() == [1, 4, 5, 6]
    assert batch.unit_numbers.tolist() == [0, 1, 1, 2]


def test_no_texts_are_no_batches(text_encoder: TextEncoder) -> None:
    assert text_encoder.encode([]) == []


@given(
    st.integers(0, 4).flatmap(
        lambda units: st.lists(
            st.lists(st.floats(0.001, 1.0), min_size=5, max_size=5), min_size=units, max_size=units
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_the_best_path_is_the_best_of_all_allowed_ones(rows: list[list[float]]) -> None:
    probabilities = np.array(rows).reshape(len(rows), 5)

    def score(path: tuple[int, ...]) -> float:
        if not all(map(may_follow, (OUTSIDE, *path), path)):
            return -math.inf
        return sum(math.log(rows[unit][tag]) for unit, tag in enumerate(path))

    expected = max(score(path) for path in itertools.product(range(5), repeat=len(rows)))

    assert score(tuple(best_path(probabilities, allowed_steps(np.zeros((5, 5)))))) == pytest.approx(
        expected
    )
