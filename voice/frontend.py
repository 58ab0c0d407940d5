"""Audio into the features that the acoustic model was made for, freed of noise.

The engine computes the same ones, and it does remove noise too, but only in the order of time: it
has to hear a second or two of noise before it knows it, and what it hears then is searched
for words. Here the whole clip is known. So noise is learnt from all of it, its pauses and what is
around the command, and then only the command itself is given to the search: nobody else's words
before and behind it, no clatter.

Noise is removed as the engine does (Doblinger 1995; Kim and Stern 2016): the acoustic model was
trained on speech that had gone through it. What noise leaves is flatter than clean speech: each
feature is stretched to the spread that it has in clean commands (Viikki and Laurila 1998).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from voice.audio import RATE, Samples

VERSION = 2
"""Of the features; raised with every change: what was learnt from other ones does not fit."""

MARK = "# front end"
"""Before the version, in files of what was learnt from features."""

Features = npt.NDArray[np.float32]
"""Cepstra: a row for each 10 ms."""
_Array = npt.NDArray[np.float64]

STEP = RATE // 100
"""Samples from frame to frame."""

_FRAME = 410
_FFT = 512
_FILTERS = 25
_LOWEST, _HIGHEST = 130.0, 6800.0
_CEPSTRA = 13
_LIFTER = 22
_PREEMPHASIS = 0.97
_FLOOR = 1e-4

_SMOOTHED = 0.7
_SLOWLY, _QUICKLY = 0.995, 0.5
_MASKING, _MASKED = 0.85, 0.2
_MOST = 20.0
_NEIGHBOURS = 4
"""How its noise removal is set in the engine."""


_SPREAD = np.array([24.7, 19.0, 13.4, 18.1, 17.2, 16.3, 17.6, 16.0, 15.6, 15.2, 13.7, 11.9, 12.2])
"""Standard deviation of each feature in clean commands, pauses around them included."""
_SHARE = 0.6
"""Of the way there, as a power: all of it stretches clatter as much as speech."""
_STRETCHED = (0.8, 2.5)
"""At least and at most by so much: what is no speech at all is not to become any."""
_STANDS_OUT = 0.25
"""From the noise's level up to that of speech: where what belongs to the command begins."""
_DECIBELS = 3.0
"""By less than that, nothing stands out from the noise."""
_BEFORE, _AFTER = 35, 45
"""Frames kept around it: first and last sounds are soft."""


def features(samples: Samples) -> Features:
    """A clip's command as the acoustic model is to see it."""
    power = spectra(samples)
    begin, end = foreground(power)
    return stretched(cepstra(without_noise(power)[begin:end]))


def foreground(power: _Array) -> tuple[int, int]:
    """The frames of the command: the one stretch that stands out most from what is around it.

    A frame counts by how far it lies above a level between the noise and the speech, so that a
    pause in the command is bridged and a clatter far from it is not.
    """
    if len(power) <= _BEFORE + _AFTER:
        return 0, len(power)
    window = np.ones(11)
    smooth = np.apply_along_axis(np.convolve, 0, power + 1, window, "same")
    smooth /= np.convolve(np.ones(len(power)), window, "same")[:, None]
    noise = np.percentile(smooth, 20, axis=0)
    level = np.clip(10 * np.log10(smooth / noise), 0, None).mean(axis=1)
    low, high = np.percentile(level, [20, 95])
    if high - low < _DECIBELS:
        return 0, len(power)
    gain = np.cumsum(np.concatenate([[0.0], level - low - _STANDS_OUT * (high - low)]))
    end = int(np.argmax(gain - np.minimum.accumulate(gain)))
    begin = int(np.argmin(gain[: end + 1]))
    return max(0, begin - _BEFORE), min(len(power), end + _AFTER)


