"""A real Chromium for the tests of pages, and what every page has to hold to.

A fixture of its own in each folder's conftest, of module scope, opens it:

    @pytest.fixture(scope="module")
    def browser() -> Iterator[Browser]:
        with chromium() as browser:
            yield browser

Not of a wider scope: while Playwright runs, no test of the same thread can have an event loop.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Request, sync_playwright

from scripts.project import ROOT

SCREENSHOTS = ROOT / "var" / "screenshots"

CHROMIUM_VARIABLE = "PARLEY_CHROMIUM"

_NAMES = ("chromium", "chromium-browser", "google-chrome")

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_UNTIL_STILL = """() => Promise.all(
    document.getAnimations()
        .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
        .map((animation) => animation.finished.catch(() => {}))
).then(() => null)"""


def chromium_program() -> str:
    """Where Chromium is: what PARLEY_CHROMIUM names, or else what is on the path."""
    found = os.environ.get(CHROMIUM_VARIABLE) or next(filter(None, map(shutil.which, _NAMES)), "")
    if not found:
        pytest.fail(f"No Chromium: install Debian's package, or name it in {CHROMIUM_VARIABLE}.")
    return found


Launch = Callable[..., Browser]
"""Opens a browser without a window; arguments are more of its own."""


@contextmanager
def chromiums() -> Iterator[Launch]:
    """Opens browsers, and closes them on the way out: of Playwright there is one at a time."""
    with sync_playwright() as playwright, ExitStack() as opened:

        def launch(*arguments: str) -> Browser:
            browser = playwright.chromium.launch(
                executable_path=chromium_program(),
                # Root has no sandbox; and nothing is asked of the world outside.
                args=[
                    *("--no-sandbox", "--disable-background-networking", "--no-proxy-server"),
                    *arguments,
                ],
            )
            opened.callback(browser.close)
            return browser

        yield launch


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with chromiums() as launch:
        yield launch()


class Watch:
    """Notes what a page does wrong: errors in its console, requests to strangers."""

    def __init__(self, page: Page, servers: Sequence[str]) -> None:
        """Listens.

        Args:
            page: The page.
            servers: The addresses that it may ask, as in `http://127.0.0.1:5005`.
        """
        self.faults: list[str] = []
        self._servers = tuple(servers)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._asked)

    def forgive(self, pattern: str) -> None:
        """Takes back what a test brought about on purpose.

        Raises:
            AssertionError: If nothing of the kind was noted.
        """
        left = [fault for fault in self.faults if not re.search(pattern, fault)]
        assert left != self.faults, f"Nothing of the kind {pattern!r}: {self.faults}"
        self.faults = left

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((*self._servers, "data:", "about:", "blob:")):
            self.faults.append(f"asked {request.url}")


@contextmanager
def visited(
    browser: Browser, url: str, servers: Sequence[str] = (), **options: Any
) -> Iterator[tuple[Page, Watch]]:
    """A page in a profile of its own, which must do nothing wrong until the end.

    Args:
        browser: The browser.
        url: Where to go.
        servers: More addresses that it may ask than that of `url`.
        **options: Of the browser's context: viewport, color_scheme, …
    """
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 760}, **options})
    try:
        page = context.new_page()
        watch = Watch(page, [url, *servers])
        page.goto(url)
        yield page, watch
        assert not watch.faults, "\n".join(watch.faults)
    finally:
        context.close()


def with_microphone(recording: Path) -> list[str]:
    """What makes a browser take a WAV file for its microphone, from its beginning at each use."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    ]


def screenshot(page: Page, name: str) -> Path:
    """Keeps what a page looks like, for people to see."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    return path


def hold_accessible(page: Page | Frame) -> None:
    """Has axe look at a page, or at a frame of one.

    Raises:
        AssertionError: If it finds anything.
    """
    # What is fading in has no contrast yet.
    page.evaluate(_UNTIL_STILL)
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, results.generate_report()
