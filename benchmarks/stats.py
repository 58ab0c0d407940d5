"""How long do the statistics of many conversations take, and how much memory?

`python -m benchmarks.stats [--events 100000] [--store postgresql://…]`
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.conversation_store import fill, sqlite_url
from scripts.console import say
from scripts.project import ROOT, process_environment, python_module

_SEED = 20


def main() -> int:
    """Fill a store, run `make stats` on it as a process of its own, and tell what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stats", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--store", default="", help="an empty database; a new SQLite file if none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = make_url(options.store) if options.store else sqlite_url(Path(folder) / "events.db")
        written = fill(url, options.events, _SEED, time.time())
        address = url.render_as_string(hide_password=False)
        began = time.perf_counter()
        output = subprocess.run(
            python_module("insight.stats", "--store", address, "--json"),
            cwd=ROOT,
            env=process_environment(),
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = json.loads(output)
    say(
        f"{written} events of {figures['all']['conversations']} conversations in "
        f"{url.get_backend_name()}: {seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of "
        f"processor time), {used.ru_maxrss // 1024} MB at most; "
        f"{len(figures['questions']['clusters'])} groups of what was not answered, "
        f"{figures['questions']['left_out']} messages left out."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
