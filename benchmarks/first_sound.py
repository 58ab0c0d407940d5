"""How long it takes from an answer's text to the first sound of it.

    python -m benchmarks.first_sound [--voice espeak-ng:en-gb flite:slt] [--rounds 20]

Text made speakable, a process started, a sentence spoken: what a person waits for before an answer
begins. The answers are those of domain.yml, longer ones first.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import yaml

from voice.speaking import speak, synthesizer_of
from voice.tts import Synthesizer

DOMAIN = Path("domain.yml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints a line for each voice."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", nargs="*", default=["espeak-ng:en-gb", "flite:slt"])
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args(arguments)
    texts = sorted(_responses(), key=len, reverse=True)[: chosen.rounds]
    for name in chosen.voice:
        waits = asyncio.run(_measured(synthesizer_of(name), texts))
        middle, worst = statistics.median(waits), max(waits)
        sys.stdout.write(
            f"{name:<16} first sound after {1000 * middle:.0f} ms at the median, "
            f"{1000 * worst:.0f} ms at worst, of {len(waits)} answers\n"
        )
    return 0


async def _measured(synthesizer: Synthesizer, texts: Sequence[str]) -> list[float]:
    waits = []
    for text in texts:
        begin = time.perf_counter()
        async with aclosing(speak(synthesizer, text)) as sounds:
            async for _ in sounds:
                waits.append(time.perf_counter() - begin)
                break
    return waits


def _responses() -> list[str]:
    domain = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))
    texts = (one.get("text") for variations in domain["responses"].values() for one in variations)
    return [text for text in texts if text]


if __name__ == "__main__":
    sys.exit(main())
