"""What one message costs: Parley's pipeline, Rasa's default one, and what arithmetic allows.

    python -m benchmarks.latency [--json OUT] [--threads 1] [--data DIR] [--rounds 5]

Both pipelines are trained on the same texts (by default the project's own) and asked in turn,
A B A B, each time in a new process, on the CPU. One round's figure is the median over its
messages, the figure told is the median over the rounds; ratios are taken within a round. DIET
is trained for a few epochs only, as what its parse costs does not depend on how well it learnt;
Parley is trained in full, as it decides by what it has learnt whether 8 bits are enough.

Next to the result stand the floating-point operations of a message of 12 and of 14 word pieces
over this machine's rate, and where the time of a parse goes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import options, runner, systems
from benchmarks.datasets import (
    DatasetError,
    LabelledText,
    checksum,
    limited,
    read_nlu,
    read_split,
    split_paths,
)
from benchmarks.stages import STAGES
from benchmarks.table import markdown, say

SYSTEMS = ("parley", "diet")
TRAINING: dict[str, dict[str, Any]] = {
    "parley": {"device": "cpu"},
    "diet": {"epochs": 3},
}
PIECES = (12, 14)
"""Word pieces of the messages whose arithmetic is counted, special ones included."""
COLUMNS = (
    "products",
    "parse_ms_p50",
    "parse_ms_lowest",
    "parse_ms_highest",
    "parse_ms_p99",
    "ratio",
    "component_ms_p50",
    "around_ms_p50",
    "load_seconds",
    "rss_mb",
    "peak_rss_mb",
)
BOUND_COLUMNS = (
    "products",
    "mflop",
    "large_gflops",
    "bound_ms",
    "products_gflops",
    "products_ms",
    "component_ms_p50",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints tables and writes records."""
    parser = options.parser(__doc__, data=False)
    parser.add_argument("--threads", type=options.positive, default=1)
    parser.add_argument("--rounds", type=options.positive, default=5)
    parser.add_argument("--systems", default=",".join(SYSTEMS), help=f"of {','.join(SYSTEMS)}")
    chosen = parser.parse_args(arguments)
    try:
        asked = systems.names(chosen.systems, SYSTEMS)
        train, test, files = _texts(chosen.data, chosen.limit)
    except (DatasetError, ValueError) as error:
        say(str(error))
        return 2
    shared = {
        "benchmark": "latency",
        "dataset": "the project's own" if chosen.data is None else chosen.data.resolve().name,
        "data_sha256": checksum(files),
        "limit": chosen.limit,
        "settings": chosen.set,
        "threads": chosen.threads,
        "rounds": chosen.rounds,
        "train_texts": len(train),
        "messages": len(test),
        **runner.circumstances(),
    }
    try:
        found = measure(asked, train, test, chosen.threads, chosen.rounds, chosen.set)
    except runner.WorkerFailedError as error:
        say(str(error))
        return 1
    records = [{**shared, **record} for record in found]
    if chosen.json:
        runner.write_records(records, chosen.json)
    sys.stdout.write(tables(records) + "\n")
    return 0


def _texts(
    data: Path | None, limit: int | None
) -> tuple[list[LabelledText], list[str], list[Path]]:
    if data is None:
        files = [runner.ROOT / "data" / "nlu", runner.ROOT / "tests" / "data" / "nlu_heldout.yml"]
        train, test = (read_nlu(path) for path in files)
    else:
        files = split_paths(data, ["train", "test"])
        train, test = read_split(data, "train"), read_split(data, "test")
    # A few hundred messages give a median; more say nothing new.
    asked = limited(test, min(limit or 300, 300))
    return limited(train, limit), [one.text for one in asked], files


def measure(
    names: Sequence[str],
    train: Sequence[LabelledText],
    texts: Sequence[str],
    threads: int,
    rounds: int,
    changes: dict[str, Any] | None = None,
) -> list[runner.Record]:
    """Trains all systems and asks them in turn; records of parts `pipeline`, `stage`, `bound`."""
    asked: dict[str, list[runner.Record]] = {name: [] for name in names}
    products: list[runner.Record] = []
    with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as place:
        models = {}
        for name in names:
            say(f"{name}: training on {len(train)} texts …")
            folder = Path(place, name)
            folder.mkdir()
            settings = dict(TRAINING[name])
            if name == "parley":
                settings |= {"inference_threads": threads, **(changes or {})}
            models[name], _ = runner.train(systems.pipeline(name, 0, settings), train, folder)
        for number in range(rounds):
            for name in names:
                job: runner.Record = {"model": str(models[name]), "texts": list(texts)}
                found = runner.run_job("time_parsing", job, Path(place), threads)
                asked[name].append(found)
                say(f"round {number + 1}, {name}: {median(found['milliseconds']):.2f} ms")
            if "parley" in asked:
                job = {
                    "shape": asked["parley"][-1]["shape"],
                    "pieces": PIECES,
                    "threads": threads,
                }
                products.append(runner.run_job("time_products", job, Path(place), threads))
    records = [pipeline_record(name, asked[name], asked.get("diet")) for name in names]
    if "parley" in asked:
        records += stage_records(asked["parley"])
        records += bound_records(asked["parley"], products)
    return records


