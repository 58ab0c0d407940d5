"""Reports as HTML pages, each one file: what is in it is escaped, and only our script may run."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from privacy.masking import export_masker
from scripts.report import charts

_FOLDER = Path(__file__).parent


def render_page(folder: Path, template: str, **context: Any) -> str:
    """Renders a page in the reports' style.

    Args:
        folder: Where the template lies; a style sheet beside it, `page.css`, comes on top of ours.
        template: Its name.
        **context: What it shows. It may be anyone's text: all of it is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["masked"] = export_masker()
    environment.filters["told_seconds"] = told_seconds
    environment.globals["bar"] = charts.bar
    sheets = [_FOLDER / "page.css"]
    if folder != _FOLDER and (folder / "page.css").exists():
        sheets.append(folder / "page.css")
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    return environment.get_template(template).render(
        **context,
        # Ours, and the only ones that the page's policy lets run: their digests are in it.
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; img-src data:; style-src {_source(style)}; "
        f"script-src {_source(script)}; base-uri 'none'; form-action 'none'",
    )


def percent(share: float, digits: int = 0) -> str:
    """Tells a share of one in percent, with a space that does not break."""
    return f"{100 * share:.{digits}f}\u00a0%"


def told_seconds(value: float) -> str:
    """Tells a length of time."""
    return f"{1000 * value:.0f}\u00a0ms" if value < 1 else f"{value:.1f}\u00a0s"


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
