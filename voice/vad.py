"""Speech told from silence: utterances out of a stream, and the spoken part of a clip.

WebRTC's detector judges 30 ms at a time. One window for start and stop is wrong both ways: one long
enough not to part a command at a breath misses short words, so each has its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
import webrtcvad

from voice.audio import RATE, Samples, seconds

FRAME = 480
"""Samples that are judged at a time: 30 ms."""

_FRAME_SECONDS = FRAME / RATE


@dataclass(frozen=True)
class Endpointing:
    """When an utterance begins and ends; lengths in seconds."""

    aggressiveness: int = 2
    """WebRTC's: from 0, which takes most things for speech, to 3."""
    start: float = 0.2
    """An utterance begins when most of a stretch this long is speech."""
    stop: float = 0.7
    """It ends after this long without any such stretch."""
    before: float = 0.3
    """What is kept from before the beginning: first sounds are soft."""
    longest: float = 15.0
    """It ends after this long in any case."""
    share: float = 0.7
    """What "most" of the first stretch means."""


class End(Enum):
    """Why an utterance ended."""

    SILENCE = "silence"
    LONGEST = "longest"
    CLOSED = "closed"
    """The stream was closed in the middle of it."""


@dataclass(frozen=True)
class Utterance:
    """What was said in one go."""

    samples: Samples
    begin: float
    """Seconds since the stream began."""
    end: End


class Endpointer:
    """Takes a stream of samples in pieces of any size, and gives the utterances in it.

    Attributes:
        speaking: Whether an utterance is under way; captions and barge-in look at it.
    """

    def __init__(self, settings: Endpointing | None = None) -> None:
        """Begins a stream."""
        self._settings = settings or Endpointing()
        self._detector = webrtcvad.Vad(self._settings.aggressiveness)
        self._recent: deque[bool] = deque(maxlen=round(self._settings.start / _FRAME_SECONDS))
        kept = round((self._settings.start + self._settings.before) / _FRAME_SECONDS)
        self._before: deque[Samples] = deque(maxlen=kept)
        self._rest: Samples = np.empty(0, np.int16)
        self._spoken: list[Samples] = []
        self._silent = 0.0
        self._heard = 0
        self.speaking = False

    def feed(self, samples: Samples) -> Iterator[Utterance]:
        """Takes more of the stream; gives the utterances that ended in it."""
        self._rest = np.concatenate([self._rest, samples])
        whole = len(self._rest) // FRAME * FRAME
        frames, self._rest = self._rest[:whole].reshape(-1, FRAME), self._rest[whole:]
        for frame in frames:
            if (utterance := self._step(frame)) is not None:
                yield utterance

    @property
    def so_far(self) -> Samples:
        """What is being said, from before its beginning to now; empty while nobody speaks."""
        return np.concatenate(self._spoken) if self.speaking else self._rest[:0]

    def forget(self) -> None:
        """Begins anew, as if the stream began here; what was being said is dropped."""
        self._rest = self._rest[:0]
        if self.speaking:
            self._finish(End.CLOSED)
        self._before.clear()
        self._recent.clear()

    def close(self) -> Utterance | None:
        """Ends the stream; what was being said, if anything."""
        return self._finish(End.CLOSED) if self.speaking else None

    def _step(self, frame: Samples) -> Utterance | None:
        settings = self._settings
        self._heard += 1
        self._recent.append(self._detector.is_speech(frame.astype("<i2").tobytes(), RATE))
        enough = self._recent.maxlen or 1
        mostly = sum(self._recent) >= settings.share * enough
        if not self.speaking:
            self._before.append(frame)
            if mostly:
                self.speaking, self._silent = True, 0.0
                self._spoken = list(self._before)
            return None
        self._spoken.append(frame)
        self._silent = 0.0 if mostly else self._silent + _FRAME_SECONDS
        if self._silent >= settings.stop:
            return self._finish(End.SILENCE)
        if len(self._spoken) * _FRAME_SECONDS >= settings.longest:
            return self._finish(End.LONGEST)
        return None

    def _finish(self, end: End) -> Utterance:
        samples = np.concatenate(self._spoken)
        self.speaking, self._spoken = False, []
        self._before.clear()
        self._recent.clear()
        return Utterance(samples, self._heard * _FRAME_SECONDS - seconds(samples), end)


def trim(samples: Samples, settings: Endpointing | None = None, after: float = 0.3) -> Samples:
    """The spoken part of a clip, pauses within it included; empty where nobody speaks.

    The arguments are those of `spoken_part`.
    """
    return samples[spoken_part(samples, settings, after)]


def spoken_part(samples: Samples, settings: Endpointing | None = None, after: float = 0.3) -> slice:
    """Where in a clip somebody speaks, pauses included; an empty part where nobody does.

    Args:
        samples: The clip.
        settings: As for a stream; of its times only `start` and `before` count here.
        after: Seconds that are kept behind the last speech.
    """
    settings = settings or Endpointing()
    detector = webrtcvad.Vad(settings.aggressiveness)
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    speech = [detector.is_speech(frame.astype("<i2").tobytes(), RATE) for frame in frames]
    window = round(settings.start / _FRAME_SECONDS)
    if len(speech) < window:
        return slice(0, 0)
    mostly = np.convolve(speech, np.ones(window), "valid") >= settings.share * window
    found = np.flatnonzero(mostly)
    if not len(found):
        return slice(0, 0)
    begin = found[0] * FRAME - round(settings.before * RATE)
    end = (found[-1] + window) * FRAME + round(after * RATE)
    return slice(max(0, begin), min(end, len(samples)))
