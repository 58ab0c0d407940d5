"""The report as one HTML page."""

from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from scripts.report import charts
from scripts.report.figures import Estimate, Figures
from scripts.report.rendering import render_page


def render(figures: Figures, model: str, trained: float) -> str:
    """Renders the report.

    Args:
        figures: What it tells.
        model: The model's name.
        trained: When it was made, in seconds since 1970.
    """
    estimate = figures.estimate
    return render_page(
        Path(__file__).parent,
        "page.html.jinja",
        model=model,
        trained=datetime.fromtimestamp(trained).astimezone(),
        figures=figures,
        estimate=estimate,
        curves=charts.curves(figures.epochs),
        matrix=None if estimate is None else _matrix(estimate),
        reliability=None if estimate is None else charts.reliability_diagram(estimate.bins),
    )


def _matrix(estimate: Estimate) -> Markup:
    links = {
        frozenset((pair.first, pair.second)): f"pair-{number}"
        for number, pair in enumerate(estimate.pairs, 1)
    }
    return charts.confusion_matrix(estimate.matrix, links)
