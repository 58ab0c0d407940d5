"""English in general: the word model that the engine's wheel brings, read into arrays.

The file is a trie of words (Heafield 2011, "KenLM: Faster and Smaller Language Model Queries"),
whose pairs are packed bit by bit. Decoding with all of its 72,000 words costs a third of the time
that speaking takes, so its usual words and pairs are mixed into the assistant's own
model instead (`voice.ngrams`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

_MAGIC = b"Trie Language Model"
_BASE = np.log10(1.0001)
"""The engine's logarithms have this base; ours are decimal, as in ARPA files."""
_BINS = 1 << 16

Logs = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


class GeneralModelError(Exception):
    """The file is none of the engine's word models; the message says which."""


@dataclass(frozen=True)
class GeneralModel:
    """How likely words are, and words behind one other word. Logarithms are decimal."""

    words: tuple[str, ...]
    probabilities: Logs
    """Of each word, by its number in `words`."""
    backoffs: Logs
    """Added to a word's own probability, where the pair with the word before it is not listed."""
    before: Numbers
    """Of each pair the first word's number; ascending."""
    behind: Numbers
    """And the second one's."""
    pairs: Logs
    """The second word's probability behind the first."""

    @classmethod
    def read(cls, path: Path) -> GeneralModel:
        """Reads a binary model of three words.

        Raises:
            GeneralModelError: It is none.
        """
        content = path.read_bytes()
        place = len(_MAGIC) + 1
        if not content.startswith(_MAGIC) or content[place - 1] != 3:
            raise GeneralModelError(f"{path} is no binary model of three words.")
        counts = np.frombuffer(content, "<u4", 3, place).astype(np.int64)
        # Behind the counts stands a number that means nothing any more.
        place += 16
        prices = np.frombuffer(content, "<f4", _BINS, place)
        # Those of backoffs and of triples.
        place += 3 * prices.nbytes
        single = np.dtype([("probability", "<f4"), ("backoff", "<f4"), ("next", "<u4")])
        singles = np.frombuffer(content, single, counts[0] + 1, place)
        place += singles.nbytes
        word_bits, next_bits = int(counts[0]).bit_length(), int(counts[2]).bit_length()
        entry = word_bits + 32 + next_bits
        starts = singles["next"].astype(np.int64)
        # The trie leads from each word to those before it. A few places at its end are not used.
        behind = np.repeat(np.arange(counts[0]), np.diff(starts))
        bits = np.arange(len(behind), dtype=np.int64) * entry
        # Eight bytes from any byte on: enough for a word's number and what it costs.
        window: npt.NDArray[np.uint64] = np.ndarray(
            (len(content) - place - 8,), "<u8", buffer=content, offset=place, strides=(1,)
        )
        packed = window[bits >> 3] >> (bits & 7).astype(np.uint64)
        before = (packed & np.uint64((1 << word_bits) - 1)).astype(np.int64)
        price = (packed >> np.uint64(word_bits + 16)) & np.uint64(_BINS - 1)
        place += _packed_size(counts[1], entry) + _packed_size(counts[2], word_bits + 16)
        ordered = np.argsort(before, kind="stable")
        words = content[place + 4 :].split(b"\0")[: counts[0]]
        return cls(
            tuple(word.decode() for word in words),
            singles["probability"][:-1] * _BASE,
            singles["backoff"][:-1] * _BASE,
            before[ordered],
            behind[ordered],
            (prices[price] * _BASE)[ordered],
        )


def _packed_size(entries: int, bits: int) -> int:
    # One entry more, and room to read eight bytes at the last one.
    return ((1 + int(entries)) * bits + 7) // 8 + 8
