"""PocketSphinx's acoustic model as numbers, read from its own files.

The English model of the wheel is phonetically tied: all states of a phone share the Gaussians of
its codebook, and differ in how they weigh them. The features are three streams of 13 numbers,
cepstra, their slopes and the slopes of these, each with Gaussians and weights of its own.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pocketsphinx

from voice.asr import RecognizerError

Array = npt.NDArray[np.float64]

_VARIANCE_FLOOR = 1e-4
"""The engine's `varfloor`."""
_WEIGHT_STEP = 1024 * np.log(1.0001)
"""What one step of the quantised weights is as a logarithm: base 1.0001, ten bits shifted off."""
_BYTE_ORDER = 0x11223344


@dataclass(frozen=True)
class AcousticModel:
    """Gaussians of each phone's codebook, and each state's weights of them."""

    phones: tuple[str, ...]
    means: Array
    """(codebook, stream, Gaussian, number of the stream)."""
    variances: Array
    """As the means."""
    weights: npt.NDArray[np.uint8]
    """(stream, Gaussian, state): logarithms in steps downwards."""

    def log_weights(self, state: int) -> Array:
        """How a state weighs its codebook's Gaussians, logarithms: (stream, Gaussian)."""
        found: Array = -_WEIGHT_STEP * self.weights[:, :, state].astype(np.float64)
        return found

    @classmethod
    def load(cls, folder: Path | None = None) -> AcousticModel:
        """Reads a phonetically tied model.

        Args:
            folder: Where it lies; else the wheel's own.

        Raises:
            RecognizerError: It is missing, or of another kind.
        """
        folder = folder or Path(pocketsphinx.get_model_path("en-us/en-us"))
        try:
            phones, states = _definition((folder / "mdef").read_bytes())
            means = _gaussians((folder / "means").read_bytes())
            variances = _gaussians((folder / "variances").read_bytes())
            codebooks, streams, gaussians, _ = means.shape
            if codebooks != len(phones) or variances.shape != means.shape:
                raise ValueError(f"{codebooks} codebooks for {len(phones)} phones")
            weights = _weights((folder / "sendump").read_bytes(), streams, gaussians, states)
        except (OSError, ValueError, struct.error) as error:
            raise RecognizerError(
                f"{folder} holds no phonetically tied acoustic model that can be read: {error}"
            ) from error
        return cls(phones, means, np.maximum(variances, _VARIANCE_FLOOR), weights)


def _gaussians(content: bytes) -> Array:
    """The form of Sphinx 3: lines of text, a number that tells the order of bytes, numbers."""
    head = content.index(b"endhdr\n") + len(b"endhdr\n")
    if struct.unpack_from("<I", content, head)[0] != _BYTE_ORDER:
        raise ValueError("the order of its bytes is another")
    codebooks, streams, gaussians = struct.unpack_from("<3i", content, head + 4)
    lengths = struct.unpack_from(f"<{streams}i", content, head + 16)
    (count,) = struct.unpack_from("<i", content, head + 16 + 4 * streams)
    if len(set(lengths)) != 1 or count != codebooks * gaussians * sum(lengths):
        raise ValueError(f"streams of {lengths} numbers, {count} in all")
    numbers = np.frombuffer(content, "<f4", count, head + 20 + 4 * streams).astype(np.float64)
    return numbers.reshape(codebooks, streams, gaussians, lengths[0])


def _definition(content: bytes) -> tuple[tuple[str, ...], int]:
    """Names of the phones, and how many states there are."""
    magic, version, length = struct.unpack_from("<4sii", content)
    if magic != b"BMDF" or version != 1:
        raise ValueError("mdef is not of the binary form, version 1")
    facts = struct.unpack_from("<10i", content, 12 + length)
    phones, states = facts[0], facts[4]
    names = content[12 + length + 40 :].split(b"\0", phones)[:phones]
    return tuple(name.decode("ascii") for name in names), states


def _weights(content: bytes, streams: int, gaussians: int, states: int) -> npt.NDArray[np.uint8]:
    place = 0
    while length := struct.unpack_from("<i", content, place)[0]:
        place += 4 + length
    if struct.unpack_from("<2i", content, place + 4) != (gaussians, states):
        raise ValueError("sendump has weights for another model")
    numbers = np.frombuffer(content, np.uint8, streams * gaussians * states, place + 12)
    return numbers.reshape(streams, gaussians, states)
