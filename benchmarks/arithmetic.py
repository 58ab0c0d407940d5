"""How much arithmetic a message takes, and how quickly this machine does it at best."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

LARGE = 1024
"""Rows and columns of the large products: too large to wait for memory, or for Python."""


@dataclass(frozen=True)
class EncoderShape:
    """What decides how many operations a message takes."""

    width: int
    inner_width: int
    """Of the feed-forward part."""
    heads: int
    layers_run: int
    """Layers that a message passes through, those that run twice counted twice."""
    remembered: int
    """Training examples that a message is compared with, in all memories together."""


def layer_products(shape: EncoderShape, pieces: int) -> list[tuple[int, int, int, int]]:
    """Returns the matrix products of one layer: (how many, rows, inner, columns)."""
    width, each = shape.width, shape.width // shape.heads
    return [
        (4, pieces, width, width),
        (shape.heads, pieces, each, pieces),
        (shape.heads, pieces, pieces, each),
        (1, pieces, width, shape.inner_width),
        (1, pieces, shape.inner_width, width),
    ]


def operations(shape: EncoderShape, pieces: int) -> int:
    """Returns the floating-point operations of the matrix products for one message.

    A multiplication and an addition are two. Left out, as they are few: embeddings, softmax,
    norms, activations, and the heads' own products.
    """
    layer = sum(
        2 * n * rows * inner * cols for n, rows, inner, cols in layer_products(shape, pieces)
    )
    return shape.layers_run * layer + 2 * shape.remembered * shape.width


def time_products(job: dict[str, Any]) -> dict[str, Any]:
    """Measures single-precision matrix products, large ones and those of a message.

    The latter run through all layers, each with matrices of its own, as in a real pass: with 12
    rows a matrix is read from memory for little arithmetic, and that is what takes the time.

    Args:
        job: `shape` (an `EncoderShape`'s fields), `pieces` (numbers of word pieces), `threads`.

    Returns:
        `large_gflops`, and for each number of pieces `mflop`, `products_ms`, `products_gflops`.
    """
    import torch

    torch.set_num_threads(job["threads"])
    shape = EncoderShape(**job["shape"])
    with torch.inference_mode():
        one, other = torch.randn(LARGE, LARGE), torch.randn(LARGE, LARGE)
        large = _median_seconds(lambda: one @ other, 15)
        found = []
        for pieces in job["pieces"]:
            seconds = _median_seconds(_pass_of(shape, pieces), 60)
            flop = operations(shape, pieces)
            found.append(
                {
                    "pieces": pieces,
                    "mflop": flop / 1e6,
                    "products_ms": 1000 * seconds,
                    "products_gflops": flop / seconds / 1e9,
                }
            )
    return {"large_gflops": 2 * LARGE**3 / large / 1e9, "messages": found, "shape": asdict(shape)}


def _pass_of(shape: EncoderShape, pieces: int) -> Callable[[], None]:
    """Returns a function that does nothing but the matrix products of one message."""
    import torch
    from torch.nn import functional

    width, inner, each = shape.width, shape.inner_width, shape.width // shape.heads
    rows, wide = torch.randn(pieces, width), torch.randn(pieces, inner)
    query, key = torch.randn(shape.heads, pieces, each), torch.randn(shape.heads, each, pieces)
    shares = torch.randn(shape.heads, pieces, pieces)
    layers = [
        (
            [torch.randn(width, width) for _ in range(4)],
            torch.randn(inner, width),
            torch.randn(width, inner),
        )
        for _ in range(shape.layers_run)
    ]
    memory = torch.randn(shape.remembered, width)

    def run() -> None:
        for squares, up, down in layers:
            for square in squares:
                functional.linear(rows, square)
            query @ key
            shares @ query
            functional.linear(rows, up)
            functional.linear(wide, down)
        functional.linear(rows[:1], memory)

    return run


def _median_seconds(run: Callable[[], object], times: int) -> float:
    for _ in range(5):
        run()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
