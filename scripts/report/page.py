"""The report as one HTML page. Training data is anyone's text: the template escapes all of it."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scripts.report import charts
from scripts.report.figures import Estimate, Figures

_FOLDER = Path(__file__).parent


def render(figures: Figures, model: str, trained: float) -> str:
    """Renders the report.

    Args:
        figures: What it tells.
        model: The model's name.
        trained: When it was made, in seconds since 1970.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.globals["bar"] = charts.bar
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    estimate = figures.estimate
    return environment.get_template("page.html.jinja").render(
        model=model,
        trained=datetime.fromtimestamp(trained).astimezone(),
        figures=figures,
        estimate=estimate,
        curves=charts.curves(figures.epochs),
        matrix=None if estimate is None else _matrix(estimate),
        reliability=None if estimate is None else charts.reliability_diagram(estimate.bins),
        # Ours, and the only ones that the page's policy lets run: their digests are in it.
        style=Markup(style),
        script=Markup(script),
        policy=content_policy(style, script),
    )


def content_policy(style: str, script: str) -> str:
    """The Content-Security-Policy under which a page has this style and this script, no more."""
    return (
        f"default-src 'none'; img-src data:; style-src {_source(style)}; "
        f"script-src {_source(script)}; base-uri 'none'; form-action 'none'"
    )


def percent(share: float, digits: int = 0) -> str:
    """Tells a share of one in percent, with a space that does not break."""
    return f"{100 * share:.{digits}f}\u00a0%"


def _matrix(estimate: Estimate) -> Markup:
    links = {
        frozenset((pair.first, pair.second)): f"pair-{number}"
        for number, pair in enumerate(estimate.pairs, 1)
    }
    return charts.confusion_matrix(estimate.matrix, links)


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
