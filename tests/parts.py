"""All tests, in parts side by side: `python -m tests.parts [ARGUMENT OF PYTEST …]`.

Much of what the tests do is waiting: for a server, for what comes late, for a page to be still. So
there is one part more than most small machines have cores. What belongs together stays together:
conversations share one assistant, channels, servers and pages one process that they are forked
from, and everything else the libraries that it imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack

from scripts.processes import Stopped, end, stopped_by_signals
from scripts.project import ROOT, python_module

PARTS = (
    (
        *("tests/conversations", "tests/benchmarks", "tests/insight", "tests/observing"),
        *("tests/operations", "tests/privacy", "tests/promotion", "tests/review"),
    ),
    ("tests/channels", "tests/deployment", "tests/inspector", "tests/scripts", "tests/web"),
)
"""Folders; what no part names is one more part, whose output is seen as it comes."""

IN_REAL_TIME = ("tests/web/test_voice.py", "tests/scripts/test_talk.py")
"""Where sound is played as fast as it is heard: beside the others it would not be in time."""

NO_TESTS = 5
"""Pytest's status where the arguments chose none."""


def main(arguments: Sequence[str]) -> int:
    """Runs the parts; 0 where nothing failed and some test ran, else a failing part's status."""
    rest = ["tests", *(f"--ignore={folder}" for part in PARTS for folder in part)]
    later = [f"--ignore={file}" for file in IN_REAL_TIME]
    # The tests' networks are tiny, and the parts share the cores: more threads only wait.
    environment = {"OMP_NUM_THREADS": "1", **os.environ}
    with ExitStack() as stack:
        stack.enter_context(stopped_by_signals())
        logs = [stack.enter_context(tempfile.TemporaryFile()) for _ in PARTS]
        processes = []
        for folders, log in zip((*PARTS, rest), (*logs, None), strict=True):
            process = subprocess.Popen(
                python_module("pytest", *folders, *later, *arguments),
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
            )
            stack.callback(end, process, group=False)
            processes.append(process)
        processes[-1].wait()
        for process, log in zip(processes[:-1], logs, strict=True):
            process.wait()
            log.seek(0)
            sys.stdout.buffer.write(log.read())
            sys.stdout.buffer.flush()
        last = subprocess.Popen(
            python_module("pytest", *IN_REAL_TIME, *arguments),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        stack.callback(end, last, group=False)
        last.wait()
    statuses = {process.returncode for process in (*processes, last)}
    failed = statuses - {0, NO_TESTS}
    return max(failed) if failed else min(statuses)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stopped as stopped:
        sys.exit(stopped.status)
