"""The report on the training data as one HTML page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from insight.data_report.findings import KINDS, Report
from scripts.report.rendering import render_page

MOST = 20
"""Findings of a kind that are seen at once."""


def render(report: Report, made: float) -> str:
    """Renders the page.

    Args:
        report: What it tells.
        made: When, in seconds since 1970.
    """
    return render_page(
        Path(__file__).parent,
        "page.html.jinja",
        report=report,
        made=datetime.fromtimestamp(made).astimezone(),
        kinds=[(kind, found) for kind in KINDS if (found := report.of(kind.key))],
        most=MOST,
    )
