"""Showing a page in the person's browser, where there is one with windows."""

import os
import sys
import webbrowser


def show(address: str) -> None:
    """Open a page in the browser, or nothing: without windows, one in the terminal would start."""
    if has_display():
        webbrowser.open(address)


def has_display() -> bool:
    """Whether a browser with windows can be expected."""
    return sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
