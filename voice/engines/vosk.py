"""Vosk (Kaldi): an optional engine, `pip install vosk`, with any of its models in a folder."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from voice import vad
from voice.asr import RecognizerError, Word
from voice.audio import RATE, Samples
from voice.engines.clips import MOST_ALTERNATIVES, ClipRecognizer, Guess
from voice.engines.packages import needed

ENGINE = "Vosk"


class VoskRecognizer(ClipRecognizer):
    """Hears whatever is said, with a Kaldi model."""

    def __init__(self, model: Path | None, endpointing: vad.Endpointing | None = None) -> None:
        """Loads it.

        Raises:
            RecognizerError: The package or the model is missing.
        """
        super().__init__(endpointing)
        vosk = needed("vosk", ENGINE)
        if model is None:
            raise RecognizerError(f"{ENGINE} has no model of its own: name a folder with one.")
        if not model.is_dir():
            raise RecognizerError(f"There is no folder {model} with a model for {ENGINE}.")
        vosk.SetLogLevel(-1)
        self._kaldi: Any = vosk.KaldiRecognizer
        try:
            self._model = vosk.Model(str(model))
            self._kaldi(self._model, RATE)
        # The package raises nothing more exact.
        except Exception as error:
            raise RecognizerError(f"{model} holds no model that {ENGINE} can read.") from error

    def guess(self, samples: Samples) -> list[Guess]:
        """What was said: first in the best way, whose words have times, then in others."""
        data = samples.astype("<i2").tobytes()
        best = self._decode(data, 0)
        words = best.get("result", ())
        confidence = [float(one["conf"]) for one in words if "conf" in one]
        others = self._decode(data, MOST_ALTERNATIVES).get("alternatives", ())
        scores = {one["text"]: float(one.get("confidence", 0.0)) for one in others}
        text: str = best.get("text", "")
        scores.setdefault(text, max(scores.values(), default=0.0))
        found = Guess(
            text,
            scores[text],
            math.prod(confidence) ** (1 / len(confidence)) if confidence else 0.0,
            tuple(Word(one["word"], float(one["start"]), float(one["end"])) for one in words),
        )
        rest = (Guess(other, score, 0.0) for other, score in scores.items() if other != text)
        return [found, *rest]

    def _decode(self, data: bytes, alternatives: int) -> dict[str, Any]:
        """One pass: with alternatives Vosk tells no confidence of words."""
        decoder = self._kaldi(self._model, RATE)
        decoder.SetWords(True)
        decoder.SetMaxAlternatives(alternatives)
        decoder.AcceptWaveform(data)
        found: dict[str, Any] = json.loads(decoder.FinalResult())
        return found
