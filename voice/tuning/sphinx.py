"""Adapts PocketSphinx to recordings: a transform of its acoustic model's means and variances."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voice.engines import TRANSFORM
from voice.sphinx import SphinxRecognizer
from voice.tuning.acoustic import AcousticModel
from voice.tuning.alignment import Aligned, align
from voice.tuning.mllr import adapt
from voice.tuning.recordings import Recording, RecordingsError, folds
from voice.tuning.scoring import NOTHING, Score, score

logger = logging.getLogger(__name__)

FOLDS = 4


@dataclass(frozen=True)
class Outcome:
    """What came of it, each recording held out once."""

    before: Score
    after: Score
    aligned: int
    """Recordings whose words fit what is heard: the others teach nothing."""


def tune_sphinx(
    recordings: Sequence[Recording], language: Path, output: Path, seed: int = 0
) -> Outcome:
    """Learns a transform, and writes it into a folder if it is an improvement.

    The judgement is by cross-validation: each recording is heard with a transform that was learnt
    from others. What is written is learnt from all of them.

    Args:
        recordings: What it learns from, and is measured on.
        language: The folder of the assistant's language model.
        output: Where the transform goes.
        seed: For which recordings are held out together.

    Raises:
        RecordingsError: Nothing of what was recorded fits its words.
        RecognizerError: The language model is missing.
    """
    before = score(SphinxRecognizer(language), recordings)
    logger.info("As it is: %s.", before)
    acoustic = AcousticModel.load()
    found = list(align(recordings, language, acoustic))
    pairs = list(zip(recordings, found, strict=True))
    for one, aligned in pairs:
        if aligned is None:
            logger.warning("%s: its words do not fit what is heard; left out.", one.path.name)
    usable = [aligned for aligned in found if aligned is not None]
    if len(usable) < 2:
        raise RecordingsError(
            "The words fit what is heard in fewer than two recordings: check the transcripts."
        )
    after = NOTHING
    parts = folds(pairs, FOLDS, seed)
    with tempfile.TemporaryDirectory(prefix="parley-tuning-") as place:
        path = Path(place, TRANSFORM)
        for number, (learnt, held_out) in enumerate(parts, 1):
            teachers: list[Aligned] = [aligned for _, aligned in learnt if aligned is not None]
            if teachers:
                adapt(teachers, acoustic).save(path)
            recognizer = SphinxRecognizer(language, mllr=path if teachers else None)
            after += score(recognizer, [one for one, _ in held_out])
            logger.info("Held out, part %d of %d; until now: %s.", number, len(parts), after)
    if after.is_better_than(before):
        output.mkdir(parents=True, exist_ok=True)
        adapt(usable, acoustic).save(output / TRANSFORM)
    return Outcome(before, after, len(usable))
