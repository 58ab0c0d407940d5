"""What was asked and not answered: masked, and put together by meaning."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from insight.stats.tally import Unanswered

Vectors = NDArray[np.float32]

NEAR = 0.4
"""Mean cosine above which two clusters are about the same. With the packaged encoder, "play some
jazz" and "play the radio" have 0.45, "book me a flight to Rome" and "I need a plane ticket" 0.39,
and what has nothing to do with each other seldom more than 0.3."""

MOST = 400
"""Different messages that are compared, the most frequent ones first."""

_BATCH = 32
_SECONDS = 20.0
"""Once so many have gone by, no more messages are compared."""

_LONGEST = 300
"""Characters of a message that are shown."""


class Encoder(Protocol):
    """Makes unit vectors of texts."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (texts, width)."""


@dataclass(frozen=True)
class Cluster:
    """Messages of about the same meaning."""

    texts: list[tuple[str, int]]
    """The messages, masked, and how often each was said; the most frequent first."""
    count: int
    conversations: int
    outcomes: dict[str, int]
    latest: float
    """When one of them was last said, in seconds since 1970."""

    @property
    def name(self) -> str:
        """The message that stands for all of them."""
        return self.texts[0][0]


@dataclass(frozen=True)
class Questions:
    """All that was not answered."""

    clusters: list[Cluster]
    """The most frequent first."""
    left_out: int = 0
    """Different messages that were not compared."""


def cluster(
    unanswered: Mapping[str, Unanswered],
    encoder: Encoder,
    mask: Callable[[str], str],
    most: int = MOST,
) -> Questions:
    """Puts messages together that mean about the same.

    Masks go on before anything else: what is said of two people alike is one message then.

    Args:
        unanswered: The messages.
        encoder: What tells how near two of them are.
        mask: What takes out personal data.
        most: See `MOST`.
    """
    merged = _merged(unanswered, mask)
    chosen = sorted(merged, key=lambda text: (-merged[text].count, text))[:most]
    vectors = _encoded(chosen, encoder)
    chosen = chosen[: len(vectors)]
    groups: dict[int, list[str]] = {}
    for text, label in zip(chosen, _labels(vectors), strict=True):
        groups.setdefault(label, []).append(text)
    clusters = [_told(texts, merged) for texts in groups.values()]
    clusters.sort(key=lambda one: (-one.count, one.name))
    return Questions(clusters, len(merged) - len(chosen))


def _merged(
    unanswered: Mapping[str, Unanswered], mask: Callable[[str], str]
) -> dict[str, Unanswered]:
    """Messages that differ in case, spaces or personal data alone are one."""
    merged: dict[str, Unanswered] = {}
    shown: dict[str, str] = {}
    for text, asked in unanswered.items():
        masked = " ".join(mask(text).split())[:_LONGEST]
        name = shown.setdefault(masked.casefold().rstrip(" ?.!"), masked)
        into = merged.setdefault(name, Unanswered())
        into.count += asked.count
        into.conversations |= asked.conversations
        into.outcomes += asked.outcomes
        into.latest = max(into.latest, asked.latest)
    return merged


def _encoded(texts: Sequence[str], encoder: Encoder) -> Vectors:
    began = time.monotonic()
    parts: list[Vectors] = []
    for start in range(0, len(texts), _BATCH):
        if time.monotonic() - began > _SECONDS:
            break
        parts.append(encoder.encode(texts[start : start + _BATCH]))
    return np.concatenate(parts) if parts else np.zeros((0, 1), dtype=np.float32)


def _labels(vectors: Vectors) -> list[int]:
    if len(vectors) < 2:
        return [0] * len(vectors)
    tree = linkage(vectors, method="average", metric="cosine")
    return [int(label) for label in fcluster(tree, 1 - NEAR, criterion="distance")]


def _told(texts: Sequence[str], merged: Mapping[str, Unanswered]) -> Cluster:
    whole = Unanswered()
    for text in texts:
        whole.conversations |= merged[text].conversations
        whole.outcomes += merged[text].outcomes
    return Cluster(
        texts=[(text, merged[text].count) for text in texts],
        count=sum(merged[text].count for text in texts),
        conversations=len(whole.conversations),
        outcomes=dict(whole.outcomes.most_common()),
        latest=max(merged[text].latest for text in texts),
    )