def pipeline_record(
    name: str, rounds: Sequence[runner.Record], diet: Sequence[runner.Record] | None
) -> runner.Record:
    """Sums up a system's rounds; `ratio` is DIET's time over its own, round by round."""
    medians = [median(one["milliseconds"]) for one in rounds]
    found: runner.Record = {
        "part": "pipeline",
        "system": name,
        "parse_ms_p50": median(medians),
        "parse_ms_lowest": min(medians),
        "parse_ms_highest": max(medians),
        "parse_ms_p99": median(float(np.percentile(one["milliseconds"], 99)) for one in rounds),
        "round_medians": medians,
    }
    for key in ("load_seconds", "rss_mb", "peak_rss_mb"):
        found[key] = median(float(one[key]) for one in rounds)
    if diet is not None:
        found["ratio"] = median(
            median(other["milliseconds"]) / own for own, other in zip(medians, diet, strict=True)
        )
    if "component_milliseconds" in rounds[0]:
        found["component_ms_p50"] = median(median(one["component_milliseconds"]) for one in rounds)
        found["around_ms_p50"] = median(median(one["around_milliseconds"]) for one in rounds)
        found["pieces_p50"] = median(rounds[0]["pieces"])
        found["products"] = rounds[0]["products"]
    return found


def stage_records(rounds: Sequence[runner.Record]) -> list[runner.Record]:
    """Returns one record for each stage of Parley's parse: median milliseconds and share."""
    whole = median(one["stages"]["whole"] for one in rounds)
    records = []
    for stage in STAGES:
        milliseconds = median(one["stages"][stage] for one in rounds)
        if not milliseconds:
            continue
        records.append(
            {
                "part": "stage",
                "stage": stage,
                "stage_ms": milliseconds,
                "share": milliseconds / whole,
            }
        )
    return [*records, {"part": "stage", "stage": "whole parse", "stage_ms": whole, "share": 1.0}]


def bound_records(
    rounds: Sequence[runner.Record], products: Sequence[runner.Record]
) -> list[runner.Record]:
    """Returns one record for each number of pieces: operations, rates, bounds and what it took.

    `bound_ms` takes the rate of large products, which nothing that computes in 32 bits on this
    machine exceeds: that is the lower bound. `products_ms` is how long the message's own products
    take in torch with nothing around them; a library that keeps matrices in an order of its own,
    or that computes in 8 bits, can be quicker than that.
    """
    records = []
    # The quietest round: others only add what the machine was doing besides.
    large = max(one["large_gflops"] for one in products)
    for place, pieces in enumerate(PIECES):
        best = min((one["messages"][place] for one in products), key=lambda one: one["products_ms"])
        times = [
            milliseconds
            for one in rounds
            for milliseconds, count in zip(
                one["component_milliseconds"], one["pieces"], strict=True
            )
            if count == pieces
        ]
        record = {
            "part": "bound",
            "system": "parley",
            "products": rounds[0]["products"],
            **best,
            **products[0]["shape"],
            "large_gflops": large,
            "bound_ms": best["mflop"] / large,
        }
        records.append(record | ({"component_ms_p50": median(times)} if times else {}))
    return records


def tables(records: Sequence[runner.Record]) -> str:
    """Returns the three tables of a measurement in Markdown."""
    parts = (
        ("pipeline", COLUMNS, ("system",)),
        ("stage", ("stage_ms", "share"), ("stage",)),
        ("bound", BOUND_COLUMNS, ("pieces", "layers_run")),
    )
    found = []
    for part, columns, keys in parts:
        chosen = [one for one in records if one["part"] == part]
        if chosen:
            found.append(markdown(chosen, columns, keys))
    return "\n\n".join(found)


if __name__ == "__main__":
    sys.exit(main())
