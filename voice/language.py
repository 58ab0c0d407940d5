"""The bot's training data as the recogniser's language model: made, kept and loaded.

What `train` writes into a folder is all that an engine needs besides its acoustic model:

    commands.fsg    the grammar of the sentences, values exchanged within their class; not where
                    there is so much to say that searching it would take too long
    open.arpa       which words follow each other in them, and in English in general
    words.dict      how their words sound
    language.json   version, fingerprint of what it was made from, thresholds
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scipy.special import expit

from voice.general import GeneralModel
from voice.grammar import CLASS, Grammar, factored
from voice.ngrams import ALONE, Mixed, Mixing, Values, count
from voice.pronunciation import Pronunciations
from voice.sayable import Sayable, Sentence, Span, templates_of

__all__ = ["Language", "LanguageError", "Sayable", "Sentence", "Span", "Thresholds", "train"]

VERSION = 3
"""Of what is written; raised with every change that makes older folders unreadable."""

COMMANDS, OPEN, DICTIONARY = "commands", "open", "words.dict"
FACTS = "language.json"
"""Written last: where it is, the others are."""

MOST_SEARCHED = 2_000
"""Transitions of a grammar that is searched. Where there are more, the other model is quicker and,
on sentences that are not quite those of the training, hears better."""


class LanguageError(Exception):
    """There is nothing to listen for, or what is kept cannot be read; the message says which."""


@dataclass(frozen=True)
class Thresholds:
    """Between what scores text is believed; differences of log-likelihoods per frame."""

    accepted: float = 0.5
    """How far above sounds alone a text must lie to be as likely right as not."""
    slope: float = 4.0
    """How fast doubt goes on both sides of it."""
    command: float = 1.0
    """The grammar's text is taken without looking any further from here on."""
    open: float = 0.5
    """How much better than the grammar's the open model's text must be to be taken."""
    source: str = "as measured for the general model"
    """What they were chosen on."""


WITHOUT_GRAMMAR = Thresholds(
    accepted=-0.6, slope=8.0, source="as measured on sentences held out, without a grammar"
)
"""Where the open model is alone: its scores need not compare with a grammar's, and are counted in a
quicker way."""


@dataclass(frozen=True)
class Language:
    """What is known of a folder besides the models in it."""

    fingerprint: str
    thresholds: Thresholds
    words: int
    """Of the assistant's own sentences."""
    general: int
    """Others that can be heard: usual words of English."""
    transitions: int
    """Of the grammar: how much there is to search; 0 where there is none."""
    guessed: tuple[str, ...]
    """Words whose sound no dictionary has."""
    left_out: tuple[str, ...]
    """Words that nobody can say: of other alphabets."""
    version: int = VERSION

    def confidence(self, margin: float) -> float:
        """How likely a text is right that lies so far above sounds alone."""
        return float(expit(self.thresholds.slope * (margin - self.thresholds.accepted)))

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
    general: GeneralModel | None = None,
    mixing: Mixing | None = None,
) -> Language:
    """Makes a recogniser's language model.

    Args:
        sayable: What the assistant can be told.
        folder: Where to write; it is made.
        pronunciations: How words sound.
        thresholds: Else those that hold for the acoustic model in general.
        general: English in general: without it, no words but the assistant's own are heard.
        mixing: How much of it; else what was found to be good.

    Raises:
        LanguageError: There is no sentence that could be said.
    """
    mixing = mixing or (Mixing() if general else ALONE)
    templates, classes = templates_of(sayable)
    vocabulary = {word for template in templates for word in template if word[0] != CLASS}
    vocabulary |= {word for one in classes.values() for value in one.values for word in value}
    sounds = {word: pronunciations.of(word) for word in sorted(vocabulary)}
    silent = {word for word, ways in sounds.items() if not ways}
    classes = {
        name: Values([value for value in one.values if not silent & set(value)], one.unseen)
        for name, one in classes.items()
    }
    empty = {name for name, one in classes.items() if not one.values}
    templates = [one for one in templates if not (silent | empty) & set(one)]
    if not templates:
        raise LanguageError("There is no sentence in the training data that can be spoken.")
    grammar = factored(templates, {name: one.values for name, one in classes.items()})
    is_searched = len(grammar.transitions) <= MOST_SEARCHED
    classes = {name: one for name, one in classes.items() if one.values}
    mixed = Mixed(count(templates, classes, mixing), general, frozenset(pronunciations), mixing)
    own = vocabulary - silent
    others = mixed.words - own
    sounds |= {word: pronunciations.of(word) for word in sorted(others)}
    folder.mkdir(parents=True, exist_ok=True)
    if is_searched:
        (folder / f"{COMMANDS}.fsg").write_text(as_fsg(grammar), encoding="utf-8")
    (folder / f"{OPEN}.arpa").write_text(mixed.arpa(), encoding="utf-8")
    lines = [
        f"{word}{f'({number})' if number > 1 else ''} {' '.join(way)}"
        for word, ways in sounds.items()
        for number, way in enumerate(ways, 1)
    ]
    (folder / DICTIONARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = Language(
        sayable.fingerprint(),
        thresholds or (Thresholds() if is_searched else WITHOUT_GRAMMAR),
        len(own),
        len(others),
        len(grammar.transitions) if is_searched else 0,
        tuple(sorted(word for word in own if word not in pronunciations)),
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
