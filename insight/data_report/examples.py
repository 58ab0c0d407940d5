"""Too few examples, the same ones twice, and such as are too much alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from insight.data_report.findings import Finding, Related
from insight.training_data.elements import Example, TrainingData

FEWEST = 10
"""Different examples of an intent, below which it is told."""

ALIKE = 90.0
"""Per cent of the letters, in the same order, that two sentences have in common to count as alike:
"set a timer for five minutes" and "set a timer for nine minutes" have 93."""

MOST_ALIKE = 0.5
"""Share of an intent's sentences that may have one like them."""

_FEWEST_JUDGED = 6
_SHORTEST = 12
"""Letters. Short sentences are alike by their nature."""
_SHOWN = 6
_WORDS = re.compile(r"[^\w{}]+")
_NO_EXAMPLES = frozenset({"nlu_fallback", "out_of_scope", "restart", "back", "session_start"})
"""Intents of Rasa's own, that need none."""


def check_examples(data: TrainingData, fewest: int = FEWEST) -> Iterator[Finding]:
    """Looks at the examples of each intent."""
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in data.examples:
        by_intent[example.intent].append(example)
    yield from _few(data, by_intent, fewest)
    yield from _contradictions(data.examples)
    for intent, examples in by_intent.items():
        yield from _repeated(intent, examples)
        yield from _alike(intent, examples, str(data.intents[intent]))


def _few(data: TrainingData, by_intent: dict[str, list[Example]], fewest: int) -> Iterator[Finding]:
    counts = {
        intent: len({normalized(example.text) for example in by_intent.get(intent, [])})
        for intent in data.intents
    }
    for intent, count in sorted(counts.items(), key=lambda one: (one[1], one[0])):
        if count < fewest:
            examples = "example" if count == 1 else "different examples"
            # The answers of a retrieval intent are told apart by meaning, with fewer examples.
            if "/" not in intent or count < 2:
                what = f"{intent} has {count or 'no'} {examples}"
                yield Finding("few", str(data.intents[intent]), what)
    with_examples = {intent.split("/")[0] for intent in data.intents}
    for intent, place in data.domain_intents.items():
        # By custom, those in capitals come from other programs.
        external = intent.startswith("EXTERNAL")
        if intent not in with_examples and intent not in _NO_EXAMPLES and not external:
            yield Finding("few", str(place), f"{intent} has no examples at all")


def _contradictions(examples: Sequence[Example]) -> Iterator[Finding]:
    places: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in examples:
        places[normalized(example.text)].setdefault(example.intent.split("/")[0], example)
    for found in places.values():
        if len(found) > 1:
            first = next(iter(found.values()))
            yield Finding(
                "contradiction",
                str(first.place),
                f"“{first.text}” is said to be {' and '.join(found)}",
                [(one.intent, str(one.place)) for one in found.values()],
            )


def _repeated(intent: str, examples: Sequence[Example]) -> Iterator[Finding]:
    seen: dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(normalized(example.text), example)
        # With other annotations or another case it may be there on purpose.
        if first is not example and (first.text, first.annotations) == (
            example.text,
            example.annotations,
        ):
            yield Finding(
                "repeated",
                str(example.place),
                f"“{example.text}” is an example of {intent} before",
                [(first.text, str(first.place))],
            )


def _alike(intent: str, examples: Sequence[Example], place: str) -> Iterator[Finding]:
    texts = [normalized(example.pattern) for example in examples]
    if len(set(texts)) < _FEWEST_JUDGED and len(texts) < _FEWEST_JUDGED:
        return
    scores = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=ALIKE)
    np.fill_diagonal(scores, 0)
    short = np.array([len(text) < _SHORTEST for text in texts])
    scores[short] = 0
    nearest = scores.argmax(1)
    like = scores.max(1) > 0
    if like.mean() <= MOST_ALIKE:
        return
    related: list[Related] = []
    for number in np.flatnonzero(like)[:_SHOWN].tolist():
        example, other = examples[number], examples[int(nearest[number])]
        related.append((f"{example.text} ≈ {other.text}", str(example.place)))
    yield Finding(
        "alike",
        place,
        f"{int(like.sum())} of the {len(texts)} examples of {intent} have one that is like them",
        related,
    )


def normalized(text: str) -> str:
    """A text without what makes no difference: case, spaces, punctuation."""
    return " ".join(_WORDS.split(text.casefold())).strip()
