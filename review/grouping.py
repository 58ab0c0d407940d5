"""Messages that are the same, folded; messages that mean the same, in clusters with a name."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from review.masking import MASK
from review.messages import Message
from review.scoring import misreading, order

Vectors = NDArray[np.float32]

SAME = 0.95
"""Cosine from which on two messages are one, but for an article or an ending."""

CLUSTER = 0.5
"""Mean cosine from which on two groups of messages are about one thing (average linkage)."""

MOST_VARIANTS = 20
"""Wordings that are remembered of one message."""

_SIGNS = re.compile(r"[^\w\s']+")
_WORD = re.compile(r"[^\W\d_][\w']+")
_COMMON = frozenset(
    "a about all am an and any are as at be been but by can can't could did do does doing don't "
    "for from get go going got had has have he her here hers him his how i i'd i'll i'm i've if "
    "in is isn't it it's its just let like may me mine much my no not of off on one or our out "
    "parley please she should so some tell than thanks that that's the their them then there "
    "these they this those to too u uh um up us was we were what what's when where which who why "
    "will with would you you're your".split()
)
"""Words that say nothing of what a message is about."""


@dataclass(frozen=True)
class Cluster:
    """Messages that are about one thing."""

    name: str
    """Suggested, as an intent would be called."""
    members: tuple[int, ...]
    """Positions, in the order of the review."""


def normalized(text: str) -> str:
    """A text without case, signs and double spaces: what is equal so is the same message."""
    return " ".join(_SIGNS.sub(" ", text.casefold()).split())


def fold(messages: Iterable[Message]) -> list[Message]:
    """Makes one of messages that differ by case and signs only, counted together.

    The one that was most probably misread stands for all.
    """
    piles: dict[str, list[Message]] = {}
    for message in messages:
        piles.setdefault(normalized(message.text), []).append(message)
    return [_one_of(pile) for pile in piles.values()]


def fold_alike(
    messages: Sequence[Message], vectors: Vectors, same: float = SAME
) -> tuple[list[Message], Vectors]:
    """Makes one of messages that mean the same in nearly the same words.

    Only where the model read the same intent: "turn it on" and "turn it off" are near, too.
    """
    left = sorted(range(len(messages)), key=lambda at: -_worth(messages[at]))
    taken: set[int] = set()
    folded: list[Message] = []
    kept: list[int] = []
    for at in left:
        if at in taken:
            continue
        near = np.flatnonzero(vectors @ vectors[at] >= same)
        pile = [at] + [
            int(other)
            for other in near
            if other != at
            and int(other) not in taken
            and messages[int(other)].intent == messages[at].intent
        ]
        taken.update(pile)
        folded.append(_one_of([messages[one] for one in pile]))
        kept.append(at)
    return folded, vectors[kept]


def review_order(
    messages: Sequence[Message],
    vectors: Vectors,
    known: Vectors | None = None,
    most: int | None = None,
) -> list[int]:
    """The order in which messages are shown: see `review.scoring`."""
    return order([_worth(message) for message in messages], vectors, most=most, known=known)


def clusters(messages: Sequence[Message], vectors: Vectors, near: float = CLUSTER) -> list[Cluster]:
    """Parts messages by meaning; in the order of their first members."""
    if not messages:
        return []
    if len(messages) == 1:
        numbers: Sequence[int] = [1]
    else:
        tree = linkage(vectors, method="average", metric="cosine")
        numbers = fcluster(tree, t=1.0 - near, criterion="distance")
    members: dict[int, list[int]] = {}
    for position, number in enumerate(numbers):
        members.setdefault(int(number), []).append(position)
    texts = [message.text for message in messages]
    background = Counter(word for text in texts for word in set(_words(text)))
    return [
        Cluster(suggest_name([texts[one] for one in found], background, len(texts)), tuple(found))
        for found in members.values()
    ]


def suggest_name(texts: Sequence[str], background: Counter[str], count: int) -> str:
    """A name for messages: up to three words that they share and others lack, as they are said.

    Args:
        texts: The messages.
        background: In how many of all messages each word occurs.
        count: How many messages there are in all.
    """
    shared = Counter(word for text in texts for word in set(_words(text)))
    weights = {
        word: found / len(texts) * math.log((1 + count) / (1 + background[word]) + 1)
        for word, found in shared.items()
    }
    best = sorted(weights, key=lambda word: (-weights[word], word))[:3]
    best = [word for word in best if shared[word] * 3 >= len(texts)] or best[:1]
    first = " ".join(texts).casefold()
    name = "_".join(sorted(best, key=first.find))
    return re.sub(r"\W+", "", name) or "unnamed"


def _words(text: str) -> list[str]:
    words = _WORD.findall(MASK.sub(" ", text.casefold()))
    return [word for word in words if word not in _COMMON]


def _worth(message: Message) -> float:
    """What is gained if a message is read rightly; often said counts, but not in proportion."""
    return message.misreading * (1.0 + math.log(message.times))


def _one_of(pile: Sequence[Message]) -> Message:
    best = max(pile, key=lambda message: misreading(message.signals))
    texts = [text for message in pile for text in (message.text, *message.variants)]
    others = [text for text in dict.fromkeys(texts) if text != best.text]
    return replace(
        best,
        times=sum(message.times for message in pile),
        variants=tuple(others[:MOST_VARIANTS]),
    )
