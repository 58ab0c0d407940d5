"""Charts as inline SVG. Colours are the style sheet's; what is written is escaped by the writer."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from scripts.report.figures import Matrix
from scripts.report.svg import box, drawing, label, line, markup, round_ticks

_CHARACTER = 6.7
"""Pixels that a letter of a label takes, about."""
_LONGEST_LABEL = 26

Line = tuple[str, Sequence[float | None]]


def curves(epochs: Sequence[Mapping[str, Any]]) -> list[tuple[str, Markup]]:
    """Draws one small chart for each loss, and one for the shares of right answers."""
    charts = []
    names = dict.fromkeys(name for epoch in epochs for name in epoch["losses"])
    for name in sorted(names, key=lambda name: name != "loss"):
        lines: list[Line] = [("learnt", [epoch["losses"].get(name) for epoch in epochs])]
        held_out = [epoch["held_out"].get(name) for epoch in epochs]
        if any(value is not None for value in held_out):
            lines.append(("held out", held_out))
        title = "All losses together" if name == "loss" else f"Loss: {name}"
        charts.append((title, _lines(title, lines)))
    shares = dict.fromkeys(
        name for epoch in epochs for name in epoch["held_out"] if name not in names
    )
    for name in shares:
        title = f"Held out: {name.replace('_', ' ')}"
        values = [epoch["held_out"].get(name) for epoch in epochs]
        charts.append((title, _lines(title, [("held out", values)], top=1.0)))
    return charts


def _lines(title: str, lines: Sequence[Line], top: float | None = None) -> Markup:
    width, height, left, right, under = 300, 170, 40, 12, 26
    known = [value for _, values in lines for value in values if value is not None]
    ticks = round_ticks(top or max([*known, 1e-9]))
    count = max(len(values) for _, values in lines)
    svg = drawing(width, height, f"{title}: " + "; ".join(_told(line) for line in lines))

    def across(number: int) -> float:
        share = number / (count - 1) if count > 1 else 0.5
        return left + share * (width - left - right)

    def up(value: float) -> float:
        return height - under - value / ticks[-1] * (height - under - 12)

    for tick in ticks:
        line(svg, left, up(tick), width - right, up(tick), "grid")
        label(svg, left - 6, up(tick) + 4, f"{tick:g}", "tick end")
    for number in sorted({0, (count - 1) // 2, count - 1}):
        label(svg, across(number), height - 8, str(number + 1), "tick middle")
    for name, values in lines:
        style = "line second" if name == "held out" else "line"
        points = [
            (across(number), up(value)) for number, value in enumerate(values) if value is not None
        ]
        if len(points) > 1:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            SubElement(svg, "polyline", {"points": path, "class": style})
        for (x, y), number in zip(points, _places(values), strict=True):
            dot = SubElement(
                svg, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "2.5", "class": style}
            )
            SubElement(dot, "title").text = f"epoch {number + 1}, {name}: {values[number]:.4g}"
    return markup(svg)


def reliability_diagram(bins: Sequence[Mapping[str, Any]]) -> Markup:
    """Draws accuracy over confidence; on the diagonal, confidence keeps its word."""
    size, left, under, top = 320, 44, 40, 10
    total = sum(one["count"] for one in bins)
    told = ", ".join(f"{one['confidence']:.0%} sure: {one['accuracy']:.0%} right" for one in bins)
    svg = drawing(size + left + 22, size + under + top, f"Reliability: {told}")

    def across(share: float) -> float:
        return left + share * size

    def up(share: float) -> float:
        return top + (1 - share) * size

    for tick in (0, 0.25, 0.5, 0.75, 1):
        line(svg, across(0), up(tick), across(1), up(tick), "grid")
        label(svg, left - 6, up(tick) + 4, f"{tick:.0%}", "tick end")
        label(svg, across(tick), top + size + 16, f"{tick:.0%}", "tick middle")
    label(svg, across(0.5), top + size + 34, "confidence", "axis middle")
    for one in bins:
        low, high = sorted((one["accuracy"], one["confidence"]))
        place = {"x": f"{across(one['from']) + 2:.1f}", "width": f"{size / 10 - 4:.1f}"}
        group = SubElement(svg, "g")
        SubElement(group, "title").text = (
            f"{one['count']} examples read with {one['from']:.0%} to {one['to']:.0%}: "
            f"{one['confidence']:.1%} sure on average, {one['accuracy']:.1%} right"
        )
        box(group, place, up(one["accuracy"]), up(0), "bar", 0.25 + 0.75 * one["count"] / total)
        style = "gap over" if one["confidence"] > one["accuracy"] else "gap"
        box(group, place, up(high), up(low), style, 1)
    line(svg, across(0), up(0), across(1), up(1), "diagonal")
    return markup(svg)


def confusion_matrix(matrix: Matrix, links: Mapping[frozenset[str], str]) -> Markup:
    """Draws counts, shaded by their share of the row; mistakes lead to their pair by a link."""
    count = len(matrix.names)
    cell = 34 if count <= 12 else 27
    longest = max(len(_short(name)) for name in [*matrix.names, "other intents"])
    margin = math.ceil(longest * _CHARACTER) + 12
    columns = count + (matrix.others is not None)
    svg = drawing(
        margin + columns * cell + 8,
        margin + count * cell + 8,
        f"Confusion matrix of {count} intents: rows are the labels, columns what was read. "
        "The most confused pairs are told below.",
    )
    heads = [*matrix.names, "other intents"][:columns]
    for number, name in enumerate(heads):
        across, base = margin + (number + 0.5) * cell + 4, margin - 6
        text = label(svg, across, base, _short(name), "label")
        text.set("transform", f"rotate(-90 {across:.1f} {base:.1f})")
        SubElement(text, "title").text = name
    for row, name in enumerate(matrix.names):
        y = margin + (row + 0.5) * cell + 4
        text = label(svg, margin - 6, y, _short(name), "label end")
        SubElement(text, "title").text = name
        counts = [*matrix.counts[row], *([] if matrix.others is None else [matrix.others[row]])]
        for column, number in enumerate(counts):
            other = heads[column]
            right = column == row
            place: Element = svg
            link = links.get(frozenset((name, other))) if number and not right else None
            if link is not None:
                # Not by the tab key: the pairs follow, in a better order.
                place = SubElement(svg, "a", {"href": f"#{link}", "tabindex": "-1"})
            group = SubElement(place, "g")
            if number:
                SubElement(
                    group, "title"
                ).text = f"{number} of {matrix.supports[row]} examples of {name} read as {other}"
            x = margin + column * cell
            where = {"x": f"{x + 1}", "width": f"{cell - 2}"}
            top = margin + row * cell
            box(group, where, top + 1, top + cell - 1, "cell", 1)
            if number:
                share = number / max(1, matrix.supports[row])
                # The root brings out what is rare: one mistake in twenty should be seen.
                style = "cell right" if right else "cell wrong"
                depth = 0.5 if right else 0.7
                box(group, where, top + 1, top + cell - 1, style, 0.08 + depth * share**0.5)
                label(group, x + cell / 2, top + cell / 2 + 4, str(number), "count middle")
    return markup(svg)


def bar(share: float) -> Markup:
    """Draws a share as a short bar, for a table's row; the number stands beside it."""
    svg = Element("svg", {"viewBox": "0 0 60 8", "class": "share", "aria-hidden": "true"})
    SubElement(svg, "rect", {"width": "60", "height": "8", "rx": "2", "class": "cell"})
    SubElement(
        svg, "rect", {"width": f"{60 * share:.1f}", "height": "8", "rx": "2", "class": "filled"}
    )
    return markup(svg)


def _places(values: Sequence[float | None]) -> list[int]:
    return [number for number, value in enumerate(values) if value is not None]


def _told(line: Line) -> str:
    name, values = line
    known = [value for value in values if value is not None]
    return f"{name}, {known[0]:.3g} to {known[-1]:.3g}" if known else f"{name}, unknown"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"
