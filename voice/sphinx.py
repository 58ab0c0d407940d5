"""PocketSphinx: the embedded recogniser, whose acoustic model comes in its wheel.

It decodes what was said twice: with the grammar of the assistant's own sentences, and with a model
of which words follow each other in them. The grammar hears its own sentences better and everything
else as one of them, so which of the two is believed is told from the difference of their scores. A
third, quick pass by sounds alone says how well anything could have fitted: what lies far below
it is neither.

The best text comes from a wide search, alternatives from a narrow one: the engine links all words
that it followed with each other to find them, which takes a minute for what the wide one leaves of
ten seconds in noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx

from voice import vad
from voice.asr import (
    NOTHING_HEARD,
    Hypothesis,
    Recognition,
    RecognizerError,
    Source,
    Word,
)
from voice.audio import Samples
from voice.frontend import MARK, VERSION, Features, features
from voice.language import COMMANDS, DICTIONARY, OPEN, Language, LanguageError

WIDE = {"beam": 1e-120, "wbeam": 1e-100, "pbeam": 1e-120}
"""How much worse than the best a path may be and still be followed. The engine's own, 1e-48, loses
the right one in noise. Only small grammars are searched at all (`voice.language.MOST_SEARCHED`): in
a large one, following so much takes longer than speaking."""

GAUSSIANS = 8
"""That are looked at for each sound; with the engine's own 4, noise hides the right one."""

_USUAL = {"beam": 1e-48, "wbeam": 7e-29, "pbeam": 1e-48}
"""The engine's own."""

_NARROW = {"beam": 1e-30, "pbeam": 1e-30}

_OPENLY = {**_USUAL, "maxhmmpf": 3000, "maxwpf": 10}
"""Of 20,000 words of English, only so many sounds and ends of words are followed at a time: a fifth
quicker and as right, where narrower beams make more errors."""

_SEARCHES = (COMMANDS, OPEN)
_SOUNDS = "sounds"
_WIDE = "wide"
_SCALE = 1024
"""By which the engine divides its scores."""
_FRAMES = 100
"""A second."""
_MOST_ALTERNATIVES = 10
_LOOKED_AT = 20
"""Hypotheses of the engine that are looked through for so many different texts."""
_FILLERS = frozenset({"<s>", "</s>", "<sil>", "(NULL)", "[NOISE]", "[SPEECH]"})


TRANSFORM_STREAMS = (13, 13, 13)
"""Numbers in each of the acoustic model's streams: cepstra, their slopes, the slopes of these."""

LOWEST = -1e6
"""The score of what does not fit at all."""


@dataclass(frozen=True)
class _Decoded:
    """What one pass found."""

    best: float
    """The score of its first alternative, per frame."""
    words: tuple[Word, ...]
    alternatives: tuple[Hypothesis, ...]


def dictionary_path() -> Path:
    """The dictionary that the wheel brings: 134,000 words of American English."""
    return Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))


def check_transform(path: Path) -> None:
    """Reads a transform's file as the engine does, which in place of an error would crash.

    Raises:
        RecognizerError: It is missing, has not the form of the engine's model, or was learnt with
            another front end.
    """
    lengths = TRANSFORM_STREAMS
    try:
        content, _, learnt_from = path.read_text(encoding="ascii").partition(MARK)
        numbers = content.split()
        place = 2
        fits = [int(one) for one in numbers[:2]] == [1, len(lengths)]
        for length in lengths:
            fits = fits and int(numbers[place]) == length
            # A matrix, a vector for the means, and a factor for each variance.
            place += 1 + length * (length + 2)
        fits = (
            fits
            and place == len(numbers)
            and bool(np.isfinite(np.array(numbers, np.float64)).all())
        )
    except FileNotFoundError as error:
        raise RecognizerError(f"There is no {path}: make it with make tune-voice.") from error
    except (OSError, ValueError, IndexError) as error:
        raise RecognizerError(f"{path} is no MLLR transform, or a damaged one.") from error
    if not fits:
        raise RecognizerError(f"{path} is no MLLR transform for this acoustic model.")
    if learnt_from.strip() != str(VERSION):
        raise RecognizerError(
            f"{path} was learnt with another front end than this one: make it anew with "
            "make tune-voice."
        )


