"""Recordings with what is said in them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from voice.audio import AudioError, Samples, read_wave
from voice.speakable import spoken

TRANSCRIPTS = "transcripts.jsonl"

Item = TypeVar("Item")


class RecordingsError(Exception):
    """Recordings that nothing can be learnt from; the message says in one line what is wrong."""


@dataclass(frozen=True)
class Recording:
    """A clip and its words."""

    path: Path
    samples: Samples
    words: tuple[str, ...]
    """As `voice.speakable` speaks them."""
    written: str
    """As the transcript has it."""

    @property
    def text(self) -> str:
        """What is said."""
        return " ".join(self.words)


def read_recordings(folder: Path) -> list[Recording]:
    """Reads `transcripts.jsonl`: a line {"clip": …, "text": …} for each WAV of the folder.

    Raises:
        RecordingsError: The file or a clip is missing or damaged, or there are fewer than two.
    """
    path = folder / TRANSCRIPTS
    found = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            fields = json.loads(line)
            clip, words = folder / fields["clip"], spoken(fields["text"])
            if not words:
                raise RecordingsError(f"{path}, line {number}: there is nothing said in it.")
            found.append(Recording(clip, read_wave(clip), words, fields["text"].strip()))
    except FileNotFoundError as error:
        raise RecordingsError(f"There is no {error.filename}.") from error
    except AudioError as error:
        raise RecordingsError(str(error)) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordingsError(f"{path}, line {number}, cannot be read: {error!r}") from error
    if len(found) < 2:
        raise RecordingsError(f"{path} has {len(found)} recordings; two are the least.")
    return found


def folds(items: Sequence[Item], number: int, seed: int) -> list[tuple[list[Item], list[Item]]]:
    """Splits so that each is held out once: (learnt from, held out), drawn by chance."""
    order = list(range(len(items)))
    random.Random(seed).shuffle(order)
    parts = [set(order[place::number]) for place in range(min(number, len(items)))]
    return [
        (
            [one for place, one in enumerate(items) if place not in part],
            [one for place, one in enumerate(items) if place in part],
        )
        for part in parts
    ]
