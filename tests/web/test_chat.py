"""The chat page as a person meets it: with mouse, keyboard and phone, in the light and the dark."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, WebSocketRoute, expect

from channels.payloads import LONGEST_TEXT
from channels.wording import OUT_OF_DATE
from tests.browser import Watch, hold_accessible, screenshot, visited
from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.web.site import Site

pytestmark = [pytest.mark.services, pytest.mark.browser]

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
NARROW = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
SECONDS = 30_000

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

expect.set_options(timeout=SECONDS)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture(scope="module")
def answering() -> Iterator[ActionServer]:
    with ActionServer() as server:
        yield server


@pytest.fixture(scope="module")
def bot(
    small_model: Path,
    answering: ActionServer,
    site: Site,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bot]:
    entry = {
        "origins": [site.url],
        "assistant": "Parley",
        "suggestions": ["hello", "ask me", "show me"],
        "sessions_per_hour": 1000,
        "messages_per_minute_of_address": 10_000,
    }
    folder = tmp_path_factory.mktemp("web")
    kept = {"PARLEY_DATABASE_URL": f"sqlite:///{folder}/parley.db"}
    bot = Bot(folder, small_model, answering, {"channels.web.WebInput": entry}, kept)
    site.script = f"{bot.url}/webhooks/web/embed.js"
    bot.start()
    yield bot
    bot.stop()


def visiting(
    browser: Browser, bot: Bot, **options: Any
) -> AbstractContextManager[tuple[Page, Watch]]:
    return visited(browser, f"{bot.url}/webhooks/web/", [bot.url], **options)


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")


def said(page: Page, side: str) -> Locator:
    return page.locator(f".message.{side} .body")


def texts(page: Page) -> list[str]:
    """Who said what, in the order of the page, as a screen reader has it."""
    return page.locator(".message .body").all_text_contents()


def newest_conversation(bot: Bot) -> str:
    """The conversation in which somebody wrote last."""
    with closing(sqlite3.connect(bot.database)) as database:
        newest = "SELECT conversation FROM incoming ORDER BY id DESC LIMIT 1"
        return str(database.execute(newest).fetchone()[0])


# ------------------------------------------------------------------------- talking


def test_an_empty_page_says_who_answers_and_offers_three_things_to_say(
    browser: Browser, bot: Bot
) -> None:
    with visiting(browser, bot) as (page, _):
        expect(page.get_by_role("heading", level=1)).to_have_text("Parley")
        assert page.title() == "Parley"
        offers = page.locator("#suggestions button")
        expect(offers).to_have_text(["hello", "ask me", "show me"])
        screenshot(page, "web-empty")
        hold_accessible(page)
        offers.first.click()
        expect(said(page, "bot")).to_contain_text("Hello!")
        expect(page.locator("#empty")).to_be_hidden()
        expect(page.get_by_role("textbox")).to_be_focused()


def test_a_conversation_with_buttons(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, _):
        write(page, "ask me")
        yes = page.get_by_role("button", name="Yes")
        expect(yes).to_be_enabled()
        expect(page.get_by_role("group", name="Choices")).to_be_visible()
        screenshot(page, "web-buttons")
        hold_accessible(page)
        yes.click()
        expect(said(page, "bot").last).to_contain_text("Done.")
        expect(said(page, "person").last).to_contain_text("Yes")
        expect(yes).to_be_disabled()
        expect(page.get_by_role("button", name="No", exact=True)).to_be_disabled()
        screenshot(page, "web-buttons-pressed")
        # A question that was answered in words is over as well.
        write(page, "ask me")
        expect(page.get_by_role("button", name="Yes").nth(1)).to_be_enabled()
        write(page, "hello")
        expect(page.get_by_role("button", name="Yes").nth(1)).to_be_disabled()


def test_a_stale_button_is_answered_in_words(browser: Browser, bot: Bot) -> None:
    def deafen(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: None if '"news"' in str(frame) else socket.send(frame))

    with visiting(browser, bot) as (page, _):
        write(page, "ask me")
        expect(page.get_by_role("button", name="Yes")).to_be_enabled()
        # A tab that does not hear that the conversation has gone on.
        other = page.context.new_page()
        other.route_web_socket("**/socket", deafen)
        other.goto(page.url)
        expect(other.get_by_role("button", name="Yes")).to_be_enabled()
        page.get_by_role("button", name="No", exact=True).click()
        expect(said(page, "bot").last).to_contain_text("I left it.")
        other.get_by_role("button", name="Yes").click()
        expect(said(page, "person").last).to_contain_text("Yes")
        expect(said(page, "bot").last).to_contain_text(OUT_OF_DATE)
        assert "Done." not in " ".join(texts(page))


def test_the_history_is_there_after_a_reload(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, _):
        for text, answer in (("hello", "Hello!"), ("ask me", "Shall I?"), ("count", "makes 1.")):
            write(page, text)
            expect(said(page, "bot").last).to_contain_text(answer)
        before = texts(page)
        assert before == [
            "You: hello",
            "Parley: Hello!",
            "You: ask me",
            "Parley: Shall I?",
            "You: count",
            "Parley: That makes 1.",
        ]
        page.reload()
        expect(said(page, "bot")).to_have_count(3)
        assert texts(page) == before
        expect(page.get_by_role("button", name="Yes")).to_be_disabled()
        expect(page.locator("#empty")).to_be_hidden()


def test_the_time_zone_of_the_browser_comes_with_what_is_said(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot, timezone_id="Asia/Kolkata") as (page, _):
        write(page, "hello")
        expect(said(page, "bot")).to_have_count(1)
        events = bot.api(f"/conversations/{newest_conversation(bot)}/tracker")["events"]
        (metadata,) = (event["metadata"] for event in events if event["event"] == "user")
        # Browsers know it by its former name, too.
        assert metadata["timezone"] in ("Asia/Kolkata", "Asia/Calcutta")


def test_typing_is_shown_while_an_answer_is_on_its_way(
    browser: Browser, bot: Bot, answering: ActionServer
) -> None:
    with visiting(browser, bot) as (page, _):
        answering.go.clear()
        try:
            write(page, "wait")
            expect(page.locator("#typing")).to_be_visible()
            screenshot(page, "web-typing")
            # Also in a tab that is opened meanwhile.
            other = page.context.new_page()
            other.goto(page.url)
            expect(other.locator("#typing")).to_be_visible()
            other.close()
        finally:
            answering.go.set()
        expect(said(page, "bot").last).to_contain_text("I waited.")
        expect(page.locator("#typing")).to_be_hidden()


def test_two_tabs_show_the_same_conversation(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, _):
        write(page, "hello")
        expect(said(page, "bot")).to_have_count(1)
        other = page.context.new_page()
        faults = Watch(other, [bot.url]).faults
        other.goto(page.url)
        expect(said(other, "bot")).to_have_count(1)
        write(other, "count")
        for tab in (page, other):
            expect(said(tab, "bot").last).to_contain_text("That makes 1.")
        assert texts(page) == texts(other)
        # Started anew in one, the other goes along.
        other.get_by_role("button", name="Start anew").click()
        other.get_by_role("button", name="Delete and start anew").click()
        for tab in (other, page):
            expect(tab.locator("#empty")).to_be_visible()
        write(page, "count")
        for tab in (page, other):
            expect(said(tab, "bot").last).to_contain_text("That makes 1.")
        assert texts(page) == texts(other)
        assert faults == []


def test_a_restart_of_the_server_loses_nothing(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, watch):
        write(page, "count")
        expect(said(page, "bot")).to_have_count(1)
        bot.kill()
        expect(page.get_by_role("status").first).to_have_text("Connecting again …")
        write(page, "count")
        write(page, "hello")
        expect(page.locator(".message.person.waiting")).to_have_count(2)
        screenshot(page, "web-away")
        hold_accessible(page)
        # What waits outlives a reload too, though there is nothing to load the page from.
        assert page.evaluate("() => JSON.parse(localStorage.getItem('parley.waiting')).length") == 2
        bot.start()
        expect(said(page, "bot").last).to_contain_text("Hello!")
        assert [text.partition(": ")[2] for text in texts(page)] == [
            "count",
            "That makes 1.",
            "count",
            "hello",
            "That makes 2.",
            "Hello!",
        ]
        expect(page.locator(".message.person.waiting")).to_have_count(0)
        assert page.evaluate("() => localStorage.getItem('parley.waiting')") is None
        page.reload()
        expect(said(page, "bot")).to_have_count(3)
        watch.forgive(r"WebSocket connection to .* failed")


def test_starting_anew_is_asked_about_and_forgets(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, _):
        write(page, "count")
        expect(said(page, "bot")).to_have_count(1)
        token = page.evaluate("() => localStorage.getItem('parley.token')")
        page.get_by_role("button", name="Start anew").click()
        screenshot(page, "web-anew")
        hold_accessible(page)
        page.get_by_role("button", name="Keep it").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(said(page, "bot")).to_have_count(1)
        page.get_by_role("button", name="Start anew").click()
        page.get_by_role("button", name="Delete and start anew").click()
        expect(page.locator("#empty")).to_be_visible()
        expect(said(page, "bot")).to_have_count(0)
        assert page.evaluate("() => localStorage.getItem('parley.token')") not in (None, token)
        write(page, "count")
        expect(said(page, "bot")).to_contain_text("That makes 1.")


# ---------------------------------------------------------------------- what is shown


def test_markup_is_text_on_both_sides(browser: Browser, bot: Bot) -> None:
    evil = (
        "hello <img src=x onerror=document.title='run'><script>document.title='run'</script> "
        "<a href='javascript:document.title=1'>x</a> javascript:alert(1)"
    )
    with visiting(browser, bot) as (page, _):
        write(page, "special signs")
        expect(said(page, "bot")).to_contain_text("<b>eight</b>")
        write(page, evil)
        expect(said(page, "person").last).to_contain_text("<script>document.title='run'</script>")
        assert page.locator(".message :is(b, script, img)").count() == 0
        assert page.title() == "Parley"
        # What was shown live, and what comes from the history.
        page.reload()
        expect(said(page, "person").last).to_contain_text("onerror=document.title='run'")
        assert page.locator(".message :is(b, script, img)").count() == 0
        for link in page.locator(".message a").all():
            assert (link.get_attribute("href") or "").startswith("http")


def test_addresses_are_links_and_lines_stay(browser: Browser, bot: Bot) -> None:
    text = (
        "hello\nsee (https://example.org/a_(b)?c=1&d=2). Or http://example.com/x, "
        "ftp://example.org and " + "a" * 300
    )
    with visiting(browser, bot, **NARROW) as (page, _):
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(said(page, "bot")).to_have_count(1)
        links = page.locator(".message.person a")
        assert [link.get_attribute("href") for link in links.all()] == [
            "https://example.org/a_(b)?c=1&d=2",
            "http://example.com/x",
        ]
        for link in links.all():
            assert "noopener" in (link.get_attribute("rel") or "")
            assert link.get_attribute("target") == "_blank"
        assert said(page, "person").inner_text().count("\n") >= 1
        fits = "() => document.scrollingElement.scrollWidth <= innerWidth"
        inner = "() => { const c = document.getElementById('conversation');"
        assert page.evaluate(fits)
        assert page.evaluate(inner + " return c.scrollWidth <= c.clientWidth; }")
        screenshot(page, "web-narrow-long")


def test_an_image_has_words(browser: Browser, bot: Bot) -> None:
    def draw(route: Route) -> None:
        route.fulfill(body=DOT, content_type="image/png")

    with visiting(browser, bot) as (page, watch):
        page.context.route("https://example.org/**", draw)
        write(page, "show me")
        expect(page.get_by_role("img", name="A picture from Parley")).to_be_visible()
        hold_accessible(page)
        page.context.unroute("https://example.org/**")
        page.context.route("https://example.org/**", lambda route: route.abort())
        page.reload()
        expect(said(page, "bot")).to_contain_text("This picture could not be loaded")
        watch.forgive("ERR_FAILED")
        watch.forgive("asked https://example.org/cat.png")


def test_a_text_over_the_limit_is_refused_before_it_is_sent(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, _):
        expect(page.get_by_role("button", name="Start anew")).to_be_visible()
        field = page.get_by_role("textbox")
        field.fill("x" * (LONGEST_TEXT - 100))
        expect(page.locator("#notice")).to_have_text("100 characters left")
        field.fill("😀" * (LONGEST_TEXT + 1))
        expect(page.locator("#notice")).to_have_text("1 character too many. Please shorten it.")
        field.press("Enter")
        expect(said(page, "person")).to_have_count(0)
        expect(field).to_be_focused()
        hold_accessible(page)
        field.fill("😀" * LONGEST_TEXT)
        field.press("Enter")
        expect(said(page, "person")).to_have_count(1)
        expect(page.locator(".waiting, .failed")).to_have_count(0)


# ------------------------------------------------------------------- who looks at it


def test_by_keyboard_alone(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot) as (page, _):
        keys = page.keyboard
        expect(page.locator("#suggestions button")).to_have_count(3)
        expect(page.get_by_role("textbox")).to_be_focused()
        keys.type("hello")
        keys.press("Shift+Enter")
        keys.type("there")
        assert page.get_by_role("textbox").input_value() == "hello\nthere"
        keys.press("Enter")
        expect(said(page, "bot")).to_have_count(1)
        keys.type("ask me")
        keys.press("Enter")
        no = page.get_by_role("button", name="No", exact=True)
        expect(no).to_be_enabled()
        keys.press("Shift+Tab")
        expect(no).to_be_focused()
        width = "element => getComputedStyle(element).outlineWidth"
        assert no.evaluate(width) != "0px"
        keys.press("Enter")
        expect(said(page, "bot").last).to_contain_text("I left it.")
        expect(page.get_by_role("textbox")).to_be_focused()
        keys.press("Shift+Tab")
        expect(page.locator("#conversation")).to_be_focused()
        keys.press("Shift+Tab")
        expect(page.get_by_role("button", name="Start anew")).to_be_focused()
        keys.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        keys.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.get_by_role("textbox")).to_be_focused()
        keys.press("Shift+Tab")
        keys.press("Escape")
        expect(page.get_by_role("textbox")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name, size", [("phone", PHONE), ("narrow", NARROW), ("wide", {})])
def test_it_is_legible_and_fits(
    browser: Browser, bot: Bot, scheme: str, name: str, size: dict[str, Any]
) -> None:
    with visiting(browser, bot, color_scheme=scheme, **size) as (page, _):
        expect(page.locator("#empty")).to_be_visible()
        hold_accessible(page)
        screenshot(page, f"web-{name}-{scheme}-empty")
        for text in ("hello", "special signs", "count", "ask me"):
            write(page, text)
            expect(page.locator(".message.bot")).to_have_count(
                page.locator(".message.person").count()
            )
        expect(page.get_by_role("button", name="Yes")).to_be_enabled()
        hold_accessible(page)
        assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
        screenshot(page, f"web-{name}-{scheme}")


def test_still_for_those_who_want_it_so(browser: Browser, bot: Bot) -> None:
    with visiting(browser, bot, reduced_motion="reduce") as (page, _):
        write(page, "hello")
        expect(said(page, "bot")).to_have_count(1)
        moves = "() => document.getAnimations().length"
        assert page.evaluate(moves) == 0


# ------------------------------------------------------------------------- embedded


def test_embedded_in_a_site_that_is_configured(browser: Browser, bot: Bot, site: Site) -> None:
    with visited(browser, site.url, [bot.url]) as (page, watch):
        opener = page.get_by_role("button", name="Ask us: open")
        expect(opener).to_have_attribute("aria-expanded", "false")
        hold_accessible(page)
        opener.focus()
        page.keyboard.press("Enter")
        chat = page.frame_locator("iframe")
        expect(chat.get_by_role("textbox")).to_be_focused()
        page.keyboard.type("ask me")
        page.keyboard.press("Enter")
        expect(chat.get_by_role("button", name="Yes")).to_be_visible()
        screenshot(page, "web-embedded")
        hold_accessible(page)
        hold_accessible(page.frames[1])
        # Within a frame axe looks for itself in the page around, which is of another origin.
        watch.forgive("Failed to execute 'postMessage'")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(opener).to_be_focused()
        page.keyboard.press("Enter")
        expect(chat.get_by_role("textbox")).to_be_focused()
        chat.get_by_role("button", name="Close the chat").click()
        expect(opener).to_be_focused()
        page.reload()
        page.get_by_role("button", name="Ask us: open").click()
        expect(chat.get_by_role("button", name="Yes")).to_be_visible()


def test_a_closed_chat_says_that_something_was_said(browser: Browser, bot: Bot, site: Site) -> None:
    with visited(browser, site.url, [bot.url]) as (page, _):
        page.get_by_role("button", name="Ask us: open").click()
        chat = page.frame_locator("iframe")
        chat.get_by_role("textbox").fill("hello")
        chat.get_by_role("textbox").press("Enter")
        expect(chat.locator(".message.bot")).to_have_count(1)
        page.get_by_role("button", name="Ask us: close").click()
        due = f"/conversations/{newest_conversation(bot)}/trigger_intent?output_channel=web"
        bot.api(due, {"name": "EXTERNAL_due"})
        page.get_by_role("button", name="Ask us: open, new message").click()
        expect(chat.get_by_role("button", name="Snooze")).to_be_visible()
        expect(page.get_by_role("button", name="Ask us: close")).to_be_visible()


def test_embedded_on_a_phone_it_fills_the_screen(browser: Browser, bot: Bot, site: Site) -> None:
    with visited(browser, site.url, [bot.url], **PHONE) as (page, _):
        page.get_by_role("button", name="Ask us: open").click()
        chat = page.frame_locator("iframe")
        expect(chat.locator("#empty")).to_be_visible()
        screenshot(page, "web-embedded-phone")
        chat.get_by_role("button", name="Close the chat").click()
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_site_that_is_not_configured_cannot_embed_it(
    browser: Browser, bot: Bot, site: Site
) -> None:
    with visited(browser, site.other_url, [bot.url]) as (page, watch):
        page.get_by_role("button", name="Ask us: open").click()
        expect(page.get_by_role("alert")).to_have_text("The chat could not be opened here.")
        screenshot(page, "web-embedded-refused")
        assert page.locator("iframe").count() == 0
        watch.forgive("frame-ancestors")
