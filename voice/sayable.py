"""What an assistant can be told: its sentences as templates, with classes of values in them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache

from voice import speakable
from voice.grammar import CLASS, Tokens
from voice.ngrams import Values

_CLASSES_OF_THEIR_OWN: dict[str, tuple[str, ...]] = {
    "number": tuple(str(number) for number in range(61)),
    "weekday": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "month": (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
}
"""What nobody annotates, as it is found by rules, and what is exchanged all the same."""


@dataclass(frozen=True)
class Span:
    """A value in a sentence."""

    begin: int
    end: int
    """Characters of the sentence."""
    name: str
    """Which class it belongs to: values of a class can stand for each other."""


@dataclass(frozen=True)
class Sentence:
    """Something that the assistant can be told."""

    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Sayable:
    """All that an assistant can be told."""

    sentences: tuple[Sentence, ...]
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """More values of each class than the sentences have: lists, names, synonyms."""

    def fingerprint(self) -> str:
        """Changes with every sentence and value."""
        content = [
            sorted({json.dumps(asdict(one), sort_keys=True) for one in self.sentences}),
            {name: sorted(set(values)) for name, values in self.values.items()},
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def templates_of(sayable: Sayable) -> tuple[list[Tokens], dict[str, Values]]:
    """Sentences with classes in the place of values, and the values, most usual first."""
    found: Counter[Tokens] = Counter()
    values: dict[str, Counter[Tokens]] = {}
    annotated: dict[str, Counter[Tokens]] = {}
    for name, known in {**_CLASSES_OF_THEIR_OWN, **sayable.values}.items():
        values[CLASS + name] = Counter(filter(None, map(speakable.spoken, known)))
    for sentence in sayable.sentences:
        template: list[str] = []
        place = 0
        for span in sorted(sentence.spans, key=lambda one: one.begin):
            value = speakable.spoken(sentence.text[span.begin : span.end])
            if span.begin < place or not value:
                continue
            template += _exchanged(speakable.spoken(sentence.text[place : span.begin]))
            template.append(CLASS + span.name)
            values.setdefault(CLASS + span.name, Counter())[value] += 1
            annotated.setdefault(CLASS + span.name, Counter())[value] += 1
            place = span.end
        template += _exchanged(speakable.spoken(sentence.text[place:]))
        if template:
            found[tuple(template)] += 1
    used = {token for template in found for token in template}
    return list(found), {
        name: Values(
            [value for value, _ in counts.most_common()], _unseen(annotated.get(name, Counter()))
        )
        for name, counts in values.items()
        if name in used
    }


def _unseen(annotated: Counter[Tokens]) -> float:
    """How likely the next value is a new one: as often as values were seen once (Good 1953)."""
    total = sum(annotated.values())
    return sum(times == 1 for times in annotated.values()) / total if total else 0.0


def _exchanged(words: Tokens) -> list[str]:
    """Words with classes of their own in their place; a number of several words is one."""
    numbers = _numbers()
    days, months = (_CLASSES_OF_THEIR_OWN[name] for name in ("weekday", "month"))
    found: list[str] = []
    place = 0
    while place < len(words):
        # "One" is a pronoun more often than a number.
        pair = words[place : place + 2]
        if len(pair) == 2 and pair in numbers:
            found.append(f"{CLASS}number")
            place += 1
        elif pair[:1] in numbers and pair[0] not in ("one", "zero"):
            found.append(f"{CLASS}number")
        elif pair[0] in days:
            found.append(f"{CLASS}weekday")
        elif pair[0] in months and pair[0] not in ("may", "march"):
            found.append(f"{CLASS}month")
        else:
            found.append(pair[0])
        place += 1
    return found


@cache
def _numbers() -> frozenset[Tokens]:
    return frozenset(speakable.spoken(one) for one in _CLASSES_OF_THEIR_OWN["number"])
