"""Recordings of spoken commands, what can be said in them, and noise to lay under them."""

from __future__ import annotations

import itertools
import json
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import yaml
from scipy.signal import butter, fftconvolve, sosfilt

from benchmarks.datasets import DatasetError, LabelledText
from voice import vad
from voice.audio import RATE, Samples, mix, pink_noise, read_wave

LEVELS = (6, 9, 12, 15, 18, 21, 24)
"""Decibels between the loudest moments of speech and noise."""
MADE = ("white", "pink", "babble", "clatter")
"""Noises that are made; any other name is a WAV file."""

_SPEAKERS = 6
_HITS = 110
"""Of dishes, in all."""
_SECONDS = 60
"""Of noise that is made; the clips take theirs from anywhere in it."""

Sound: TypeAlias = "npt.NDArray[np.float64]"

_PART = re.compile(r"\[(?P<choices>[^\]]*)\]|\$(?P<kind>\w+):(?P<slot>\w+)|(?P<word>[^\s\[$]+)")


@dataclass(frozen=True)
class Clip:
    """A recording and what is said in it."""

    path: Path
    intent: str
    slots: dict[str, str]


def read_clips(folder: Path, limit: int | None = None) -> list[Clip]:
    """Reads `labels.jsonl`; the clips lie in `clips`.

    Raises:
        DatasetError: A file is missing, or a line cannot be read.
    """
    path = folder / "labels.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [
            Clip(folder / "clips" / one["clip"], one["intent"], one["slots"])
            for one in map(json.loads, filter(None, lines))
        ]
    except FileNotFoundError as error:
        raise DatasetError(
            f"There is no {path}. The set is public: "
            "github.com/Picovoice/speech-to-intent-benchmark"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} cannot be read: {error!r}") from error
    if missing := [clip.path for clip in found if not clip.path.is_file()]:
        raise DatasetError(f"{len(missing)} clips are missing, the first is {missing[0]}.")
    if not found:
        raise DatasetError(f"{path} names no clips.")
    return found[:limit]


def read_sentences(folder: Path, seed: int) -> tuple[list[LabelledText], dict[str, list[str]]]:
    """Reads `grammar.yaml`: every way to say something once, with values drawn by chance.

    Returns:
        The sentences, and all values of each slot.

    Raises:
        DatasetError: The file is missing, or not as it should be.
    """
    path = folder / "grammar.yaml"
    try:
        context = yaml.safe_load(path.read_text(encoding="utf-8"))["context"]
        values: dict[str, list[str]] = context["slots"]
        chance = random.Random(seed)
        sentences = [
            _sentence(intent, parts, values, chance)
            for intent, expressions in context["expressions"].items()
            for expression in expressions
            for parts in _ways(expression)
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} cannot be read: {error!r}") from error
    return sentences, values


def _ways(expression: str) -> Iterator[tuple[str | tuple[str, str], ...]]:
    """All ways through an expression, as words and (slot, kind of value)."""
    choices: list[list[str | tuple[str, str]]] = []
    for part in _PART.finditer(expression):
        if part["choices"] is not None:
            choices.append([choice.strip() for choice in part["choices"].split(",")])
        elif part["slot"]:
            choices.append([(part["slot"], part["kind"])])
        else:
            choices.append([part["word"]])
    return itertools.product(*choices)


def _sentence(
    intent: str,
    parts: Sequence[str | tuple[str, str]],
    values: dict[str, list[str]],
    chance: random.Random,
) -> LabelledText:
    text = ""
    entities: list[dict[str, Any]] = []
    for part in parts:
        text += " " if text else ""
        if isinstance(part, str):
            text += part
            continue
        slot, kind = part
        value = chance.choice(values[kind])
        end = len(text) + len(value)
        entities.append({"start": len(text), "end": end, "value": value, "entity": slot})
        text += value
    return LabelledText(text, intent, entities)


def make_noise(kind: str, clips: Sequence[Path], seed: int) -> Sound:
    """A minute of noise, or what a file holds.

    Args:
        kind: "white", "pink" (equal power in each octave), "babble" (six of the clips' speakers
            at once, saying commands), "clatter" (a busy kitchen: dishes, twelve such speakers in an
            echoing room, a low rumble) or a WAV file.
        clips: What babble is made of.
        seed: For all of it.
    """
    chance = np.random.default_rng(seed)
    count = _SECONDS * RATE
    if kind == "white":
        return chance.standard_normal(count)
    if kind == "pink":
        return pink_noise(count, chance)
    if kind == "babble":
        return sum((_speaker(clips, chance, count) for _ in range(_SPEAKERS)), np.zeros(count))
    if kind == "clatter":
        return _kitchen(clips, chance, count)
    return read_wave(Path(kind), longest=3600).astype(np.float64)


def _kitchen(clips: Sequence[Path], chance: np.random.Generator, count: int) -> Sound:
    talk = sum((_speaker(clips, chance, count) for _ in range(2 * _SPEAKERS)), np.zeros(count))
    echo = chance.standard_normal(RATE * 2 // 5) * np.exp(-np.arange(RATE * 2 // 5) / (RATE / 10))
    talk = fftconvolve(talk, echo)[:count]
    low = butter(2, [60, 400], "band", fs=RATE, output="sos")
    rumble = sosfilt(low, chance.standard_normal(count))
    sound: Sound = talk / talk.std() + rumble / rumble.std()
    for _ in range(_HITS):
        time = np.arange(int(chance.uniform(0.03, 0.4) * RATE)) / RATE
        tones = np.exp(chance.uniform(np.log(300), np.log(6500), 6))
        hit = chance.standard_normal(len(time)) * np.exp(-time / 0.01)
        for tone in tones:
            ringing = np.exp(-time / chance.uniform(0.01, 0.12))
            hit += chance.uniform(0.2, 1) * np.sin(2 * np.pi * tone * time) * ringing
        begin = int(chance.integers(count - len(hit)))
        sound[begin : begin + len(hit)] += hit / np.abs(hit).max() * chance.gamma(2.0, 2.0)
    return sound


def _speaker(clips: Sequence[Path], chance: np.random.Generator, count: int) -> Sound:
    said: list[Sound] = []
    while sum(map(len, said)) < count:
        clip = clips[int(chance.integers(len(clips)))]
        spoken = vad.trim(read_wave(clip)).astype(np.float64)
        if len(spoken):
            said.append(spoken / np.sqrt(np.mean(spoken**2)))
    return np.concatenate(said)[:count]


def under(clip: Path, speech: Samples, noise: Sound, decibels: float, seed: int) -> Samples:
    """A clip with noise under it, from a place in the noise that is the clip's own."""
    chance = np.random.default_rng([seed, zlib.crc32(clip.name.encode())])
    if len(noise) <= len(speech):
        noise = np.tile(noise, len(speech) // len(noise) + 2)
    begin = int(chance.integers(len(noise) - len(speech)))
    return mix(speech, noise[begin : begin + len(speech)], decibels)
