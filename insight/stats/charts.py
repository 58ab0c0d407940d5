"""Charts of the statistics as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from insight.stats.figures import Piece
from scripts.report.svg import box, drawing, label, line, markup, round_ticks

_WIDTH, _HEIGHT, _LEFT, _UNDER, _TOP = 880, 190, 44, 26, 10
_LABELS = 7
"""Dates below a chart, at most."""
_STYLES = {"positive": "mood good", "neutral": "mood plain", "negative": "mood bad"}


def turns_over_time(pieces: Sequence[Piece], unit: str) -> Markup:
    """Draws the turns as bars; the part that was not understood stands out."""
    highest = max(piece.turns for piece in pieces)
    total = sum(piece.turns for piece in pieces)
    svg = drawing(
        _WIDTH, _HEIGHT, f"Turns by {unit}: {total} in all, {highest} in the busiest {unit}."
    )
    ticks = round_ticks(highest)
    for tick in ticks:
        line(svg, _LEFT, _up(tick / ticks[-1]), _WIDTH, _up(tick / ticks[-1]), "grid")
        label(svg, _LEFT - 6, _up(tick / ticks[-1]) + 4, f"{tick:g}", "tick end")
    for number, piece in enumerate(pieces):
        group = SubElement(svg, "g")
        SubElement(
            group, "title"
        ).text = f"{piece.begin}: {piece.turns} turns, {piece.fallbacks} not understood"
        place = _place(number, len(pieces))
        wrong = piece.fallbacks / ticks[-1]
        box(group, place, _up(piece.turns / ticks[-1]), _up(wrong), "bar", 0.75)
        box(group, place, _up(wrong), _up(0), "wrong", 0.9)
    _dates(svg, pieces)
    return markup(svg)


def moods_over_time(pieces: Sequence[Piece], moods: Sequence[str], unit: str) -> Markup:
    """Draws the share of each mood as bars that fill the height."""
    svg = drawing(
        _WIDTH,
        _HEIGHT,
        f"Moods by {unit}: " + ", ".join(f"{_share(pieces, mood):.0%} {mood}" for mood in moods),
    )
    for tick in (0, 0.25, 0.5, 0.75, 1):
        line(svg, _LEFT, _up(tick), _WIDTH, _up(tick), "grid")
        label(svg, _LEFT - 6, _up(tick) + 4, f"{tick:.0%}", "tick end")
    for number, piece in enumerate(pieces):
        known = sum(piece.sentiments.values())
        if not known:
            continue
        group = SubElement(svg, "g")
        told = ", ".join(f"{piece.sentiments.get(mood, 0)} {mood}" for mood in moods)
        SubElement(group, "title").text = f"{piece.begin}: {told}"
        floor = 0.0
        # The bad ones below: a line of their own along the bottom.
        for mood in reversed(moods):
            share = piece.sentiments.get(mood, 0) / known
            style = _STYLES.get(mood, "mood plain")
            box(group, _place(number, len(pieces)), _up(floor + share), _up(floor), style, 1)
            floor += share
    _dates(svg, pieces)
    return markup(svg)


def mood_bar(sentiments: Mapping[str, int], moods: Sequence[str]) -> Markup:
    """Draws the shares of the moods as one short bar."""
    known = sum(sentiments.values())
    svg = drawing(80, 10, ", ".join(f"{sentiments.get(mood, 0)} {mood}" for mood in moods))
    svg.set("class", "moods")
    left = 0.0
    for mood in moods:
        width = 80 * sentiments.get(mood, 0) / known if known else 0.0
        place = {"x": f"{left:.1f}", "width": f"{width:.1f}"}
        box(svg, place, 0, 10, _STYLES.get(mood, "mood plain"), 1)
        left += width
    return markup(svg)


def _share(pieces: Sequence[Piece], mood: str) -> float:
    known = sum(sum(piece.sentiments.values()) for piece in pieces)
    return sum(piece.sentiments.get(mood, 0) for piece in pieces) / max(1, known)


def _up(share: float) -> float:
    return _HEIGHT - _UNDER - share * (_HEIGHT - _UNDER - _TOP)


def _place(number: int, count: int) -> dict[str, str]:
    step = (_WIDTH - _LEFT) / count
    gap = min(3.0, 0.15 * step)
    # A single day is no wall.
    width = min(step - gap, 60.0)
    return {"x": f"{_LEFT + number * step + gap / 2:.2f}", "width": f"{width:.2f}"}


def _dates(svg: Element, pieces: Sequence[Piece]) -> None:
    every = max(1, -(-len(pieces) // _LABELS))
    for number in range(0, len(pieces), every):
        place = _place(number, len(pieces))
        middle = float(place["x"]) + float(place["width"]) / 2
        begin = pieces[number].begin
        told = begin[5:].replace("T", " ") if "T" in begin else begin
        # Of the first and last one, nothing may hang over the edge.
        middle = min(max(middle, _LEFT + 28), _WIDTH - 34)
        label(svg, middle, _HEIGHT - 8, told, "tick middle")
