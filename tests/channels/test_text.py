"""Long texts, in parts that a platform takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.text import split_text


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        ("  \n ", 10, []),
        ("Hello there.", 20, ["Hello there."]),
        ("One two. Three four. Five.", 19, ["One two.", "Three four. Five."]),
        ("One two. Three four. Five.", 20, ["One two. Three four.", "Five."]),
        ("Really?! Yes. No.", 12, ["Really?!", "Yes. No."]),
        ('He said "go." She went.', 14, ['He said "go."', "She went."]),
        ("First line\nsecond line", 15, ["First line", "second line"]),
        ("It costs 3.50 and more words", 14, ["It costs 3.50", "and more words"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        # An emoji counts as two, and is never cut in half.
        ("😀😀😀", 3, ["😀", "😀", "😀"]),
        ("😀😀", 1, ["😀", "😀"]),
    ],
)
def test_a_text_is_split_at_sentences(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text, limit) == parts


@given(st.text(alphabet="ab .!?\n😀\"'", max_size=200), st.integers(2, 30))
def test_nothing_is_lost_and_every_part_fits(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert re.sub(r"\s+", "", "".join(parts)) == re.sub(r"\s+", "", text)
    for part in parts:
        assert part == part.strip() != ""
        assert len(part.encode("utf-16-le")) // 2 <= limit
