"""Records as a table, for a terminal and for Markdown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import mean
from typing import Any

_NOT_AVERAGED = ("system", "dataset", "split", "train")


def averaged(records: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Returns one row for each system, data set and split: the means over the seeds."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault(tuple(record.get(key) for key in _NOT_AVERAGED), []).append(record)
    rows = []
    for key, members in groups.items():
        row: dict[str, Any] = dict(zip(_NOT_AVERAGED, key, strict=True))
        row["seeds"] = len(members)
        for column in columns:
            values = [one[column] for one in members if isinstance(one.get(column), (int, float))]
            if values:
                row[column] = mean(values)
        rows.append(row)
    return rows


def markdown(records: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Returns the means over seeds as a Markdown table, without columns that are empty."""
    rows = averaged(records, columns)
    used = [*_NOT_AVERAGED, "seeds", *columns]
    used = [column for column in used if any(row.get(column) is not None for row in rows)]
    lines = [used, ["---"] * len(used)]
    lines += [[_cell(column, row.get(column)) for column in used] for row in rows]
    widths = [max(len(line[number]) for line in lines) for number in range(len(used))]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if column.endswith("_seconds") or column.endswith("_mb"):
        return f"{value:.0f}"
    if "_ms" in column:
        return f"{value:.1f}"
    return f"{value:.3f}" if column.endswith("ece") else f"{100 * value:.1f}"


def say(line: str) -> None:
    """Writes a line to standard error: progress, apart from what a program puts out."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
