"""What people say, and the values in it: the tables of `cases.py`."""

from __future__ import annotations

import pytest

from custom_components.value_extraction import ValueExtractor
from tests.custom_components.value_extraction import cases
from tests.custom_components.value_extraction.cases import Case
from tests.custom_components.value_extraction.conftest import entities_of, shorten


@pytest.mark.parametrize("case", cases.AT_THREE, ids=lambda case: case[0])
def test_on_a_wednesday_at_three(extractor: ValueExtractor, case: Case) -> None:
    text, *expected = case

    found = entities_of(extractor, text, cases.WEDNESDAY_AT_THREE)

    assert [shorten(one) for one in found] == expected


@pytest.mark.parametrize(
    ("at", "zone", "case"), cases.AT_OTHER_TIMES, ids=lambda part: str(part[0])[:40]
)
def test_at_other_times(extractor: ValueExtractor, at: str, zone: str, case: Case) -> None:
    text, *expected = case

    assert [shorten(one) for one in entities_of(extractor, text, at, zone)] == expected


@pytest.mark.parametrize(("at", "zone", "text", "expected"), cases.CLOCK_CHANGES)
def test_when_the_clocks_change(
    extractor: ValueExtractor, at: str, zone: str, text: str, expected: str
) -> None:
    (found,) = entities_of(extractor, text, at, zone)

    assert found["value"] == expected


def test_no_case_is_written_twice() -> None:
    texts = [case[0] for case in cases.AT_THREE]

    assert sorted(texts) == sorted(set(texts))
    assert len(texts) >= 350
