"""Parts of charts as inline SVG. Colours are the style sheet's; texts are escaped by the writer."""

import math
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

_STEPS = (1, 2, 2.5, 5, 10)


def drawing(width: float, height: float, told: str) -> Element:
    """Begins a chart; what it shows is told in words as well."""
    return Element(
        "svg",
        {
            "viewBox": f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "height": f"{height:g}",
            "role": "img",
            "aria-label": told,
        },
    )


def line(parent: Element, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
    """Draws a line."""
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    SubElement(parent, "line", {**{key: f"{at:.1f}" for key, at in places.items()}, "class": style})


def box(
    parent: Element, place: Mapping[str, str], top: float, bottom: float, style: str, shade: float
) -> None:
    """Draws a rectangle from top to bottom; `place` has its x and width."""
    SubElement(
        parent,
        "rect",
        {
            **place,
            "y": f"{top:.1f}",
            "height": f"{max(0.0, bottom - top):.1f}",
            "class": style,
            "fill-opacity": f"{shade:.2f}",
        },
    )


def label(parent: Element, x: float, y: float, text: str, style: str) -> Element:
    """Writes a text."""
    element = SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": style})
    element.text = text
    return element


def markup(svg: Element) -> Markup:
    """Ends a chart: markup that a template takes as it is."""
    return Markup(ElementTree.tostring(svg, encoding="unicode", method="html"))


def round_ticks(top: float) -> list[float]:
    """Returns round numbers from 0 to what is at least `top`, in 2 to 5 steps."""
    scale = 10 ** math.floor(math.log10(top / 4))
    step = next(scale * one for one in _STEPS if scale * one * 4 >= top * 0.999)
    return [round(step * number, 12) for number in range(math.ceil(top / step - 1e-3) + 1)]
