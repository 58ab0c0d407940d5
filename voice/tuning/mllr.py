"""Maximum likelihood linear regression (Leggetter and Woodland 1995).

One affine map of all means of a stream that makes the recordings as likely as it can: it takes the
model of everybody's speech towards one speaker, microphone or room. Few numbers are learnt, so
that a minute of speech is enough. PocketSphinx knows one map for each stream, and a factor for
each of its variances.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import logsumexp

from voice import frontend
from voice.tuning.acoustic import AcousticModel, Array
from voice.tuning.alignment import Aligned

PRIOR = 100.0
"""Frames that speak for leaving everything as it is: what little was said cannot tell."""


@dataclass(frozen=True)
class Transform:
    """A map for each stream."""

    matrices: Array
    """(stream, row, column)."""
    offsets: Array
    """(stream, row)."""
    scales: Array
    """(stream, row): factors of the variances."""

    @classmethod
    def identity(cls, streams: int, length: int) -> Transform:
        """The one that changes nothing."""
        return cls(
            np.tile(np.eye(length), (streams, 1, 1)),
            np.zeros((streams, length)),
            np.ones((streams, length)),
        )

    def of(self, acoustic: AcousticModel) -> tuple[Array, Array]:
        """Means and variances under the map."""
        means = np.einsum("sij,csgj->csgi", self.matrices, acoustic.means)
        return means + self.offsets[:, None], acoustic.variances * self.scales[:, None]

    def save(self, path: Path) -> None:
        """Writes it as PocketSphinx reads it; behind its end, the version of the front end."""
        streams, length = self.offsets.shape
        lines = ["1", str(streams)]
        for stream in range(streams):
            lines.append(str(length))
            lines += [" ".join(f"{one:.6g}" for one in row) for row in self.matrices[stream]]
            lines.append(" ".join(f"{one:.6g}" for one in self.offsets[stream]))
            lines.append(" ".join(f"{one:.6g}" for one in self.scales[stream]))
        lines.append(f"{frontend.MARK} {frontend.VERSION}")
        path.write_text("\n".join(lines) + "\n", encoding="ascii")


@dataclass
class Statistics:
    """Sums over frames; those of several recordings can be added."""

    weights: Array
    """(codebook, stream, Gaussian): frames that each Gaussian stands for."""
    sums: Array
    """(codebook, stream, Gaussian, number): of their features."""
    squares: Array
    """As the sums, of the features' squares."""
    likelihood: float = 0.0
    """Logarithm, of all frames."""
    frames: int = 0

    @classmethod
    def gather(
        cls, aligned: Iterable[Aligned], acoustic: AcousticModel, transform: Transform
    ) -> Statistics:
        """Which Gaussians stand for which frames, given the model under a transform."""
        means, variances = transform.of(acoustic)
        found = cls(np.zeros(means.shape[:3]), np.zeros(means.shape), np.zeros(means.shape))
        constants = -0.5 * np.log(2 * np.pi * variances).sum(axis=-1)
        for one in aligned:
            for state in np.unique(one.states):
                chosen = one.states == state
                codebook = int(one.codebooks[chosen][0])
                features = one.features[chosen]
                # (frame, stream, Gaussian, number)
                distances = features[:, :, None] - means[codebook]
                densities = (
                    constants[codebook] - 0.5 * (distances**2 / variances[codebook]).sum(axis=-1)
                ) + acoustic.log_weights(int(state))
                total = logsumexp(densities, axis=-1, keepdims=True)
                posteriors = np.exp(densities - total)
                found.weights[codebook] += posteriors.sum(axis=0)
                found.sums[codebook] += np.einsum("fsg,fsd->sgd", posteriors, features)
                found.squares[codebook] += np.einsum("fsg,fsd->sgd", posteriors, features**2)
                found.likelihood += float(total.sum())
                found.frames += len(features)
        return found

    def solve(self, acoustic: AcousticModel, scale: bool = True) -> Transform:
        """The map under which the frames are the most likely.

        Args:
            acoustic: The model that the map is of.
            scale: Whether to change the variances, too.
        """
        _, streams, _, length = acoustic.means.shape
        found = Transform.identity(streams, length)
        for stream in range(streams):
            means = acoustic.means[:, stream].reshape(-1, length)
            variances = acoustic.variances[:, stream].reshape(-1, length)
            weights = self.weights[:, stream].reshape(-1)
            sums = self.sums[:, stream].reshape(-1, length)
            squares = self.squares[:, stream].reshape(-1, length)
            if not weights.sum():
                continue
            # What speaks for the model as it is: as many frames of the same kind, were it right.
            share = weights / weights.sum() * PRIOR
            extended = np.hstack([means, np.ones((len(means), 1))])
            for row in range(length):
                precision = 1 / variances[:, row]
                left = (extended.T * ((weights + share) * precision)) @ extended
                right = extended.T @ ((sums[:, row] + share * means[:, row]) * precision)
                solution = np.linalg.solve(left + 1e-9 * np.eye(length + 1), right)
                found.matrices[stream, row] = solution[:-1]
                found.offsets[stream, row] = solution[-1]
                if scale:
                    mapped = extended @ solution
                    spread = squares[:, row] - 2 * mapped * sums[:, row] + mapped**2 * weights
                    total = (spread * precision).sum() + PRIOR
                    found.scales[stream, row] = total / (weights.sum() + PRIOR)
        return found


def adapt(
    aligned: Iterable[Aligned], acoustic: AcousticModel, rounds: int = 3, scale: bool = True
) -> Transform:
    """Learns a transform; each round knows better which Gaussians stand for which frames."""
    aligned = list(aligned)
    _, streams, _, length = acoustic.means.shape
    transform = Transform.identity(streams, length)
    for _ in range(rounds):
        transform = Statistics.gather(aligned, acoustic, transform).solve(acoustic, scale)
    return transform
