"""Other values for entities: spans stay on values, and nothing else changes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from custom_components.joint_bert.exchange import exchange, known_values
from custom_components.joint_bert.labels import EntityLabel, Example, Span

CITY_FROM, CITY_TO = EntityLabel("city", "from"), EntityLabel("city", "to")


def marked(text: str, *values: tuple[str, EntityLabel]) -> Example:
    """Returns an example whose spans lie on the given parts of its text."""
    spans = [Span(text.index(value), text.index(value) + len(value), of) for value, of in values]
    return Example(text, "intent", spans=tuple(spans))


FLIGHT = marked("fly from paris to new york", ("paris", CITY_FROM), ("new york", CITY_TO))


def parts(example: Example) -> list[str]:
    """Returns the text outside of spans, in pieces."""
    pieces, done = [], 0
    for span in sorted(example.spans or ()):
        pieces.append(example.text[done : span.start])
        done = span.end
    return [*pieces, example.text[done:]]


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_spans_stay_on_values(seed: int, share: float) -> None:
    values = {"city": ["oslo", "rio de janeiro", "x"]}

    found = exchange(FLIGHT, values, share, random.Random(seed))

    assert parts(found) == parts(FLIGHT)
    assert found.intent == "intent"
    assert [span.label for span in found.spans or ()] == [CITY_FROM, CITY_TO]
    for span in found.spans or ():
        assert found.text[span.start : span.end] in {*values["city"], "paris", "new york"}


def test_values_are_shared_by_roles() -> None:
    values = known_values([FLIGHT])

    texts = {exchange(FLIGHT, values, 1.0, random.Random(seed)).text for seed in range(40)}

    assert "fly from new york to paris" in texts


def test_lists_add_values_of_known_entities_only() -> None:
    values = known_values([FLIGHT], {"city": ["oslo"], "animal": ["cat"]})

    assert values == {"city": ["new york", "oslo", "paris"]}


def test_closed_classes_are_left_alone() -> None:
    days = [marked(f"on {day}", (day, EntityLabel("day"))) for day in ("monday", "friday")] * 20

    assert known_values([FLIGHT, *days]).keys() == {"city"}
    assert known_values(days, {"day": ["monday"]}) == {}
    assert known_values(days, {"day": ["sunday"]}) == {"day": ["friday", "monday", "sunday"]}


def test_nothing_to_exchange() -> None:
    values = known_values([FLIGHT])
    for example in (Example("hi"), Example("hi", spans=None)):
        assert exchange(example, values, 1.0, random.Random(0)) is example
    overlapping = Example("new york", spans=(Span(0, 8, CITY_TO), Span(4, 8, CITY_FROM)))
    assert exchange(overlapping, values, 1.0, random.Random(0)) is overlapping
