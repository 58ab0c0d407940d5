"""From which score on a text is believed: chosen on synthesised commands and nonsense.

Nonsense are words of the dictionary in no order, and, by turns with them, what people say to each
other about other things: sentences that make sense are harder to tell from commands.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from voice.audio import mix, pink_noise
from voice.language import Language, Thresholds
from voice.sphinx import SphinxRecognizer
from voice.synthesis import VOICES, can_synthesise, in_a_room, synthesise
from voice.understanding import Signs, Weights

COUNT = 15
"""Sentences of each kind: with a large grammar, half a minute of work."""

OVERHEARD = Path(__file__).parent / "overheard.txt"
"""What people say who do not talk to the assistant."""

_NOISE = 300.0
"""Standard deviation of the noise under them, of 32,768: synthetic silence is all too silent."""

_LEVELS = (None, 18, 12, 9)
"""Decibels between the loudest moments of speech and the noise added to it, by turns: a threshold
that only knows quiet rooms turns away what is heard rightly in loud ones."""


def calibrate(folder: Path, known: Sequence[str], dictionary: Iterable[str], seed: int = 0) -> None:
    """Chooses a folder's thresholds anew; without flite they stay the general ones.

    Args:
        folder: What `voice.language.train` wrote.
        known: Sentences that its grammar covers; some are drawn.
        dictionary: Words to make nonsense of.
        seed: For what is drawn.
    """
    if not can_synthesise() or not known:
        return
    chance = random.Random(seed)
    recognizer = SphinxRecognizer(folder)
    plain = sorted(word for word in dictionary if word.isalpha() and len(word) > 3)
    random_words = [" ".join(chance.sample(plain, chance.randint(3, 7))) for _ in range(COUNT)]
    talk = chance.sample(OVERHEARD.read_text(encoding="utf-8").splitlines(), COUNT)
    nonsense = [pair[n % 2] for n, pair in enumerate(zip(random_words, talk, strict=True))]
    heard = chance.sample(list(known), min(COUNT, len(known)))
    inside = _margins(recognizer, heard, seed)
    outside = _margins(recognizer, nonsense, seed)
    fitted = _threshold(inside.max(axis=1), outside.max(axis=1))
    language = Language.load(folder)
    thresholds = replace(
        language.thresholds,
        accepted=fitted[0],
        slope=fitted[1],
        source=f"{len(inside)} sentences and {len(outside)} of nonsense, synthesised by flite",
    )
    replace(language, thresholds=thresholds).save(folder)


def weigh_choice(found: Sequence[Sequence[tuple[Signs, bool]]]) -> Weights:
    """What each sign counts in choosing among alternatives: from those of which some were right.

    Args:
        found: For each recording the signs of its alternatives, and whether each was right.
    """
    names = ("behind", "second", "intent", "values", "scope")
    pairs = [
        _row(right, names) - _row(wrong, names)
        for one in found
        for right, is_right in one
        for wrong, is_too in one
        if is_right and not is_too
    ]
    table = np.array([*pairs, *(-pair for pair in pairs)])
    labels = np.array([1] * len(pairs) + [0] * len(pairs))
    model = LogisticRegression(fit_intercept=False, max_iter=1000).fit(table, labels)
    return Weights(**_named(names, model))


def weigh_acceptance(right: Sequence[Signs], wrong: Sequence[Signs]) -> Weights:
    """What each sign counts in acting on a text: from what was understood, and from what was not.

    Args:
        right: Signs of what was understood as it was meant.
        wrong: Of nonsense, and of what was misheard so that something else was understood.
    """
    names = ("heard", "intent", "values", "scope")
    table = np.array([_row(one, names) for one in (*right, *wrong)])
    labels = np.array([1] * len(right) + [0] * len(wrong))
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(table, labels)
    return Weights(**_named(names, model), bias=float(model.intercept_[0]))


def _row(signs: Signs, names: Sequence[str]) -> npt.NDArray[np.float64]:
    return np.array([getattr(signs, name) for name in names])


def _named(names: Sequence[str], model: LogisticRegression) -> dict[str, float]:
    """Weights by name; a sign that seems to speak against what it speaks for has nothing to say."""
    return {
        name: min(0.0, float(weight)) if name == "second" else max(0.0, float(weight))
        for name, weight in zip(names, model.coef_[0], strict=True)
    }


def _margins(
    recognizer: SphinxRecognizer, texts: Sequence[str], seed: int
) -> npt.NDArray[np.float64]:
    chance = np.random.default_rng(seed)
    found = []
    for number, text in enumerate(texts):
        heard = in_a_room(synthesise(text, VOICES[number % len(VOICES)]), chance, _NOISE)
        if (level := _LEVELS[number // len(VOICES) % len(_LEVELS)]) is not None:
            heard = mix(heard, pink_noise(len(heard), chance), level)
        found.append(recognizer.margins(heard))
    return np.array(found)


def _threshold(
    inside: npt.NDArray[np.float64], outside: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Where both are equally likely, and how fast that changes."""
    general = Thresholds()
    scores = np.concatenate([inside, outside])[:, None]
    labels = np.array([1] * len(inside) + [0] * len(outside))
    model = LogisticRegression(class_weight="balanced", C=100.0).fit(scores, labels)
    slope = float(model.coef_[0, 0])
    if slope <= 0:
        # They cannot be told apart: then nothing is known that is better than in general.
        return general.accepted, general.slope
    return float(-model.intercept_[0] / slope), slope
