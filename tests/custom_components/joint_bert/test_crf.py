"""The chain of tags against counting out all paths."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from custom_components.joint_bert.crf import TagChain, marginals
from custom_components.joint_bert.inference import best_path
from custom_components.joint_bert.labels import OUTSIDE, may_follow

TAGS = 5


@pytest.fixture
def chain() -> TagChain:
    torch.manual_seed(5)
    chain = TagChain(TAGS)
    torch.nn.init.normal_(chain.steps)
    return chain


def paths(length: int) -> list[tuple[int, ...]]:
    """Returns all sequences of tags that BIO allows."""
    return [
        path
        for path in itertools.product(range(TAGS), repeat=length)
        if all(
            may_follow(one, other) for one, other in zip((OUTSIDE, *path[:-1]), path, strict=True)
        )
    ]


def worth(chain: TagChain, logits: torch.Tensor, path: tuple[int, ...]) -> float:
    total = 0.0
    for place, tag in enumerate(path):
        before = path[place - 1] if place else OUTSIDE
        total += float(logits[place, tag] + chain.steps[before, tag])
    return total


def test_sums_over_all_paths(chain: TagChain) -> None:
    counts = [1, 4, 3]
    logits = torch.randn(sum(counts), TAGS) * 3

    found = chain.log_partition(logits, counts)

    for text, total in zip(logits.split(counts), found.tolist(), strict=True):
        wanted = math.log(sum(math.exp(worth(chain, text, one)) for one in paths(len(text))))
        assert total == pytest.approx(wanted, abs=1e-4)


def test_likelihoods_of_all_paths_sum_to_one(chain: TagChain) -> None:
    logits = torch.randn(3, TAGS)

    likelihoods = [
        math.exp(-3 * float(chain.loss(logits, [3], torch.tensor(path)))) for path in paths(3)
    ]

    assert sum(likelihoods) == pytest.approx(1.0, abs=1e-4)


def test_texts_do_not_touch_each_other(chain: TagChain) -> None:
    logits, tags = torch.randn(5, TAGS), torch.tensor([1, 2, 1, 0, 3])

    together = 5 * chain.loss(logits, [2, 3], tags)
    apart = 2 * chain.loss(logits[:2], [2], tags[:2]) + 3 * chain.loss(logits[2:], [3], tags[2:])

    assert float(together) == pytest.approx(float(apart), abs=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_best_path_is_the_best_of_all(chain: TagChain, seed: int) -> None:
    torch.manual_seed(seed)
    logits = torch.randn(4, TAGS)

    found = best_path(logits.softmax(-1).numpy(), chain.scores().detach().numpy())

    assert tuple(found) == max(paths(4), key=lambda path: worth(chain, logits, path))


def test_marginals_are_the_shares_of_the_paths(chain: TagChain) -> None:
    logits = torch.randn(4, TAGS)
    shares = np.zeros((4, TAGS))
    for path in paths(4):
        shares[np.arange(4), path] += math.exp(worth(chain, logits, path))
    shares /= shares.sum(-1, keepdims=True)

    found = marginals(logits.softmax(-1).numpy(), chain.scores().detach().exp().numpy())

    assert np.allclose(found, shares, atol=1e-4)


def test_learns_what_follows_what() -> None:
    # Every word says the same: only the order tells the tags.
    chain = TagChain(TAGS)
    optimizer = torch.optim.Adam(chain.parameters(), lr=0.1)
    tags = torch.tensor([1, 2, 2, 3, 4, 0])
    for _ in range(100):
        optimizer.zero_grad()
        loss = chain.loss(torch.zeros(6, TAGS), [3, 3], tags)
        loss.backward()
        optimizer.step()

    assert float(chain.loss(torch.zeros(3, TAGS), [3], torch.tensor([2, 2, 2]))) > 1000
    assert float(loss) < 0.35
