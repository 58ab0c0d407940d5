"""The statistics in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

from insight.stats.figures import Figures, Latency, Row
from scripts.report.rendering import told_seconds

_CLUSTERS = 10
_BARS = "▁▂▃▄▅▆▇█"


def told(figures: Figures) -> Iterator[str]:
    """Yields the lines."""
    whole = figures.all
    yield f"{_day(figures.first)} to {_day(figures.last)}"
    external = f", set off by other programs {figures.external}" if figures.external else ""
    yield (
        f"conversations {whole.conversations}, sessions {figures.sessions}, "
        f"turns {whole.turns}{external}"
    )
    yield (
        f"not understood {_percent(whole.fallbacks, whole.turns)}, "
        f"out of scope {_percent(whole.declined, whole.turns)}, "
        f"no answer {_percent(whole.silent, whole.turns)}"
    )
    if whole.latency:
        yield f"answered within {_latency(whole.latency)}"
    if figures.moods:
        known = sum(whole.sentiments.values())
        shares = (f"{mood} {_percent(whole.sentiments[mood], known)}" for mood in figures.moods)
        yield "mood: " + ", ".join(shares)
        yield f"negative by {figures.unit}: {_sparkline(figures)}"
    yield ""
    yield from _table(
        ("skill", "turns", "not understood", "forms", "finished", "left", "negative", "median"),
        [
            (
                row.name,
                str(row.turns),
                _percent(row.fallbacks, row.turns),
                str(row.forms["started"] or ""),
                str(row.forms["finished"] if row.forms["started"] else ""),
                str(row.forms["left"] if row.forms["started"] else ""),
                _percent(row.sentiments.get("negative", 0), sum(row.sentiments.values())),
                _median(row),
            )
            for row in figures.skills
        ],
    )
    if figures.forms:
        yield ""
        yield from _table(
            ("form", "started", "finished", "left", "open", "completed", "messages"),
            [
                (
                    form.name,
                    *map(str, (form.started, form.finished, form.left, form.open)),
                    "" if form.completion is None else f"{form.completion:.0%}",
                    "" if form.turns is None else f"{form.turns:.1f}",
                )
                for form in figures.forms
            ],
        )
    yield ""
    yield from _table(
        ("channel", "conversations", "turns", "not understood", "negative", "median", "p90", "p99"),
        [
            (
                row.name,
                *map(str, (row.conversations, row.turns)),
                _percent(row.fallbacks, row.turns),
                _percent(row.sentiments.get("negative", 0), sum(row.sentiments.values())),
                *_percentiles(row.latency),
            )
            for row in figures.channels
        ],
    )
    yield from _questions(figures)
    if figures.notes:
        yield ""
        yield from figures.notes


def _questions(figures: Figures) -> Iterator[str]:
    clusters = figures.questions.clusters
    if not clusters:
        return
    yield ""
    yield f"asked without an answer, by meaning ({len(clusters)}):"
    for one in clusters[:_CLUSTERS]:
        others = f", {len(one.texts) - 1} other wordings" if len(one.texts) > 1 else ""
        yield f"  {one.count:>5}  {plain(one.name)}{others}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    cells = [list(heads), *[[plain(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        first, *others = row
        yield "  ".join(
            [
                first.ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
            ]
        ).rstrip()


def plain(text: str) -> str:
    """A text without what would steer a terminal."""
    return "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter
        for letter in text
    )


def _sparkline(figures: Figures) -> str:
    shares = []
    for piece in figures.pieces:
        known = sum(piece.sentiments.values())
        shares.append(piece.sentiments.get("negative", 0) / known if known else None)
    highest = max((share for share in shares if share is not None), default=0.0)
    line = "".join(
        " " if share is None else _BARS[round(share / highest * (len(_BARS) - 1)) if highest else 0]
        for share in shares
    )
    return f"{line} (up to {highest:.0%})"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _latency(latency: Latency) -> str:
    return (
        f"{told_seconds(latency.median)} (median), {told_seconds(latency.p90)} (90 %), "
        f"{told_seconds(latency.p99)} (99 %), at most {told_seconds(latency.longest)}"
    )


def _percentiles(latency: Latency | None) -> tuple[str, str, str]:
    if latency is None:
        return ("–", "–", "–")
    return (told_seconds(latency.median), told_seconds(latency.p90), told_seconds(latency.p99))


def _median(row: Row) -> str:
    return told_seconds(row.latency.median) if row.latency else "–"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%-d %B %Y, %H:%M")
