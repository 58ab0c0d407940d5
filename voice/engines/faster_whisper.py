"""faster-whisper (CTranslate2): an optional engine, `pip install faster-whisper`.

The same Whisper as `voice.engines.whisper`, several times as quick on a processor in eight bits.
Its models have a form of their own (`ct2-transformers-converter` makes it of others).
"""

from __future__ import annotations

import math
from pathlib import Path

from voice import vad
from voice.asr import RecognizerError, Word
from voice.audio import Samples
from voice.engines.clips import ClipRecognizer, Guess, as_floats
from voice.engines.packages import needed
from voice.engines.vocabulary import unusual_words

ENGINE = "faster-whisper"

_FILES = ("model.bin", "config.json")
_PROMPTED = 60
"""Words; the engine itself cuts what is more than it has room for."""


class FasterWhisperRecognizer(ClipRecognizer):
    """Hears whatever is said."""

    def __init__(
        self,
        model: Path | None,
        language: Path | None = None,
        beams: int = 5,
        endpointing: vad.Endpointing | None = None,
    ) -> None:
        """Loads it.

        Args:
            model: A folder with a converted model.
            language: The folder of the assistant's language model, whose words are its prompt.
            beams: Texts that are followed at a time.
            endpointing: How speech is told from silence.

        Raises:
            RecognizerError: The package or the model is missing.
        """
        super().__init__(endpointing)
        package = needed("faster_whisper", ENGINE)
        if model is None:
            raise RecognizerError(f"{ENGINE} has no model of its own: name a folder with one.")
        if not model.is_dir():
            raise RecognizerError(f"There is no folder {model} with a model for {ENGINE}.")
        if lacking := [name for name in _FILES if not (model / name).is_file()]:
            raise RecognizerError(f"{model} holds no model for {ENGINE}: it has no {lacking[0]}.")
        try:
            self._model = package.WhisperModel(
                str(model), device="cpu", compute_type="int8", local_files_only=True
            )
        # CTranslate2 and the tokenizers have errors of their own, of no common kind.
        except Exception as error:
            raise RecognizerError(f"{model} cannot be read by {ENGINE}: {error}") from error
        self._beams = beams
        self._prompt = ", ".join(unusual_words(language)[:_PROMPTED]) if language else None

    def guess(self, samples: Samples) -> list[Guess]:
        """What was said; this engine tells no alternatives."""
        segments, _ = self._model.transcribe(
            as_floats(samples),
            language="en",
            beam_size=self._beams,
            # One temperature: where it is unsure it says so, and does not draw by chance.
            temperature=0.0,
            condition_on_previous_text=False,
            initial_prompt=self._prompt,
            word_timestamps=True,
        )
        heard = list(segments)
        tokens = sum(len(one.tokens) + 1 for one in heard)
        if not tokens:
            return []
        likelihood = sum(one.avg_logprob * (len(one.tokens) + 1) for one in heard)
        words = tuple(
            Word(word.word.strip(), float(word.start), float(word.end))
            for one in heard
            for word in one.words or ()
        )
        text = " ".join(one.text.strip() for one in heard)
        return [Guess(text, likelihood, math.exp(min(0.0, likelihood / tokens)), words)]