def english_path() -> Path:
    """The model of words that the wheel brings: 72,000 of them, and which follow each other."""
    return Path(pocketsphinx.get_model_path("en-us/en-us.lm.bin"))


class SphinxRecognizer:
    """Hears what an assistant can be told."""

    def __init__(
        self,
        folder: Path,
        endpointing: vad.Endpointing | None = None,
        mllr: Path | None = None,
    ) -> None:
        """Loads what `voice.language.train` wrote.

        Args:
            folder: Where it lies.
            endpointing: How speech is told from silence.
            mllr: A transform of the acoustic model's means, as `voice.tuning` writes it.

        Raises:
            RecognizerError: It is not there, or made by another version.
        """
        if mllr is not None:
            check_transform(mllr)
        try:
            self.language = Language.load(folder)
        except LanguageError as error:
            raise RecognizerError(str(error)) from error
        self._endpointing = endpointing
        self._decoder = pocketsphinx.Decoder(
            lm=None,
            dict=str(folder / DICTIONARY),
            bestpath=False,
            topn=GAUSSIANS,
            # Scores are counted from the best of all sounds, and not from the best of those that a
            # search happens to look at: only so can those of different searches be compared. Where
            # there is no grammar to compare with, that would cost two thirds more.
            compallsen=bool(self.language.transitions),
            loglevel="FATAL",
            mllr=str(mllr) if mllr else None,
        )
        decoder = self._decoder
        # A search keeps the widths that it was made with.
        if self.language.transitions:
            grammar = str(folder / f"{COMMANDS}.fsg")
            self._set(_USUAL)
            decoder.add_fsg(COMMANDS, decoder.read_fsg(grammar))
            self._set(WIDE)
            decoder.add_fsg(_WIDE, decoder.read_fsg(grammar))
        self._set(_OPENLY if self.language.general else _USUAL)
        decoder.add_lm_file(OPEN, str(folder / f"{OPEN}.arpa"))
        # How well sounds fit in general need not be known to the last digit.
        self._set(_NARROW)
        decoder.add_allphone_file(_SOUNDS, pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin"))
        self._is_open = False

    @property
    def first(self) -> str:
        """The search that an utterance begins with; there is no grammar where it is too large."""
        return COMMANDS if self.language.transitions else OPEN

    def _set(self, widths: Mapping[str, float]) -> None:
        for name, width in widths.items():
            self._decoder.config[name] = width

    def recognize(self, samples: Samples) -> Recognition:
        """What is said in a clip; what is around it tells the noise that is in it."""
        if not len(vad.trim(samples, self._endpointing)):
            return NOTHING_HEARD
        return self.recognize_spoken(samples)

    def recognize_spoken(self, samples: Samples) -> Recognition:
        """What is said in audio in which somebody speaks."""
        heard = features(samples)
        floor = self._score(_SOUNDS, heard)
        commands = self._commands(heard, floor)
        chosen, source = commands, Source.COMMANDS
        if commands is None or commands.best - floor < self.language.thresholds.command:
            # Only now: most of what is said to an assistant is a command, and costs one pass less.
            rest = self._decode(OPEN, heard)
            if rest and (
                commands is None or rest.best - commands.best > self.language.thresholds.open
            ):
                chosen, source = rest, Source.OPEN if self.language.transitions else Source.WORDS
        if chosen is None:
            return NOTHING_HEARD
        confidence = self.language.confidence(chosen.best - floor)
        return Recognition(
            chosen.alternatives[0].text,
            confidence,
            confidence >= 0.5,
            chosen.words,
            chosen.alternatives,
            source,
        )

    def margins(self, samples: Samples) -> tuple[float, float]:
        """How far above sounds alone the grammar's and the open model's hypotheses lie."""
        heard = features(samples)
        floor = self._score(_SOUNDS, heard)
        found = [self._score(search, heard) - floor for search in _SEARCHES]
        return found[0], found[1]

    def stream(self) -> SphinxStream:
        """Begins an utterance; one that was left in its middle is over."""
        return SphinxStream(self)

    def begin(self, search: str) -> None:
        """Begins a pass."""
        self.end()
        self._decoder.activate_search(search)
        self._decoder.start_utt()
        self._is_open = True

    def caption(self, samples: Samples) -> str:
        """Takes more of a pass that is under way; the best text until now."""
        self._decoder.process_raw(samples.astype("<i2").tobytes())
        best = self._decoder.hyp()
        return _text(best.hypstr) if best else ""

    def end(self) -> None:
        """Ends the pass that is under way, if any."""
        if self._is_open:
            self._decoder.end_utt()
            self._is_open = False

    def _score(self, search: str, heard: Features) -> float:
        found = self._decode(search, heard)
        return found.best if found else LOWEST

    def _commands(self, heard: Features, floor: float) -> _Decoded | None:
        """What the grammar finds: in a narrow search, and where that leaves doubt in a wide one."""
        if not self.language.transitions:
            return None
        narrow = self._decode(COMMANDS, heard)
        if narrow and narrow.best - floor >= self.language.thresholds.command:
            return narrow
        wide = self._decode(_WIDE, heard)
        if wide is None or narrow is None:
            return wide or narrow
        (best,) = wide.alternatives
        others = [one for one in narrow.alternatives if one.text != best.text]
        return replace(wide, alternatives=(best, *others[: _MOST_ALTERNATIVES - 1]))

    def _decode(self, search: str, heard: Features) -> _Decoded | None:
        """One pass; None where the search ends without anything that fits, or there is none."""
        decoder = self._decoder
        if not len(heard) or (search == COMMANDS and not self.language.transitions):
            return None
        self.begin(search)
        # As a whole: the mean of its spectrum, which stands for voice and microphone, is its own.
        decoder.process_cep(heard.tobytes(), full_utt=True)
        self.end()
        best = decoder.hyp()
        frames = decoder.n_frames()
        if best is None or not frames or not best.hypstr.strip():
            return None
        if search == _SOUNDS:
            return _Decoded(_score(best, frames), (), ())
        first = Hypothesis(_text(best.hypstr), _score(best, frames))
        words = tuple(_words(decoder.seg()))
        others: list[Hypothesis] = []
        if search != _WIDE:
            others = _alternatives(decoder.nbest(), first, frames)
        return _Decoded(first.score, words, (first, *others))


class SphinxStream:
    """An utterance that is still being spoken: captions from the grammar, then the whole of it."""

    def __init__(self, recognizer: SphinxRecognizer) -> None:
        """Begins it."""
        self._recognizer = recognizer
        self._pieces: list[Samples] = []
        recognizer.begin(recognizer.first)

    def feed(self, samples: Samples) -> str:
        """Takes more of it; what was said so far."""
        self._pieces.append(samples)
        return self._recognizer.caption(samples)

    def finish(self) -> Recognition:
        """What was said: heard anew as a whole, which takes some hundredths of its length."""
        self._recognizer.end()
        if not self._pieces:
            return NOTHING_HEARD
        return self._recognizer.recognize(np.concatenate(self._pieces))


def _score(hypothesis: Any, frames: int) -> float:
    """The logarithm of a likelihood per frame; the engine gives it scaled, and as its power."""
    score: float = hypothesis.score
    return math.log(score) * _SCALE / frames if score > 0 else LOWEST


def _text(said: str) -> str:
    return " ".join(_plain(word) for word in said.split() if word not in _FILLERS)


def _plain(word: str) -> str:
    """A word without the number of its pronunciation, "the(2)"."""
    return word.partition("(")[0]


def _words(segments: Iterable[Any]) -> Iterator[Word]:
    for segment in segments:
        if segment.word not in _FILLERS:
            begin, end = segment.start_frame, segment.end_frame + 1
            yield Word(_plain(segment.word), begin / _FRAMES, end / _FRAMES)


def _alternatives(found: Iterable[Any], first: Hypothesis, frames: int) -> list[Hypothesis]:
    """The next best texts, each once: those that differ in their pauses only are the same."""
    seen = {first.text: first}
    for one in islice(found, _LOOKED_AT):
        if one is not None and (text := _text(one.hypstr)):
            seen.setdefault(text, Hypothesis(text, _score(one, frames)))
    return list(seen.values())[1:_MOST_ALTERNATIVES]
