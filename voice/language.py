"""The bot's training data as the recogniser's language model: made, kept and loaded.

What `train` writes into a folder is all that an engine needs besides its acoustic model:

    commands.fsg    the grammar of the sentences, values exchanged within their class
    open.arpa       which words follow each other in them
    words.dict      how their words sound
    language.json   version, fingerprint of what it was made from, thresholds
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from voice import speakable
from voice.grammar import CLASS, Grammar, Tokens, factored
from voice.pronunciation import Pronunciations

VERSION = 1
"""Of what is written; raised with every change that makes older folders unreadable."""

COMMANDS, OPEN, DICTIONARY = "commands", "open", "words.dict"
FACTS = "language.json"
"""Written last: where it is, the others are."""

_SEED = 0
_FILLED_IN = 3
"""Sentences with values put in by chance that the open model learns from, per sentence."""

_CLASSES_OF_THEIR_OWN: dict[str, tuple[str, ...]] = {
    "number": tuple(str(number) for number in range(61)),
    "weekday": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "month": (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
}
"""What nobody annotates, as it is found by rules, and what is exchanged all the same."""


class LanguageError(Exception):
    """There is nothing to listen for, or what is kept cannot be read; the message says which."""


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
        """Changes with every sentence and value, and with the form of what is made of them."""
        content = [
            VERSION,
            sorted({json.dumps(asdict(one), sort_keys=True) for one in self.sentences}),
            {name: sorted(set(values)) for name, values in self.values.items()},
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Thresholds:
    """Between what scores text is believed; differences of log-likelihoods per frame."""

    accepted: float = -0.6
    """How far above sounds alone a text must lie to be as likely right as not."""
    slope: float = 8.0
    """How fast doubt goes on both sides of it."""
    command: float = -0.2
    """The grammar's text is taken without looking any further from here on."""
    open: float = 0.1
    """How much better than the grammar's the open model's text must be to be taken."""
    source: str = "as measured for the general model"
    """What they were chosen on."""


@dataclass(frozen=True)
class Language:
    """What is known of a folder besides the models in it."""

    fingerprint: str
    thresholds: Thresholds
    words: int
    transitions: int
    """Of the grammar: how much there is to search."""
    guessed: tuple[str, ...]
    """Words whose sound no dictionary has."""
    left_out: tuple[str, ...]
    """Words that nobody can say: of other alphabets."""
    version: int = VERSION

    def confidence(self, margin: float) -> float:
        """How likely a text is right that lies so far above sounds alone."""
        z = self.thresholds.slope * (margin - self.thresholds.accepted)
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, z))))

    @classmethod
    def load(cls, folder: Path) -> Language:
        """Reads it.

        Raises:
            LanguageError: It is not there, damaged, or of another version.
        """
        path = folder / FACTS
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if (version := facts["version"]) != VERSION:
                raise LanguageError(
                    f"{folder} holds a language model of version {version}; this is version "
                    f"{VERSION}. Train again."
                )
            thresholds = Thresholds(**facts.pop("thresholds"))
            facts |= {key: tuple(facts[key]) for key in ("guessed", "left_out")}
            return cls(thresholds=thresholds, **facts)
        except FileNotFoundError as error:
            raise LanguageError(f"There is no language model in {folder}: train first.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LanguageError(f"{path} is damaged: {error!r}. Train again.") from error

    def save(self, folder: Path) -> None:
        """Writes it."""
        content = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        (folder / FACTS).write_text(content + "\n", encoding="utf-8")


def train(
    sayable: Sayable,
    folder: Path,
    pronunciations: Pronunciations,
    thresholds: Thresholds | None = None,
) -> Language:
    """Makes a recogniser's language model.

    Args:
        sayable: What the assistant can be told.
        folder: Where to write; it is made.
        pronunciations: How words sound.
        thresholds: Else those that hold for the acoustic model in general.

    Raises:
        LanguageError: There is no sentence that could be said.
    """
    templates, classes = _templates(sayable)
    vocabulary = {word for template in templates for word in template if not _is_class(word)}
    vocabulary |= {word for values in classes.values() for value in values for word in value}
    sounds = {word: pronunciations.of(word) for word in sorted(vocabulary)}
    silent = {word for word, ways in sounds.items() if not ways}
    classes = {
        name: [value for value in values if not silent & set(value)]
        for name, values in classes.items()
    }
    empty = {name for name, values in classes.items() if not values}
    templates = [one for one in templates if not (silent | empty) & set(one)]
    if not templates:
        raise LanguageError("There is no sentence in the training data that can be spoken.")
    grammar = factored(templates, classes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{COMMANDS}.fsg").write_text(as_fsg(grammar), encoding="utf-8")
    (folder / f"{OPEN}.arpa").write_text(_arpa(templates, classes), encoding="utf-8")
    lines = [
        f"{word}{f'({number})' if number > 1 else ''} {' '.join(way)}"
        for word, ways in sounds.items()
        for number, way in enumerate(ways, 1)
    ]
    (folder / DICTIONARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = Language(
        sayable.fingerprint(),
        thresholds or Thresholds(),
        len(vocabulary - silent),
        len(grammar.transitions),
        tuple(sorted(word for word in vocabulary - silent if word not in pronunciations)),
        tuple(sorted(silent)),
    )
    made.save(folder)
    return made


def as_fsg(grammar: Grammar) -> str:
    """A grammar in the form of Sphinx's files."""
    states = 1 + max(max(begin, end) for begin, end, _, _ in grammar.transitions)
    lines = [f"FSG_BEGIN {COMMANDS}", f"NUM_STATES {states}", "START_STATE 0"]
    lines.append(f"FINAL_STATE {grammar.final}")
    lines += [
        f"TRANSITION {begin} {end} {probability:.6g} {word}".rstrip()
        for begin, end, probability, word in grammar.transitions
    ]
    return "\n".join([*lines, "FSG_END"]) + "\n"


def _templates(sayable: Sayable) -> tuple[list[Tokens], dict[str, list[Tokens]]]:
    """Sentences with classes in the place of values, and the values, most usual first."""
    found: Counter[Tokens] = Counter()
    values: dict[str, Counter[Tokens]] = {}
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
            place = span.end
        template += _exchanged(speakable.spoken(sentence.text[place:]))
        if template:
            found[tuple(template)] += 1
    used = {token for template in found for token in template}
    return list(found), {
        name: [value for value, _ in counts.most_common()]
        for name, counts in values.items()
        if name in used
    }


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


def _is_class(token: str) -> bool:
    return token.startswith(CLASS)


def filled(
    templates: Iterable[Tokens], classes: Mapping[str, Sequence[Tokens]], times: int, seed: int
) -> list[Tokens]:
    """Sentences out of templates, with values by chance: each template so many times."""
    chance = random.Random(seed)
    return [
        tuple(
            word
            for token in template
            for word in (chance.choice(classes[token]) if _is_class(token) else (token,))
        )
        for template in templates
        for _ in range(times if any(map(_is_class, template)) else 1)
    ]


def _arpa(templates: Sequence[Tokens], classes: Mapping[str, Sequence[Tokens]]) -> str:
    # Here, as it brings the engine along, which readers of what is kept do not need.
    from pocketsphinx.lm import ArpaBoLM

    sentences = filled(templates, classes, _FILLED_IN, _SEED)
    # Each value once by itself, so that none is unknown to the model.
    sentences += [value for values in classes.values() for value in values]
    model = ArpaBoLM(text="\n".join(" ".join(one) for one in sentences), add_start=True)
    model.compute()
    written = io.StringIO()
    model.write(written)
    return written.getvalue()
