"""The report on the training data in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from insight.data_report.findings import KINDS, Report
from insight.stats.terminal import plain

MOST = 10
"""Findings of a kind that are told; the page has all."""
_RELATED = 3


def told(report: Report) -> Iterator[str]:
    """Yields the lines; each finding's begins with its place, as editors and terminals take it."""
    yield from report.facts
    for kind in KINDS:
        found = report.of(kind.key)
        if not found:
            continue
        yield ""
        yield f"{kind.title}: {len(found)}"
        for one in found[:MOST]:
            yield plain(f"  {one.place}  {one.what}" if one.place else f"  {one.what}")
            for text, place in one.related[:_RELATED]:
                yield plain(f"      {place}  {text}" if place else f"      {text}")
        if len(found) > MOST:
            yield f"  and {len(found) - MOST} more, on the page"
    if not report.findings:
        yield ""
        yield "Nothing was found."
    if report.left_out:
        yield ""
        yield from report.left_out
