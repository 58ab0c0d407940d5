"""What many people at once cost: the whole assistant, and next to it the bot of `rasa init`.

    python -m benchmarks.load [--users 1,10,50,100,200] [--seconds 60] [--pause 5] [--json OUT]

Messages arrive in an open loop (`benchmarks.arrivals`): when each is due is fixed before the run,
and latency is counted from then. Both assistants run in processes of their own, on the CPU, and
are asked in turn, level by level, with talks of several turns (`benchmarks.talks`). `rasa init`'s
bot is trained once and kept in `var/benchmarks`.

Every answer is judged: `errors` were refused or broken off, `unanswered` came in no time, `lost`
and `doubled` said less or more than the same message is answered with when nobody else talks,
`mixed up` named another message's mark; `not kept` are messages of which the conversation, as the
assistant keeps it, has not exactly one.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import options, runner, served, talks
from benchmarks.arrivals import MARK_STEP, Outcome, Planned, Talk, drive, plan
from benchmarks.datasets import checksum
from benchmarks.served import Costs, Served
from benchmarks.table import markdown, say

KEYS = ("system", "users")
COLUMNS = (
    "messages",
    "per_second",
    "latency_ms_p50",
    "latency_ms_p95",
    "latency_ms_p99",
    "errors",
    "unanswered",
    "lost",
    "doubled",
    "mixed_up",
    "not_kept",
    "cpu_ms",
    "cpu_ratio",
    "assistant_rss_mb",
    "actions_rss_mb",
    "rss_ratio",
)
KEPT = runner.ROOT / "var" / "benchmarks"
BASELINE = "rasa init"

Counts = Mapping[tuple[int, int], int | None]
"""How many replies a turn of a talk gets when nobody else talks; None where it differs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__, data=False)
    parser.add_argument("--users", type=_levels, default=[1, 10, 50, 100, 200])
    parser.add_argument("--seconds", type=options.positive, default=60, help="of each level")
    parser.add_argument("--pause", type=options.positive, default=5, help="of a user, on average")
    parser.add_argument("--patience", type=options.positive, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, help="Parley's; by default the newest")
    parser.add_argument("--alone", action="store_true", help="without the bot of rasa init")
    chosen = parser.parse_args(arguments)
    try:
        model = chosen.model or newest(runner.ROOT / "models")
        records = measure(model, chosen)
    except (FileNotFoundError, runner.WorkerFailedError) as error:
        say(str(error))
        return 1
    if chosen.json:
        runner.write_records(records, chosen.json)
    sys.stdout.write(markdown(records, COLUMNS, KEYS) + "\n")
    return 0


def measure(model: Path, chosen: Any) -> list[runner.Record]:
    """Serves the assistants and has people talk to them; one record a level and system."""
    shared = {
        "benchmark": "load",
        "data_sha256": checksum([Path(talks.__file__)]),
        "seconds": chosen.seconds,
        "pause": chosen.pause,
        "arrivals_seed": chosen.seed,
        **runner.circumstances(),
    }
    found: list[runner.Record] = []
    with ExitStack() as stack:
        places = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-load-")))
            for _ in range(2)
        ]
        systems: list[tuple[Served, Sequence[Talk]]] = []
        if not chosen.alone:
            baseline = served.rasa_init_model(KEPT)
            bot = stack.enter_context(served.rasa_init(baseline, places[0]))
            systems.append((bot, talks.RASA_INIT))
        systems.append((stack.enter_context(served.parley(model, places[1])), talks.PARLEY))
        counts = {one.name: asyncio.run(alone(one, said)) for one, said in systems}
        for users in chosen.users:
            level: list[runner.Record] = []
            for one, said in systems:
                planned = plan(
                    users, chosen.seconds, chosen.pause, said, chosen.seed + users, f"load-{users}"
                )
                record = run_level(one, planned, said, counts[one.name], chosen)
                level.append({"system": one.name, "users": users, **record})
                say(_told(level[-1]))
            found += with_ratios(level)
    return [{**shared, **record} for record in found]


async def alone(system: Served, said: Sequence[Talk], rounds: int = 2) -> Counts:
    """Returns how often each message is answered, one conversation after the other."""
    counts: dict[tuple[int, int], int | None] = {}
    for turn_of in range(rounds):
        for talk, turns in enumerate(said):
            planned = [Planned(f"alone-{turn_of}-{talk}", talk, (0.0,) * len(turns))]
            for outcome in await drive(system.webhook, planned, said, 300.0, turn_of):
                key, count = (talk, outcome.turn), len(outcome.replies)
                counts[key] = count if counts.get(key, count) == count else None
    return counts


