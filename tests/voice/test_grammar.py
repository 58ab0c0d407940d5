"""Grammars out of templates and values."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import grammar
from voice.grammar import factored, minimal

WORDS = st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map(tuple)


@given(st.sets(WORDS, min_size=1, max_size=12))
def test_the_minimal_automaton_accepts_these_and_no_other(sequences: set[tuple[str, ...]]) -> None:
    automaton = minimal(sequences)
    for length in range(6):
        for word in itertools.product("abc", repeat=length):
            state: int | None = 0
            for token in word:
                state = None if state is None else automaton.arcs[state].get(token)
            assert (state is not None and state in automaton.finals) == (word in sequences)


def test_states_that_go_on_alike_are_one() -> None:
    sentences = [(verb, "the", thing) for verb in ("open", "close", "paint") for thing in "xyz"]
    assert len(minimal(sentences).arcs) == 4


@given(st.sets(WORDS, min_size=1, max_size=8), st.sets(WORDS, min_size=1, max_size=4))
def test_a_grammar_accepts_each_template_with_each_value(
    templates: set[tuple[str, ...]], values: set[tuple[str, ...]]
) -> None:
    # In the place of c stands a class.
    made = factored(
        [tuple("<c" if token == "c" else token for token in one) for one in templates],
        {"<c": sorted(values)},
    )
    for template in templates:
        for value in values:
            said = [word for token in template for word in (value if token == "c" else (token,))]
            assert made.accepts(" ".join(said))


def test_what_was_not_said_is_not_accepted() -> None:
    made = factored([("turn", "on", "<device")], {"<device": [("lamp",), ("lamp", "post")]})
    assert made.accepts("turn on lamp post") and made.accepts("turn on lamp")
    for text in ("", "turn on", "turn on post", "turn on lamp lamp", "lamp"):
        assert not made.accepts(text)


def test_large_classes_share_one_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = [("buy", "<item"), ("put", "<item", "on", "the", "list"), ("no", "<item", "please")]
    values = {"<item": [(letter,) for letter in "abcdefgh"]}
    exact = factored(templates, values)
    monkeypatch.setattr(grammar, "MOST_TRANSITIONS", 10)
    shared = factored(templates, values)
    assert len(shared.transitions) < len(exact.transitions)
    assert all(shared.accepts(text) for text in ("buy h", "put a on the list", "no c please"))
    assert not shared.accepts("buy a a")


def test_there_has_to_be_something_to_say() -> None:
    with pytest.raises(ValueError, match="at least one sentence"):
        factored([()], {})
    with pytest.raises(ValueError, match="<city has no values"):
        factored([("to", "<city")], {})
