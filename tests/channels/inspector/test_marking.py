"""Entities on a message's text."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels.inspector.marking import segments


def entity(start: Any, end: Any) -> dict[str, Any]:
    return {"entity": "thing", "start": start, "end": end}


def test_entities_within_each_other_overlapping_and_on_the_same_words() -> None:
    text = "tomorrow at seven in Oslo"
    entities = [entity(0, 17), entity(12, 17), entity(0, 17), entity(9, 25)]
    assert segments(text, entities) == [
        {"text": "tomorrow ", "entities": [0, 2]},
        {"text": "at ", "entities": [0, 2, 3]},
        {"text": "seven", "entities": [0, 1, 2, 3]},
        {"text": " in Oslo", "entities": [3]},
    ]


def test_what_has_no_place_is_on_no_text() -> None:
    nowhere = [entity(None, None), entity(3, 3), entity(9, 12), entity(-1, 2), {"entity": "x"}]
    assert segments("seven", nowhere) == [{"text": "seven", "entities": []}]
    assert segments("", nowhere) == []


def test_letters_beyond_the_first_plane_count_as_one() -> None:
    assert segments("🙂 Oslo", [entity(2, 6)]) == [
        {"text": "🙂 ", "entities": []},
        {"text": "Oslo", "entities": [0]},
    ]


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=8),
)
def test_no_letter_is_lost_and_each_has_the_entities_on_it(
    text: str, places: list[tuple[int, int]]
) -> None:
    entities = [entity(start, end) for start, end in places]
    cut = segments(text, entities)
    assert "".join(segment["text"] for segment in cut) == text
    on_letters = [segment["entities"] for segment in cut for _ in segment["text"]]
    for position, numbers in enumerate(on_letters):
        assert numbers == [
            number
            for number, (start, end) in enumerate(places)
            if 0 <= start <= position < min(end, len(text))
        ]
