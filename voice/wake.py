"""A phrase that wakes the assistant, spotted here and nowhere else.

PocketSphinx searches for the phrase alone, and only while somebody speaks: a quiet room costs
nothing, and nothing that was said before the phrase is kept or goes anywhere.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pocketsphinx

from voice.audio import RATE, Samples
from voice.pronunciation import Pronunciations
from voice.sphinx import dictionary_path
from voice.vad import Endpointer, Endpointing

LEAST_SOUNDS = 5
"""Shorter phrases are heard in everything."""

PER_SOUND = 4.0
"""How much less likely than other speech the phrase may be, as a power of ten for each of its
sounds; `python -m benchmarks.wake` measures what comes of it."""

_FRAME = RATE // 100
"""Samples for each of the engine's frames."""

_SPEECH = Endpointing(start=0.12, stop=0.5, before=0.3, longest=10.0)
_WORD = re.compile(r"[a-z']+")


class WakeError(Exception):
    """A phrase that cannot be spotted; the message says why in one line."""


class WakeSpotter:
    """Waits for a phrase in a stream of samples."""

    def __init__(self, phrase: str, per_sound: float = PER_SOUND) -> None:
        """Prepares.

        Args:
            phrase: Two words or a long one, such as "hey parley". A word that the dictionary lacks
                is read by its letters, which takes some seconds to learn.
            per_sound: How readily it is taken to be heard; the greater the readier.

        Raises:
            WakeError: It has no words, or is too short.
        """
        self.phrase = " ".join(_WORD.findall(phrase.lower().replace("’", "'")))
        if not self.phrase:
            raise WakeError(f"{phrase!r} is no phrase that could be said.")
        known = Pronunciations(dictionary_path())
        sounds = {word: known.of(word) for word in self.phrase.split()}
        if silent := [word for word, ways in sounds.items() if not ways]:
            raise WakeError(f"Nobody knows how {silent[0]!r} sounds.")
        length = sum(len(sounds[word][0]) for word in self.phrase.split())
        if length < LEAST_SOUNDS:
            raise WakeError(f"{phrase!r} is too short: it would be heard in everything.")
        with tempfile.TemporaryDirectory(prefix="parley-voice-") as folder:
            dictionary = Path(folder, "words.dict")
            dictionary.write_text(_lines(sounds), encoding="utf-8")
            self._decoder = pocketsphinx.Decoder(
                lm=None,
                dict=str(dictionary),
                keyphrase=self.phrase,
                kws_threshold=10.0 ** (-per_sound * length),
                loglevel="FATAL",
            )
        self._endpointer = Endpointer(_SPEECH)
        self._listening = False
        self._searched = 0

    def feed(self, samples: Samples) -> Samples | None:
        """Takes more of the stream.

        Returns:
            What was said behind the phrase so far, once it was heard; None until then.
        """
        ended = list(self._endpointer.feed(samples))
        if not self._endpointer.speaking:
            # The end of it may have come with these samples: nothing in it was the phrase.
            found = self._search(ended[-1].samples) if ended else None
            self._stop()
            return found
        return self._search(self._endpointer.so_far)

    def forget(self) -> None:
        """Begins anew."""
        self._endpointer.forget()
        self._stop()

    def _search(self, spoken: Samples) -> Samples | None:
        if not self._listening:
            self._decoder.start_utt()
            self._listening, self._searched = True, 0
        if len(new := spoken[self._searched :]):
            self._decoder.process_raw(new.astype("<i2").tobytes(), False, False)
        self._searched = len(spoken)
        if self._decoder.hyp() is None:
            return None
        end = max(segment.end_frame for segment in self._decoder.seg())
        self.forget()
        return np.array(spoken[(end + 1) * _FRAME :])

    def _stop(self) -> None:
        if self._listening:
            self._decoder.end_utt()
            self._listening = False


def _lines(sounds: dict[str, list[tuple[str, ...]]]) -> str:
    """A dictionary in CMU's form."""
    return "".join(
        f"{word}{f'({number})' if number > 1 else ''} {' '.join(way)}\n"
        for word, ways in sounds.items()
        for number, way in enumerate(ways, 1)
    )
