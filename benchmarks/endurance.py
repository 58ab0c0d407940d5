"""Many turns in a row: whether the assistant's processes keep growing.

    python -m benchmarks.endurance [--turns 20000] [--at-once 4] [--every 500] [--json OUT]

So many people talk to Parley without a pause (`benchmarks.talks`), each talk a conversation of its
own. After every 500 turns, memory and processor time of each process are written down. What a
process has after its warm-up (a fifth of the turns) it should have at the end: `growth` is the
slope of a straight line through what came after, in MiB for 1,000 turns.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from benchmarks import load, options, runner, served, talks
from benchmarks.arrivals import MARK
from benchmarks.datasets import checksum
from benchmarks.served import Served
from benchmarks.table import markdown, say

WARM_UP = 0.2
"""Of the turns: until then, what is loaded when it is first needed is being loaded."""

OPENING = "how do i descale the coffee machine"
"""Has the action server load what it looks into documents with: once, whenever that is."""

COLUMNS = ("turns", "rss_mb", "cpu_ms", "growth_mb")
KEYS = ("process",)


def main(arguments: Sequence[str] | None = None) -> int:
    """Talks as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__, data=False)
    parser.add_argument("--turns", type=options.positive, default=20_000)
    parser.add_argument("--at-once", type=options.positive, default=4)
    parser.add_argument("--every", type=options.positive, default=500)
    parser.add_argument("--model", type=Path, help="by default the newest")
    chosen = parser.parse_args(arguments)
    shared = {
        "benchmark": "endurance",
        "data_sha256": checksum([Path(talks.__file__)]),
        **runner.circumstances(),
    }
    try:
        model = chosen.model or load.newest(runner.ROOT / "models")
    except FileNotFoundError as error:
        say(str(error))
        return 1
    records: list[runner.Record] = []
    with (
        tempfile.TemporaryDirectory(prefix="parley-endurance-") as place,
        served.parley(model, Path(place)) as system,
    ):

        def keep(sample: list[runner.Record]) -> None:
            records.extend({**shared, **record} for record in sample)
            # Written as it goes: hours of it are not lost with the last turn.
            if chosen.json:
                runner.write_records(records, chosen.json)

        asyncio.run(_talk(system, chosen.turns, chosen.at_once, chosen.every, keep))
    sys.stdout.write(table(records) + "\n")
    return 0


def with_growth(of: runner.Record, records: Sequence[runner.Record]) -> runner.Record:
    """Adds how a process grew after its warm-up, in MiB for 1,000 turns."""
    mine = [one for one in records if one["process"] == of["process"]]
    after = [one for one in mine if one["turns"] >= WARM_UP * mine[-1]["turns"]]
    if len(after) < 3:
        return of
    slope, _ = np.polyfit([one["turns"] for one in after], [one["rss_mb"] for one in after], 1)
    return {**of, "growth_mb": 1000 * float(slope)}


async def _talk(
    system: Served,
    turns: int,
    at_once: int,
    every: int,
    keep: Callable[[list[runner.Record]], None],
) -> None:
    numbers = itertools.count()
    done = 0
    before = system.costs()

    def sample() -> None:
        nonlocal before
        now = system.costs()
        found = [
            {
                "process": name,
                "turns": done,
                "rss_mb": now.rss_mb[name],
                "cpu_ms": 1000 * (now.cpu[name] - before.cpu[name]) / every,
            }
            for name in now.rss_mb
        ]
        keep(found)
        before = now
        told = ", ".join(f"{one['process']} {one['rss_mb']:.1f} MB" for one in found)
        say(f"{done} turns: {told}")

    async def converse(session: aiohttp.ClientSession) -> None:
        nonlocal done
        for sender, text in _messages(numbers):
            if done >= turns:
                return
            async with session.post(
                system.webhook, json={"sender": sender, "message": text}
            ) as response:
                await response.read()
                response.raise_for_status()
            done += 1
            if done % every == 0:
                sample()

    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        opening = {"sender": "endurance", "message": OPENING}
        async with session.post(system.webhook, json=opening) as response:
            response.raise_for_status()
        before = system.costs()
        await asyncio.gather(*(converse(session) for _ in range(at_once)))


def _messages(numbers: Iterator[int]) -> Iterator[tuple[str, str]]:
    """What one person after the other says, without end."""
    while True:
        number = next(numbers)
        for turn in talks.PARLEY[number % len(talks.PARLEY)]:
            yield f"endurance-{number}", turn.text.replace(MARK, str(1000 + number))


def table(records: Sequence[dict[str, Any]]) -> str:
    """Returns the table of a run: each process, as it was at the end."""
    last = [one for one in records if one["turns"] == records[-1]["turns"]]
    return markdown([with_growth(one, records) for one in last], COLUMNS, KEYS)


if __name__ == "__main__":
    sys.exit(main())
