"""Other values for entities: spans stay on values, and nothing else changes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from custom_components.joint_bert.exchange import Values, exchange
from custom_components.joint_bert.labels import EntityLabel, Example, Span

ITEM, CITY_FROM, CITY_TO = (
    EntityLabel("item"),
    EntityLabel("city", "from"),
    EntityLabel("city", "to"),
)


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


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_spans_stay_on_values(seed: int, share: float, invented: float) -> None:
    values = Values(
        {"city": ["oslo", "rio de janeiro", "x"]}, frozenset({"city"}), ["cloud", "tin"]
    )

    found = exchange(FLIGHT, values, share, invented, random.Random(seed))

    assert parts(found) == parts(FLIGHT)
    assert found.intent == "intent"
    assert [span.label for span in found.spans or ()] == [CITY_FROM, CITY_TO]
    for span in found.spans or ():
        value = found.text[span.start : span.end]
        known = {*values.known["city"], "paris", "new york"}
        assert value in known or set(value.split()) <= set(values.words)


def test_values_are_shared_by_roles() -> None:
    values = Values.of([FLIGHT])

    texts = {exchange(FLIGHT, values, 1.0, 0.0, random.Random(seed)).text for seed in range(40)}

    assert "fly from new york to paris" in texts


def test_lists_add_values_of_known_entities_only() -> None:
    values = Values.of([FLIGHT], {"city": ["oslo"], "animal": ["cat"]})

    assert values.known == {"city": ["new york", "oslo", "paris"]}


def test_closed_classes_are_not_invented_for() -> None:
    days = [marked(f"on {day}", (day, EntityLabel("day"))) for day in ("monday", "friday")] * 20
    items = [marked(f"add {item}", (item, ITEM)) for item in map(str, range(9))]
    values = Values.of([*days, *items], words=["cloud"])

    assert values.open == {"item"}
    assert exchange(days[0], values, 0.0, 1.0, random.Random(0)) is days[0]
    assert set(exchange(items[0], values, 0.0, 1.0, random.Random(0)).text.split()) == {
        "add",
        "cloud",
    }


def test_nothing_to_exchange() -> None:
    values = Values.of([FLIGHT], words=["cloud"])
    for example in (Example("hi"), Example("hi", spans=None)):
        assert exchange(example, values, 1.0, 1.0, random.Random(0)) is example
    overlapping = Example("new york", spans=(Span(0, 8, CITY_TO), Span(4, 8, CITY_FROM)))
    assert exchange(overlapping, values, 1.0, 1.0, random.Random(0)) is overlapping
