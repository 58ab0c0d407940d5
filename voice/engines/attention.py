"""When each token of a text was said, from what a decoder looked at while it wrote it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

_FILTER = 7
"""Frames over which a head's attention is smoothed, as by Whisper's authors."""


def token_frames(attention: npt.NDArray[np.float32]) -> list[tuple[int, int]]:
    """First frame of each token, and the first one behind it.

    Heads that follow the speech look at each token's place; the path through the mean of them that
    only goes forward is found by dynamic time warping (as in Whisper's own `timing.py`).

    Args:
        attention: (head, token, frame), at least one of each.
    """
    spread = attention.std(axis=-2, keepdims=True)
    steady = (attention - attention.mean(axis=-2, keepdims=True)) / np.maximum(spread, 1e-9)
    width = min(_FILTER, attention.shape[-1])
    cost = -median_filter(steady, size=(1, 1, width), mode="reflect").mean(axis=0)
    tokens, frames = cost.shape
    total = np.full((tokens + 1, frames + 1), np.inf)
    total[0, 0] = 0.0
    came = np.zeros((tokens + 1, frames + 1), np.int8)
    for token in range(1, tokens + 1):
        for frame in range(1, frames + 1):
            # Both go on, only the token, only the frame.
            ways = (
                total[token - 1, frame - 1],
                total[token - 1, frame],
                total[token, frame - 1],
            )
            best = min(range(3), key=ways.__getitem__)
            total[token, frame] = cost[token - 1, frame - 1] + ways[best]
            came[token, frame] = best
    found = [(0, 0)] * tokens
    token, frame = tokens, frames
    end = frames
    while token > 0 and frame > 0:
        way = came[token, frame]
        if way != 2:
            found[token - 1] = (frame - 1, end)
            end = frame - 1
            token -= 1
        if way != 1:
            frame -= 1
    return found
