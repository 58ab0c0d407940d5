"""What is done to sentences: what comes out, and that it can be had again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scripts.audit.changes import CHANGES, apply_change


@pytest.mark.parametrize(
    ("change", "text", "changed"),
    [
        ("lower_case", "Wake me at 7 AM", "wake me at 7 am"),
        ("upper_case", "wake me", "WAKE ME"),
        ("sentence_case", "what's up, Anna", "What's up, Anna"),
        ("title_case", "what's in my bag", "What's In My Bag"),
        ("no_punctuation", "well, add 1.5 litres, please!", "well add 1.5 litres please"),
        ("no_apostrophes", "I don’t, you don't", "I dont, you dont"),
        ("curly_apostrophes", "don't", "don’t"),
        ("contracted", "I am sure that is it", "I'm sure that's it"),
        ("uncontracted", "I'm sure that's it", "I am sure that is it"),
        ("texting", "are you and the cat coming tomorrow", "r u n the cat coming tmrw"),
        ("extra_spaces", "wake me", " wake  me "),
        ("lengthened", "buy a milkshake please", "buy a milkshake pleaseee"),
        ("please, {text}", "wake me", "please, wake me"),
    ],
)
def test_change(change: str, text: str, changed: str) -> None:
    assert apply_change(change, text, "seed") == changed


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("lower_case", "wake me"),
        ("no_apostrophes", "wake me"),
        ("contracted", "wake me"),
        ("swapped_letters", "a to be"),
        ("missing_space", "hello"),
        ("lengthened", "brrr"),
    ],
)
def test_a_change_that_does_nothing_is_none(change: str, text: str) -> None:
    assert apply_change(change, text, "seed") is None


@pytest.mark.parametrize(
    ("change", "longer"),
    [
        ("swapped_letters", 0),
        ("missing_letter", -1),
        ("doubled_letter", 1),
        ("neighbouring_key", 0),
        ("missing_space", -1),
    ],
)
def test_a_typing_error_is_one_error(change: str, longer: int) -> None:
    text = "remind me to water the tomatoes"
    found = {apply_change(change, text, str(seed)) for seed in range(30)}
    assert len(found) > 5 or change == "missing_space"
    for changed in found:
        assert changed is not None and changed != text
        assert len(changed) == len(text) + longer


@given(some.text(), some.sampled_from(sorted(CHANGES)), some.integers())
def test_any_text_is_changed_or_left_out_and_always_alike(
    text: str, change: str, seed: int
) -> None:
    changed = CHANGES[change](text, random.Random(seed))
    assert changed is None or isinstance(changed, str)
    assert changed == CHANGES[change](text, random.Random(seed))


def test_an_unknown_change_is_refused() -> None:
    with pytest.raises(KeyError):
        apply_change("translated", "wake me", "seed")
