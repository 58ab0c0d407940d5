"""The audit as one HTML page, in the dress of the training report."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from scripts.audit.figures import Rate, TestFigures
from scripts.audit.table import told_difference
from scripts.report.rendering import render_page

SHOWN = 60
"""Failures of a test that stand on the page before the others are folded away."""


def render(figures: Sequence[TestFigures], model: str, trained: float) -> str:
    """Renders the page.

    Args:
        figures: What it tells.
        model: The model's name.
        trained: When it was made, in seconds since 1970.
    """
    return render_page(
        Path(__file__).parent,
        "page.html.jinja",
        model=model,
        trained=datetime.fromtimestamp(trained).astimezone(),
        figures=figures,
        cases=sum(one.total.cases for one in figures),
        failures=sum(one.total.failures for one in figures),
        above=sum(one.is_above_limit for one in figures),
        differing=sum(one.differs_by_group for one in figures),
        strip=strip,
        told_difference=told_difference,
        shown=SHOWN,
    )


def strip(rate: Rate, limit: float) -> Markup:
    """Draws a rate with its interval on a line from 0 to 100 percent, and the limit."""
    svg = Element("svg", {"viewBox": "0 0 120 12", "class": "strip", "aria-hidden": "true"})
    SubElement(svg, "rect", {"y": "2", "width": "120", "height": "8", "rx": "2", "class": "cell"})
    low, high = rate.interval
    style = "wrong" if rate.rate > limit else "right"
    SubElement(
        svg,
        "rect",
        {
            "x": f"{120 * low:.1f}",
            "y": "4",
            "width": f"{max(1.0, 120 * (high - low)):.1f}",
            "height": "4",
            "class": f"{style} range",
        },
    )
    SubElement(
        svg, "circle", {"cx": f"{120 * rate.rate:.1f}", "cy": "6", "r": "3.5", "class": style}
    )
    at = f"{120 * limit:.1f}"
    SubElement(svg, "line", {"x1": at, "x2": at, "y1": "0", "y2": "12", "class": "limit"})
    return Markup(ElementTree.tostring(svg, encoding="unicode"))
