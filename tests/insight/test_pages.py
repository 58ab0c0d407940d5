"""Both pages in a real browser: nothing asked of anybody, usable by all, on a phone too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from insight.data_report import __main__ as data_report
from insight.stats import __main__ as stats
from tests.browser import chromium, hold_accessible, screenshot, visited
from tests.insight.talking import BEGIN, Talk, keep

pytestmark = pytest.mark.browser

PROJECTS = Path(__file__).parent / "projects"
MOODS = ("neutral", "positive", "neutral", "negative")


@pytest.fixture(scope="module")
def browser(pages: dict[str, Path]) -> Iterator[Browser]:
    # Not before the pages are made: while Playwright runs, there is no other event loop.
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    store = folder / "talks.db"
    talks = []
    for number in range(24):
        talk = Talk(f"somebody {number}", BEGIN + number * 40_000, ("web", "voice")[number % 2])
        talk.say("a pizza", "order_pizza", mood=MOODS[number % 4]).do("pizza_form")
        talk.loop("pizza_form").answer(after=0.2 + number / 20).listen()
        if number % 3:
            talk.say("olives", "nlu_fallback").do("pizza_form").loop(None).do("action_order")
            talk.answer().listen()
        talk.say(f"fly me to {'Rome' if number % 2 else 'Paris'}", "nlu_fallback")
        talks.append(talk.do("action_ask_back").answer(after=0.1).listen())
    keep(store, *talks)
    made = {name: folder / f"{name}.html" for name in ("stats", "data-report")}
    for command, name in ((stats.main, "stats"), (data_report.main, "data-report")):
        project = str(PROJECTS / "faulty")
        options = ["--project", project, "--store", str(store), "--output", str(made[name])]
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("DISPLAY", raising=False)
            patch.delenv("WAYLAND_DISPLAY", raising=False)
            assert command(options) == 0
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["stats", "data-report"])
def test_pages_are_usable_by_all(
    browser: Browser, pages: dict[str, Path], name: str, scheme: str
) -> None:
    with visited(browser, pages[name].as_uri(), color_scheme=scheme) as (page, _):
        hold_accessible(page)
        screenshot(page, f"{name}-{scheme}")


@pytest.mark.parametrize("name", ["stats", "data-report"])
def test_pages_fit_on_a_phone(browser: Browser, pages: dict[str, Path], name: str) -> None:
    with visited(browser, pages[name].as_uri(), viewport={"width": 360, "height": 700}) as (
        page,
        _,
    ):
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_tables_are_sorted_by_their_heads(browser: Browser, pages: dict[str, Path]) -> None:
    with visited(browser, pages["stats"].as_uri()) as (page, _):
        table = page.locator("#channels table")
        names = table.locator("tbody th")
        table.get_by_role("button", name="Channel").click()
        first = names.all_inner_texts()
        table.get_by_role("button", name="Channel").click()
        assert first == ["voice", "web"] and names.all_inner_texts() == first[::-1]
