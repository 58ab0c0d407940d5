"""Records as a table, for a terminal and for Markdown."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from statistics import mean
from typing import Any

KEYS = ("system", "dataset", "train", "split", "limit", "settings")
"""What makes two records two rows; the others differ in their seed."""

_SUFFIXES = (
    ("_ms", "{:.2f}"),
    ("_ms_p50", "{:.1f}"),
    ("_ms_p95", "{:.1f}"),
    ("_ms_p99", "{:.1f}"),
    ("per_second", "{:.1f}"),
    ("_ms_lowest", "{:.1f}"),
    ("_ms_highest", "{:.1f}"),
    ("_seconds", "{:.1f}"),
    ("growth_mb", "{:.2f}"),
    ("_mb", "{:.0f}"),
    ("ece", "{:.3f}"),
    ("ratio", "{:.2f}"),
    ("bound_ms", "{:.1f}"),
    ("gflops", "{:.0f}"),
    ("mflop", "{:.0f}"),
)


def averaged(
    records: Sequence[dict[str, Any]], columns: Sequence[str], keys: Sequence[str] = KEYS
) -> list[dict[str, Any]]:
    """Returns one row for each combination of keys: the means over the seeds."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault(json.dumps([record.get(key) for key in keys]), []).append(record)
    rows = []
    for members in groups.values():
        row: dict[str, Any] = {key: members[0].get(key) for key in keys}
        if "seed" in members[0]:
            row["seeds"] = len(members)
        for column in columns:
            values = [one[column] for one in members if one.get(column) is not None]
            if values and all(isinstance(value, (int, float)) for value in values):
                row[column] = mean(values)
            elif values:
                row[column] = values[0]
        rows.append(row)
    return rows


def markdown(
    records: Sequence[dict[str, Any]], columns: Sequence[str], keys: Sequence[str] = KEYS
) -> str:
    """Returns the means over seeds as a Markdown table, without columns that are empty."""
    rows = averaged(records, columns, keys)
    used = [*keys, "seeds", *columns]
    used = [column for column in used if any(row.get(column) not in (None, {}) for row in rows)]
    lines = [[column.replace("_", " ") for column in used], ["---"] * len(used)]
    lines += [[_cell(column, row.get(column)) for column in used] for row in rows]
    widths = [max(len(line[number]) for line in lines) for number in range(len(used))]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )


def _cell(column: str, value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    if not isinstance(value, float):
        return str(value).replace("|", "\\|")
    for suffix, form in _SUFFIXES:
        if column.endswith(suffix):
            return form.format(value)
    # Everything else is a share.
    return f"{100 * value:.1f}"


def say(line: str) -> None:
    """Writes a line to standard error: progress, apart from what a program puts out."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
