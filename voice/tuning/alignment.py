"""Which state of the acoustic model each frame of a recording belongs to, by PocketSphinx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pocketsphinx

from voice import vad
from voice.frontend import Features, features
from voice.language import DICTIONARY
from voice.sphinx import GAUSSIANS, WIDE
from voice.tuning.acoustic import AcousticModel, Array
from voice.tuning.recordings import Recording


@dataclass(frozen=True)
class Aligned:
    """A recording's frames, 10 ms each."""

    features: Array
    """(frame, stream, number of the stream)."""
    states: npt.NDArray[np.int64]
    codebooks: npt.NDArray[np.int64]


def align(
    recordings: Sequence[Recording], language: Path, acoustic: AcousticModel
) -> Iterator[Aligned | None]:
    """Aligns recordings with their words; None for one whose words do not fit what is heard.

    Args:
        recordings: With words that the language model's dictionary has.
        language: The folder of the assistant's language model.
        acoustic: The model whose states are meant.
    """
    codebook = {phone: number for number, phone in enumerate(acoustic.phones)}
    decoder = pocketsphinx.Decoder(
        lm=None,
        dict=str(language / DICTIONARY),
        # The path through the lattice may give a word fewer frames than it has states.
        bestpath=False,
        topn=GAUSSIANS,
        loglevel="FATAL",
        **WIDE,
    )
    for one in recordings:
        # What the recogniser would be given, so that the transform is one of that.
        heard = features(one.samples)
        is_known = all(decoder.lookup_word(word) is not None for word in one.words)
        if not len(vad.trim(one.samples)) or not is_known:
            yield None
            continue
        decoder.set_align_text(one.text)
        try:
            _pass(decoder, heard)
            decoder.set_alignment()
            _pass(decoder, heard)
        except RuntimeError:
            # The engine's way to say that the end of the words was not reached.
            yield None
            continue
        found = [
            (int(state.name), codebook[phone.name], state.start, state.duration)
            for phone in decoder.get_alignment().phones()
            for state in phone
        ]
        if not found or found[-1][2] + found[-1][3] > len(heard):
            yield None
            continue
        states, codebooks, _, durations = np.array(found).T
        yield Aligned(
            streams(heard.astype(np.float64))[: int(durations.sum())],
            np.repeat(states, durations),
            np.repeat(codebooks, durations),
        )


def _pass(decoder: pocketsphinx.Decoder, heard: Features) -> None:
    decoder.start_utt()
    decoder.process_cep(heard.tobytes(), full_utt=True)
    decoder.end_utt()


def streams(cepstra: Array) -> Array:
    """The engine's features `1s_c_d_dd`, the mean of the utterance taken away.

    Args:
        cepstra: (frame, cepstrum).

    Returns:
        (frame, stream, number): cepstra, their slopes over four frames, the slopes of these.
    """
    # As the engine does, frames without any energy are no part of the mean.
    counted = cepstra[cepstra[:, 0] >= 0]
    centred = cepstra - counted.mean(axis=0) if len(counted) else cepstra
    padded = np.pad(centred, ((3, 3), (0, 0)), mode="edge")
    frames = len(cepstra)

    def at(offset: int) -> Array:
        return padded[3 + offset : 3 + offset + frames]

    slopes = at(2) - at(-2)
    bends = (at(3) - at(-1)) - (at(1) - at(-3))
    return np.stack([at(0), slopes, bends], axis=1)
