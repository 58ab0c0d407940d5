"""The recognisers by their names. Each is imported only when it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from voice.asr import Recognizer, RecognizerError
from voice.engines.packages import leave_tensorflow_out

TRANSFORM = "mllr_matrix"
"""The file in which `voice.tuning` leaves what it learnt for PocketSphinx."""


def recognizer_of(name: str, language: Path, model: Path | None = None) -> Recognizer:
    """Loads a recogniser; nothing is downloaded.

    Args:
        name: One of `NAMES`.
        language: What `voice.language.train` wrote: the assistant's own sentences.
        model: The engine's model. For PocketSphinx, which has its own, what `voice.tuning` wrote.

    Raises:
        RecognizerError: There is no such engine, or it lacks something; the message says what.
    """
    if name not in _ENGINES:
        raise RecognizerError(f"There is no recogniser '{name}': choose from {', '.join(NAMES)}.")
    return _ENGINES[name](language, model)


def _pocketsphinx(language: Path, model: Path | None) -> Recognizer:
    from voice.sphinx import SphinxRecognizer

    return SphinxRecognizer(language, mllr=model / TRANSFORM if model else None)


def _whisper(language: Path, model: Path | None) -> Recognizer:
    leave_tensorflow_out()
    from voice.engines.whisper import WhisperRecognizer

    return WhisperRecognizer(model, language)


def _wav2vec2(language: Path, model: Path | None) -> Recognizer:
    leave_tensorflow_out()
    from voice.engines.wav2vec2 import Wav2Vec2Recognizer

    return Wav2Vec2Recognizer(model, language)


def _vosk(language: Path, model: Path | None) -> Recognizer:
    from voice.engines.vosk import VoskRecognizer

    return VoskRecognizer(model)


def _faster_whisper(language: Path, model: Path | None) -> Recognizer:
    from voice.engines.faster_whisper import FasterWhisperRecognizer

    return FasterWhisperRecognizer(model, language)


_ENGINES: dict[str, Callable[[Path, Path | None], Recognizer]] = {
    "pocketsphinx": _pocketsphinx,
    "whisper": _whisper,
    "wav2vec2": _wav2vec2,
    "vosk": _vosk,
    "faster-whisper": _faster_whisper,
}

NAMES = tuple(_ENGINES)
