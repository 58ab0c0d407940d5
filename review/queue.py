"""What is shown to a reviewer, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from review.data_files import Catalog
from review.grouping import Cluster, clusters, fold, fold_alike, review_order
from review.marking import marked
from review.masking import masked_message
from review.messages import Message

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

WORTH_A_LOOK = 0.2
"""Messages that were misread with a smaller chance are not shown."""

MOST_ENCODED = 2_000
"""Messages that are compared with each other: those that were most probably misread."""


@dataclass
class Item:
    """A message to be decided on, with what is proposed for it."""

    message: Message
    example: str
    """The message with its entities marked."""
    cluster: int
    """The number of its cluster."""


@dataclass
class Queue:
    """The items, the best first."""

    items: list[Item]
    clusters: list[Cluster]
    read: int = 0
    """Messages that were looked through."""

    def like(self, item: Item) -> list[Item]:
        """The other items of an item's cluster."""
        members = self.clusters[item.cluster].members
        return [self.items[one] for one in members if self.items[one] is not item]

    def name_of(self, item: Item) -> str:
        """The suggested name of an item's cluster."""
        return self.clusters[item.cluster].name


def make_queue(
    messages: Iterable[Message],
    catalog: Catalog,
    decided: Callable[[Iterable[str]], set[str]],
    encode: Encode,
    known: Sequence[str] = (),
    most: int | None = None,
) -> Queue:
    """Chooses, masks, folds, clusters and orders messages.

    Args:
        messages: All that was said.
        catalog: What the training data knows: what stands there already is not shown.
        decided: Tells which messages somebody has decided on already.
        encode: Makes sentences to unit vectors.
        known: The training data's sentences: what is like them is learnt from them already.
        most: Show so many at most.
    """
    said = list(messages)
    folded = [
        one
        for one in fold(masked_message(message) for message in said)
        if one.misreading >= WORTH_A_LOOK and not catalog.knows(one.text)
    ]
    old = decided([one.text for one in folded])
    chosen, vectors = choose([one for one in folded if one.text not in old], encode, known, most)
    found = clusters(chosen, vectors)
    number = {member: at for at, cluster in enumerate(found) for member in cluster.members}
    items = [
        Item(message, marked(message.text, message.entities, catalog.entities), number[at])
        for at, message in enumerate(chosen)
    ]
    return Queue(items, found, len(said))


def choose(
    messages: Sequence[Message], encode: Encode, known: Sequence[str] = (), most: int | None = None
) -> tuple[list[Message], NDArray[np.float32]]:
    """Messages in the order of the review, near-duplicates folded, and their vectors.

    Args:
        messages: What could be shown.
        encode: Makes sentences to unit vectors.
        known: Sentences that were learnt from.
        most: So many at most.
    """
    if not messages:
        return [], np.zeros((0, 0), dtype=np.float32)
    likely = sorted(messages, key=lambda one: -one.misreading)[:MOST_ENCODED]
    kept, vectors = fold_alike(likely, encode([one.text for one in likely]))
    order = review_order(kept, vectors, encode(known) if known else None, most)
    return [kept[one] for one in order], vectors[order]
