"""The statistics as one HTML page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from insight.stats import charts
from insight.stats.figures import Figures
from scripts.report.rendering import render_page

MOST_CLUSTERS = 40


def render(figures: Figures) -> str:
    """Renders the page."""
    over = sum(form.finished + form.left for form in figures.forms)
    return render_page(
        Path(__file__).parent,
        "page.html.jinja",
        figures=figures,
        first=datetime.fromtimestamp(figures.first).astimezone(),
        last=datetime.fromtimestamp(figures.last).astimezone(),
        runs={"over": over, "finished": sum(form.finished for form in figures.forms)},
        turns=charts.turns_over_time(figures.pieces, figures.unit),
        moods=charts.moods_over_time(figures.pieces, figures.moods, figures.unit),
        mood_bar=charts.mood_bar,
        most=MOST_CLUSTERS,
    )
