"""wav2vec 2.0 and its kin (HuBERT, WavLM …), by transformers: letters out of sound.

Each utterance is searched twice: by the assistant's own sentences, spelt, and freely. No text can
be more probable than the best letters of each frame; a sentence that comes near to them is what
was said, and otherwise the free text is taken.
"""

from __future__ import annotations

import math
import unicodedata
from pathlib import Path
from typing import Any

import torch
from transformers import AutoFeatureExtractor, AutoModelForCTC, Wav2Vec2CTCTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_CTC_MAPPING_NAMES

from voice import vad
from voice.asr import RecognizerError, Source, Word
from voice.audio import RATE, Samples, seconds
from voice.engines import ctc
from voice.engines.clips import ClipRecognizer, Guess, as_floats
from voice.engines.pretrained import load_config, load_part, load_weights
from voice.engines.sentences import SentenceGraph, Sentences
from voice.language import Language, LanguageError

ENGINE = "wav2vec2"

BEAMS = 10
"""Texts that are followed at a time."""

COMMAND = -0.3
"""How far below the best letters a sentence may lie, per frame of 20 ms, to be taken: room for one
letter of five or so to be heard as another, each of which costs some five."""

_SHORTEST = 0.1
"""Seconds: what is shorter has no frame."""


class Wav2Vec2Recognizer(ClipRecognizer):
    """Hears the assistant's sentences, and whatever else is said."""

    def __init__(
        self,
        model: Path | None,
        language: Path | None = None,
        beams: int = BEAMS,
        command: float = COMMAND,
        endpointing: vad.Endpointing | None = None,
    ) -> None:
        """Loads it.

        Args:
            model: A folder, or the name of a model in Hugging Face's cache.
            language: The folder of the assistant's language model; without it all is open speech.
            beams: Texts that are followed at a time.
            command: How far below the best letters a sentence may lie.
            endpointing: How speech is told from silence.

        Raises:
            RecognizerError: Something is missing or damaged.
        """
        super().__init__(endpointing)
        load_config(ENGINE, model, MODEL_FOR_CTC_MAPPING_NAMES)
        assert model is not None
        self._extractor: Any = load_part(AutoFeatureExtractor, ENGINE, model)
        tokenizer: Any = load_part(Wav2Vec2CTCTokenizer, ENGINE, model)
        self._model: Any = load_weights(AutoModelForCTC, ENGINE, model)
        if len(tokenizer) > self._model.config.vocab_size:
            raise RecognizerError(f"{model} has a tokenizer of another model than its weights.")
        self._letters: dict[str, int] = tokenizer.get_vocab()
        self._written = {number: letter for letter, number in self._letters.items()}
        self._blank = int(self._model.config.pad_token_id)
        if tokenizer.word_delimiter_token not in self._letters:
            raise RecognizerError(f"{model} has no mark between words in its vocabulary.")
        self._between = self._letters[tokenizer.word_delimiter_token]
        self._special = frozenset(tokenizer.all_special_ids) | {self._blank}
        # Some models write small letters, most of them capitals.
        self._is_upper = "e" not in self._letters
        self._beams, self._command = beams, command
        self._graph = (
            SentenceGraph(Sentences.read(language), self._spell, self._between, self._blank)
            if language and _has_grammar(language)
            else None
        )

    def guess(self, samples: Samples) -> list[Guess]:
        """What was said."""
        if seconds(samples) < _SHORTEST:
            return []
        frames = self._frames(samples)
        length = seconds(samples) / len(frames)
        found = [
            self._guess(letters, score, frames, length, Source.OPEN)
            for letters, score in ctc.search(frames, self._blank, self._beams)
        ]
        words = self._graph.best(frames) if self._graph else None
        if words:
            letters = self._joined(words)
            _, score = ctc.align(frames, letters, self._blank)
            command = self._guess(letters, score, frames, length, Source.COMMANDS)
            margin = (score - ctc.best_score(frames)) / len(frames)
            found.insert(0 if margin >= self._command else len(found), command)
        return found

    def _frames(self, samples: Samples) -> ctc.Frames:
        values = self._extractor(as_floats(samples), sampling_rate=RATE, return_tensors="pt")
        with torch.inference_mode():
            logits = self._model(next(iter(values.values()))).logits
        frames: ctc.Frames = logits[0].double().log_softmax(-1).numpy()
        # Marks of a tokenizer are no letters: nobody says them.
        for number in self._special - {self._blank}:
            frames[:, number] = -1e4
        return frames

    def _guess(
        self, letters: ctc.Letters, score: float, frames: ctc.Frames, length: float, source: Source
    ) -> Guess:
        text = "".join(self._written[one] for one in letters)
        between = self._written[self._between]
        plain = " ".join(text.replace(between, " ").split()).lower()
        if not plain:
            return Guess("", score, 0.0)
        spans, _ = ctc.align(frames, letters, self._blank)
        words: list[Word] = []
        is_new = True
        for letter, span in zip(letters, spans, strict=True):
            if letter == self._between:
                is_new = True
                continue
            written = self._written[letter].lower()
            first, last = span[0] * length, span[1] * length
            if is_new:
                words.append(Word(written, first, last))
            else:
                words[-1] = Word(words[-1].text + written, words[-1].begin, last)
            is_new = False
        # What a letter costs, on the mean, beyond the best that could be had.
        lost = (score - ctc.best_score(frames)) / max(1, len(plain))
        return Guess(plain, score, math.exp(min(0.0, lost)), tuple(words), source)

    def _joined(self, words: list[str]) -> ctc.Letters:
        spelt = [self._spell(word) or () for word in words]
        return tuple(
            letter
            for place, word in enumerate(spelt)
            for letter in ((self._between, *word) if place else word)
        )

    def _spell(self, word: str) -> ctc.Letters | None:
        cased = word.upper() if self._is_upper else word.lower()
        plain = unicodedata.normalize("NFKD", cased)
        letters = [
            self._letters.get(letter) for letter in plain if letter.isalpha() or letter == "'"
        ]
        if not letters or None in letters:
            return None
        return tuple(letter for letter in letters if letter is not None)


def _has_grammar(language: Path) -> bool:
    """Whether there is a grammar: that of a large assistant would be too large to be searched."""
    try:
        return Language.load(language).transitions > 0
    except LanguageError as error:
        raise RecognizerError(str(error)) from error
