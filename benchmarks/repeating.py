"""Each system once with each seed, in turn, with the records kept as they come."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from benchmarks import runner, systems
from benchmarks.table import markdown, say


def measure_all(
    asked: Sequence[str],
    chosen: argparse.Namespace,
    shared: runner.Record,
    texts: int,
    measure: Callable[[str, int], runner.Record],
    told: Sequence[str],
    columns: Sequence[str],
) -> int:
    """Measures, says what came out, and writes records and a table.

    Args:
        asked: The systems; the baseline has no seeds and runs once.
        chosen: The command line: `seeds`, `set` and `json`.
        shared: What all records have in common.
        texts: How many are learnt from.
        measure: Trains one system with one seed and returns its figures.
        told: Figures to say at once, where they apply.
        columns: Of the table.

    Returns:
        The exit status: 0, or 1 after a training or parsing that failed.
    """
    records: list[runner.Record] = []
    for seed in range(chosen.seeds):
        for system in asked:
            if system == systems.BASELINE and seed:
                continue
            say(f"{system}, seed {seed}: training on {texts} texts …")
            try:
                found = measure(system, seed)
            except runner.WorkerFailedError as error:
                say(f"{system}, seed {seed}: {error}")
                return 1
            settings = systems.settings_for(system, chosen.set)
            own = {"system": system, "seed": seed, "settings": settings}
            records.append({**own, **shared, **found})
            say("  " + ", ".join(f"{key} {found[key]:.4g}" for key in told if key in found))
            if chosen.json:
                runner.write_records(records, chosen.json)
    sys.stdout.write(markdown(records, columns) + "\n")
    return 0
