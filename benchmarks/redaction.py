"""What masking finds and what it costs, on the sentences in tests/data/personal_data.yml.

Prints; the figures are in docs/privacy.md. Run it with `python -m benchmarks.redaction`.
"""

from __future__ import annotations

import statistics
import sys
import time

from privacy.redaction import Finding, redact
from tests.privacy.test_redaction import sentences

PARTS = {
    "patterns were made with": ("personal", "harmless"),
    "held out": ("heldout",),
}
ROUNDS = 50


def main() -> None:
    """Measure and print."""
    for called, parts in PARTS.items():
        read = [one for part in parts for one in sentences(part)]
        found = [(list(redact(text).findings), wanted) for text, wanted in read]
        right = sum(_shared(there, wanted) for there, wanted in found)
        told = sum(len(there) for there, _ in found)
        wanted_all = sum(len(wanted) for _, wanted in found)
        sys.stdout.write(
            f"{called}: {len(read)} sentences, {wanted_all} things; "
            f"precision {100 * right / told:.0f} %, recall {100 * right / wanted_all:.0f} %\n"
        )
    for part in ("personal", "harmless"):
        costs = [_microseconds(text) for text, _ in sentences(part)]
        sys.stdout.write(
            f"{part}: {statistics.median(costs):.0f} µs a sentence at the median, "
            f"{max(costs):.0f} µs at most\n"
        )
    plain = [_microseconds(text) for text in ("add milk to the shopping list", "hello", "yes")]
    sys.stdout.write(f"without any digit: {statistics.median(plain):.1f} µs\n")


def _shared(found: list[Finding], wanted: list[Finding]) -> int:
    return sum(one in wanted for one in found)


def _microseconds(text: str) -> float:
    begun = time.process_time()
    for _ in range(ROUNDS):
        redact(text)
    return (time.process_time() - begun) / ROUNDS * 1e6


if __name__ == "__main__":
    main()
