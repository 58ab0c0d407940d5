"""Adapts a recogniser to recordings of those who speak to it.

`python -m voice.tuning --data FOLDER --output FOLDER`: the folder holds WAVs and
`transcripts.jsonl`, a line {"clip": "one.wav", "text": "turn on the lamp"} for each. Recordings
that were not learnt from decide: only what hears them better is written.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from voice.asr import RecognizerError
from voice.engines.packages import leave_tensorflow_out
from voice.language import LanguageError
from voice.model import language_at
from voice.tuning.recordings import Recording, RecordingsError, read_recordings
from voice.tuning.scoring import Score

logger = logging.getLogger(__name__)

ENGINES = ("pocketsphinx", "whisper")
MODELS = Path("models")
REPORT = "tuning.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Tune, tell what it was worth, write it."""
    parser = argparse.ArgumentParser(prog="python -m voice.tuning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="what goes in as --model later")
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    parser.add_argument("--model", type=Path, help="the folder of Whisper's model")
    parser.add_argument(
        "--language",
        type=Path,
        default=MODELS,
        help="the assistant: a trained model, or a folder with the newest; or its language model",
    )
    parser.add_argument("--epochs", type=int, help="how often Whisper hears each recording")
    parser.add_argument("--seed", type=int, default=0, help="for what is held out")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        recordings = read_recordings(chosen.data)
        tuned = _sphinx if chosen.engine == "pocketsphinx" else _whisper
        before, after = tuned(recordings, chosen)
    except (LanguageError, RecordingsError, RecognizerError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    logger.info("Before: %s.\nAfter:  %s.", before, after)
    if not after.is_better_than(before):
        logger.info("That is no improvement: nothing was written.")
        return 0
    report = {
        "engine": chosen.engine,
        "recordings": len(recordings),
        "before": asdict(before),
        "after": asdict(after),
        "seed": chosen.seed,
    }
    (chosen.output / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    logger.info("Written to %s.", chosen.output)
    return 0


def _sphinx(recordings: Sequence[Recording], chosen: argparse.Namespace) -> tuple[Score, Score]:
    from voice.tuning.sphinx import tune_sphinx

    with tempfile.TemporaryDirectory(prefix="parley-language-") as place:
        language = language_at(chosen.language, Path(place, "language"))
        outcome = tune_sphinx(recordings, language, chosen.output, chosen.seed)
    return outcome.before, outcome.after


def _whisper(recordings: Sequence[Recording], chosen: argparse.Namespace) -> tuple[Score, Score]:
    leave_tensorflow_out()
    from voice.engines.whisper import WhisperRecognizer
    from voice.tuning.whisper import Tuning, tune_whisper

    tuning = Tuning(seed=chosen.seed)
    if chosen.epochs is not None:
        tuning = Tuning(seed=chosen.seed, epochs=chosen.epochs)
    # Without the assistant's words before it: the model itself is to know them.
    recognizer = WhisperRecognizer(chosen.model)
    outcome = tune_whisper(recognizer, recordings, chosen.output, tuning)
    return outcome.before, outcome.after


if __name__ == "__main__":
    sys.exit(main())