def run_level(
    system: Served, planned: Sequence[Planned], said: Sequence[Talk], counts: Counts, chosen: Any
) -> runner.Record:
    """Has one assistant talked to; its figures."""
    before = system.costs()
    outcomes = asyncio.run(
        drive(system.webhook, planned, said, float(chosen.patience), chosen.seed)
    )
    after = system.costs()
    figures = judge(outcomes, said, counts)
    return {
        **figures,
        "not_kept": not_kept(system, outcomes),
        **cost_figures(before, after, int(figures["answered"])),
    }


def judge(outcomes: Sequence[Outcome], said: Sequence[Talk], counts: Counts) -> runner.Record:
    """Returns what became of the messages: rates, latencies, and each kind of failure."""
    late = ("TimeoutError", "not sent")
    answered = [one for one in outcomes if one.answered is not None]
    latencies = [1000 * one.latency for one in answered if one.latency is not None]
    expected = [(one, counts.get((one.talk, one.turn))) for one in answered]
    judged = [(len(one.replies), count) for one, count in expected if count is not None]
    end = max((one.answered or 0.0 for one in answered), default=0.0)
    return {
        "messages": len(outcomes),
        "answered": len(answered),
        "per_second": len(answered) / end if end else 0.0,
        **{
            f"latency_ms_p{share}": float(np.percentile(latencies, share)) if latencies else None
            for share in (50, 95, 99)
        },
        "errors": sum(bool(one.error) and one.error not in late for one in outcomes),
        "unanswered": sum(one.error in late for one in outcomes),
        "lost": sum(got < count for got, count in judged),
        "doubled": sum(got > count for got, count in judged),
        "mixed_up": sum(
            said[one.talk][one.turn].is_marked and not _names_mark(one) for one in answered
        ),
    }


def _names_mark(outcome: Outcome) -> bool:
    told = " ".join(str(reply.get("text", "")) for reply in outcome.replies)
    # Thousands may be parted by commas or spaces.
    numbers = {re.sub(r"\D", "", found) for found in re.findall(r"\d[\d,.\u00a0\u202f ]*", told)}
    return str(outcome.mark + MARK_STEP) in numbers


def not_kept(system: Served, outcomes: Sequence[Outcome]) -> int:
    """Returns how many answered messages the conversations lack or have twice."""
    sent: dict[str, list[Outcome]] = {}
    for one in outcomes:
        sent.setdefault(one.sender, []).append(one)
    wrong = 0
    for sender, messages in sent.items():
        # Where one was broken off, it may or may not have been taken.
        if all(one.answered is not None for one in messages):
            wrong += abs(system.messages(sender) - len(messages))
    return wrong


def cost_figures(before: Costs, after: Costs, turns: int) -> runner.Record:
    """Returns processor time a turn, by process and as a whole, and the memory at the end."""
    used = {name: after.cpu[name] - before.cpu.get(name, 0.0) for name in after.cpu}
    per_turn = {name: 1000 * seconds / max(turns, 1) for name, seconds in used.items()}
    return {
        "cpu_ms": sum(per_turn.values()),
        **{f"{name}_cpu_ms": milliseconds for name, milliseconds in per_turn.items()},
        **served.as_record(after),
    }


def with_ratios(level: Sequence[runner.Record]) -> list[runner.Record]:
    """Adds how many times the costs of `rasa init`'s bot a system's are; memory by process."""
    base = next((one for one in level if one["system"] == BASELINE), None)
    if base is None:
        return list(level)
    return [
        {
            **one,
            "cpu_ratio": one["cpu_ms"] / base["cpu_ms"] if base["cpu_ms"] else None,
            "rss_ratio": one["assistant_rss_mb"] / base["assistant_rss_mb"],
        }
        for one in level
    ]


def _told(record: runner.Record) -> str:
    p50 = record["latency_ms_p50"]
    shown = "none answered" if p50 is None else f"p50 {p50:.0f} ms"
    return (
        f"{record['system']}, {record['users']} users: {record['answered']} of "
        f"{record['messages']} answered, {shown}, {record['cpu_ms']:.0f} ms of processor a turn"
    )


def _levels(text: str) -> list[int]:
    return [options.positive(part) for part in text.split(",")]


def newest(folder: Path) -> Path:
    """Returns the newest model of a folder.

    Raises:
        FileNotFoundError: There is none.
    """
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise FileNotFoundError(f"There is no model in {folder}: make train")
    return models[-1]


if __name__ == "__main__":
    sys.exit(main())