def stretched(found: Features) -> Features:
    """Features, nearer to the spread that they have in clean speech."""
    if not len(found):
        return found
    mean = found.mean(axis=0)
    factors = np.clip((_SPREAD / np.maximum(found.std(axis=0), 1e-3)) ** _SHARE, *_STRETCHED)
    even = mean + (found - mean) * factors
    # The engine takes the mean off, but counts no frame whose first feature is negative.
    even[:, 0] -= min(0.0, even[:, 0].min())
    stretched: Features = even.astype(np.float32)
    return stretched


def spectra(samples: Samples) -> _Array:
    """The power in each band of the ear, frame by frame."""
    if len(samples) < _FRAME:
        return np.empty((0, _FILTERS))
    sound = samples.astype(np.float64)
    sound[1:] -= _PREEMPHASIS * sound[:-1]
    # The last one is filled up with silence.
    count = 1 + -(-(len(sound) - _FRAME) // STEP)
    sound = np.concatenate([sound, np.zeros((count - 1) * STEP + _FRAME - len(sound))])
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::STEP] * np.hamming(_FRAME)
    power: _Array = np.abs(np.fft.rfft(frames, _FFT)) ** 2 @ _filters()
    return power


def without_noise(power: _Array, start: _Array | None = None) -> _Array:
    """Bands with what is steady in them taken out.

    Args:
        power: Bands, frame by frame.
        start: The noise as it is known before the first frame; else next to none.
    """
    if not len(power):
        return power
    first = power[0]
    smooth = first.copy()
    noise = first / _MOST if start is None else start.copy()
    floor = first / _MOST
    peak = np.zeros_like(first)
    gains = np.empty_like(power)
    for number, frame in enumerate(power):
        smooth = _SMOOTHED * smooth + (1 - _SMOOTHED) * frame
        noise = _lower_envelope(smooth, noise)
        signal = np.maximum(smooth - noise, 1.0)
        floor = _lower_envelope(signal, floor)
        # What follows something loud is masked by it.
        peak = peak * _MASKING
        masked = np.where(signal < _MASKING * peak, peak * _MASKED, signal)
        peak = np.maximum(peak, signal)
        gains[number] = np.maximum(masked, floor) / np.maximum(smooth, _FLOOR)
    gains = np.clip(gains, 1 / _MOST, _MOST)
    return power * (gains @ _smoothing())


def cepstra(power: _Array) -> Features:
    """What the acoustic model knows, out of bands."""
    found: Features = (np.log(power + _FLOOR) @ _cosines()).astype(np.float32)
    return found


def _lower_envelope(value: _Array, envelope: _Array) -> _Array:
    slowness = np.where(value >= envelope, _SLOWLY, _QUICKLY)
    return slowness * envelope + (1 - slowness) * value


@cache
def _filters() -> _Array:
    """Triangles on the mel scale, each of area one, as columns."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST, _HIGHEST))
    edges = 700 * (10 ** (np.linspace(low, high, _FILTERS + 2) / 2595) - 1)
    bins = np.floor(edges / (RATE / _FFT) + 0.5) * (RATE / _FFT)
    left, middle, right = bins[:-2], bins[1:-1], bins[2:]
    hertz = (np.arange(_FFT // 2 + 1) * RATE / _FFT)[:, None]
    triangles = np.minimum((hertz - left) / (middle - left), (right - hertz) / (right - middle))
    found: _Array = np.clip(triangles, 0, None) * 2 / (right - left)
    return found


@cache
def _smoothing() -> _Array:
    """Each band's mean with its neighbours, as columns."""
    distance = np.abs(np.subtract.outer(np.arange(_FILTERS), np.arange(_FILTERS)))
    near = (distance <= _NEIGHBOURS).astype(np.float64)
    found: _Array = near / near.sum(axis=0)
    return found


@cache
def _cosines() -> _Array:
    order = np.arange(_CEPSTRA)
    angles = np.pi / _FILTERS * np.outer(np.arange(_FILTERS) + 0.5, order)
    scale = np.where(order == 0, np.sqrt(1 / _FILTERS), np.sqrt(2 / _FILTERS))
    found: _Array = np.cos(angles) * scale * (1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER))
    return found
