"""How often a wake phrase is missed, and how often it is heard where nobody said it.

    python -m benchmarks.wake [--phrase "hey parley"] [--clips DIR] [--per-sound 3 4 5]

The phrase, alone and before a command, and sentences without it are spoken by flite's voices, with
noise under them. `--clips` adds recordings of people who do not say it, such as the folder `clips`
of the public set of spoken commands.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from voice.audio import RATE, Samples, read_wave, seconds
from voice.devices import PIECE
from voice.synthesis import VOICES, synthesise
from voice.wake import PER_SOUND, WakeSpotter

NOISES = (50.0, 150.0, 300.0)
"""Standard deviations: a quiet room, a fan, a noisy kitchen."""

COMMANDS = ("", "what time is it", "add milk to my shopping list", "turn off the kitchen light")
OTHERS = (
    "turn on the kitchen light",
    "what's the weather like tomorrow in paris",
    "remind me to call harry at five",
    "how far is it to the party",
    "please play the next song",
    "a quarter past seven would be early enough",
    "set a timer for ten minutes",
    "put the barley and the parsley on the list",
    "we were hardly ready when they came",
    "is there anything in my calendar on friday afternoon",
)
ALIKE = (
    "hey charlie how are you",
    "they partly agreed",
    "my name is charlie and i like curry",
    "the parlour is open early",
)
"""What sounds like "hey parley": the hardest there is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--phrase", default="hey parley")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--per-sound", type=float, nargs="*", default=[PER_SOUND])
    chosen = parser.parse_args(arguments)
    said = [f"{chosen.phrase}, {command}" if command else chosen.phrase for command in COMMANDS]
    positives = {noise: list(_spoken(said, [noise])) for noise in NOISES}
    others, alike = list(_spoken(OTHERS, NOISES[:1])), list(_spoken(ALIKE, NOISES[:1]))
    clips = (
        [
            _under(read_wave(path), 20.0, 0)
            for path in sorted((chosen.clips or Path()).glob("*.wav"))
        ]
        if chosen.clips
        else []
    )
    noises = " ".join(f"missed@{noise:<4.0f}" for noise in NOISES)
    _print(f"per sound  {noises} others       alike        people")
    for per_sound in chosen.per_sound:
        spotter = WakeSpotter(chosen.phrase, per_sound)
        cells = [
            f"{sum(not heard(spotter, one) for one in spoken):>3}/{len(spoken):<7}"
            for spoken in positives.values()
        ]
        for group in (others, alike, clips):
            wrong = sum(heard(spotter, one) for one in group)
            cells.append(f"{wrong}/{len(group)} ({sum(map(seconds, group)):.0f} s)".ljust(12))
        _print(f"{per_sound:>9}  " + " ".join(cells))
    return 0


def heard(spotter: WakeSpotter, samples: Samples) -> bool:
    """Whether the phrase is heard in a clip that comes as a stream."""
    spotter.forget()
    pieces = range(0, len(samples), PIECE)
    return any(spotter.feed(samples[begin : begin + PIECE]) is not None for begin in pieces)


def _spoken(texts: Iterable[str], noises: Iterable[float]) -> Iterator[Samples]:
    for noise in noises:
        for number, text in enumerate(texts):
            for voice in VOICES:
                yield _under(synthesise(text, voice), noise, number)


def _under(speech: Samples, noise: float, seed: int) -> Samples:
    quiet = np.zeros(RATE // 2, np.int16)
    whole = np.concatenate([quiet, speech, quiet, quiet])
    noisy = whole + np.random.default_rng(seed).normal(0, noise, len(whole))
    samples: Samples = np.clip(noisy, -(2**15), 2**15 - 1).astype(np.int16)
    return samples


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
