"""The inspector's page as a developer meets it: live, by keyboard, narrow, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader

from tests.browser import Watch, hold_accessible, screenshot, visited
from tests.channels.conftest import BOT, Bot
from tests.channels.inspector.conversation import (
    answered,
    did,
    entity,
    filled,
    listens,
    loop,
    said,
    session,
)
from tests.channels.inspector.watching import CODE, TOKEN, say, write_down

pytestmark = [pytest.mark.services, pytest.mark.browser]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
EVIL = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>'
TEXT = "two loaves of bread tomorrow at seven"

expect.set_options(timeout=30_000)


def address(bot: Bot) -> str:
    return f"{bot.url}/webhooks/inspector/"


@contextmanager
def signed_in(browser: Browser, bot: Bot, **options: Any) -> Iterator[tuple[Page, Watch]]:
    """The page of somebody who has signed in."""
    with visited(browser, address(bot), **options) as (page, watch):
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
        yield page, watch


def choose(page: Page, conversation: str) -> None:
    """Opens a conversation."""
    page.locator(f'button[data-conversation="{conversation}"]').click()
    expect(page.get_by_role("heading", name=conversation, exact=True)).to_be_visible()
    expect(page.locator(".turn").first).to_be_visible()


@pytest.fixture(scope="module")
def rich(bot: Bot) -> str:
    """A conversation with everything that the small bot itself has not."""
    write_down(
        bot,
        "rich",
        *(session(), said("good morning!", "greet", sentiment="positive")),
        *(did("utter_greet"), answered("Hello!", "utter_greet"), listens()),
        said(
            TEXT,
            "ask",
            [
                entity(TEXT, "two", "quantity", extractor="JointBertClassifier"),
                entity(TEXT, "two", "number", 2, extractor="ValueExtractor"),
                entity(TEXT, "two loaves", "amount", {"value": 2, "unit": "loaf"}),
                entity(TEXT, "bread", "item", extractor="JointBertClassifier"),
                entity(TEXT, "tomorrow at seven", "time", "2026-11-22T07:00:00+01:00"),
                entity(TEXT, "seven", "number", 7, extractor="ValueExtractor"),
            ],
            sentiment="neutral",
        ),
        *(filled("counted", 2), did("tea_form", confidence=0.87), loop("tea_form")),
        answered("Which tea?", "utter_ask", [{"title": "Green", "payload": "/affirm"}]),
        listens(),
        *(said("none of them!", "deny", sentiment="negative"), did("tea_form"), loop(None)),
        filled("counted", {"things": ["a long value"] * 12}),
        *(did("utter_left"), answered("I left it.", "utter_left")),
        *(filled("counted", 3), listens()),
    )
    say(bot, "rich", "count")
    return "rich"


def test_signing_in_and_out(browser: Browser, bot: Bot) -> None:
    with visited(browser, address(bot)) as (page, watch):
        expect(page.get_by_label("Token")).to_be_focused()
        hold_accessible(page)
        screenshot(page, "inspector-sign-in")
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").first).to_contain_text("not the token")
        watch.forgive("403")
        page.wait_for_timeout(700)  # The address is slowed down.
        page.keyboard.type(TOKEN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
        page.reload()
        expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Token")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Token")).to_be_visible()


def test_the_address_with_the_code_signs_in_once(browser: Browser, bot: Bot) -> None:
    with visited(browser, f"{address(bot)}#code={CODE}", [address(bot)]) as (page, _):
        expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
        assert CODE not in page.url
    with visited(browser, f"{address(bot)}#code={CODE}", [address(bot)]) as (page, watch):
        expect(page.get_by_role("alert").first).to_contain_text("used up")
        watch.forgive("403")
        page.wait_for_timeout(700)


def test_what_is_said_shows_by_itself(browser: Browser, bot: Bot) -> None:
    say(bot, "talker", "hello")
    with signed_in(browser, bot) as (page, _):
        choose(page, "talker")
        expect(page.locator(".turn")).to_have_count(1)
        say(bot, "talker", "count")
        expect(page.locator("#turn-2")).to_contain_text("That makes 1.")
        expect(page.locator("#turn-2")).to_contain_text("action_count")
        expect(page.locator("#news")).to_have_text("1 new turn")
        # The times come a moment later than the turn, which is saved before it ends.
        expect(page.locator("#turn-2").get_by_role("heading", name="Time:")).to_be_visible()
        say(bot, "newcomer", "ask me")
        expect(page.locator('button[data-conversation="newcomer"]')).to_contain_text("ask me")
        # What one has chosen stays, through a reload as well.
        page.reload()
        expect(page.locator("#turn-2")).to_contain_text("That makes 1.")


def test_a_turn_in_all_its_parts(browser: Browser, bot: Bot, rich: str) -> None:
    with signed_in(browser, bot, viewport={"width": 1280, "height": 900}) as (page, _):
        choose(page, rich)
        turn = page.locator("#turn-2")
        assert turn.locator(".said").inner_text() == TEXT
        # "two" is three things at once: a mark for each.
        assert turn.locator(".said mark mark mark").all_inner_texts() == ["two"]
        entities = turn.get_by_role("list", name="Entities").get_by_role("listitem")
        expect(entities).to_have_count(6)
        expect(entities.nth(1)).to_contain_text("“two” = 2")
        expect(entities.nth(2)).to_contain_text('{"value":2,"unit":"loaf"}')
        sure = turn.get_by_role("listitem").filter(has_text="RulePolicy 87.0 %")
        expect(sure).to_contain_text("tea_form")
        expect(turn).to_contain_text("form begun tea_form")
        expect(turn.get_by_role("list", name="Buttons")).to_contain_text("Green /affirm")
        changed = turn.get_by_role("table", name="Slots that changed in turn 2")
        expect(changed.get_by_role("row")).to_have_count(2)
        expect(changed).to_contain_text("counted")
        turn.get_by_text("all slots").click()
        expect(turn.get_by_role("table", name="All slots before and after")).to_contain_text(
            "session_started_metadata"
        )
        turn.get_by_text("events as they are kept").click()
        expect(turn.get_by_label("Events of turn 2")).to_contain_text('"event": "user"')
        # The last turn was really had: it was measured.
        timed = page.locator("#turn-4")
        timed.locator("section", has=page.get_by_role("heading", name="Time:")).locator(
            "summary"
        ).click()
        stages = timed.get_by_role("table", name="Stages of turn 4")
        for stage in ("understood", "KeywordIntentClassifier", "action_count", "round trip"):
            expect(stages).to_contain_text(stage)
        hold_accessible(page)
        stages.scroll_into_view_if_needed()
        screenshot(page, "inspector-turn")


def test_an_action_that_fails_is_seen(browser: Browser, bot: Bot) -> None:
    say(bot, "unlucky", "hello")
    # The small bot's action adds one to what it is given, and cannot here: its server hangs up.
    write_down(bot, "unlucky", filled("counted", "a word"))
    say(bot, "unlucky", "count")
    with signed_in(browser, bot) as (page, _):
        choose(page, "unlucky")
        expect(page.locator("#turn-2 > header")).to_contain_text("action_count failed")


def test_the_course_of_the_mood_is_a_chart_and_a_table(
    browser: Browser, bot: Bot, rich: str
) -> None:
    with signed_in(browser, bot) as (page, _):
        choose(page, rich)
        chart = page.get_by_role("img", name="Mood of 3 messages")
        expect(chart).to_have_attribute(
            "aria-label",
            "Mood of 3 messages: 1 positive, 1 neutral, 1 negative. The last is negative.",
        )
        assert chart.locator("ellipse").count() == 3
        page.get_by_text("as a table").click()
        moods = page.get_by_role("table", name="Mood of each message")
        expect(moods.get_by_role("row")).to_have_count(4)
        moods.get_by_role("button", name="turn 2").click()
        expect(page.locator("#turn-2")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_for_everybody(browser: Browser, bot: Bot, rich: str, scheme: str) -> None:
    options: dict[str, Any] = {
        "color_scheme": scheme,
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }
    with signed_in(browser, bot, **options) as (page, _):
        hold_accessible(page)
        choose(page, rich)
        expect(page.locator("#turn-4")).to_be_visible()
        for summary in page.locator("summary").all():
            summary.click()
        page.wait_for_timeout(500)
        hold_accessible(page)
        page.reload()
        expect(page.locator("#turn-4")).to_be_visible()
        expect(page.locator("#mood")).to_be_visible()
        page.locator("#conversation").evaluate("area => area.scrollTo(0, 0)")
        screenshot(page, f"inspector-{scheme}")
        page.get_by_role("button", name="Make a story", exact=False).first.click()
        expect(page.locator("#story-yaml")).to_contain_text("intent: greet")
        hold_accessible(page)
        screenshot(page, f"inspector-story-{scheme}")


def test_on_a_phone_one_thing_at_a_time(browser: Browser, bot: Bot, rich: str) -> None:
    with signed_in(browser, bot, **PHONE) as (page, _):
        screenshot(page, "inspector-phone-list")
        choose(page, rich)
        expect(page.get_by_role("navigation", name="Conversations")).to_be_hidden()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        area = page.locator("#conversation")
        assert area.evaluate("area => area.scrollWidth <= area.clientWidth")
        hold_accessible(page)
        screenshot(page, "inspector-phone")
        page.get_by_role("button", name="All conversations").click()
        expect(page.locator(f'button[data-conversation="{rich}"]')).to_be_focused()


def test_html_is_shown_and_never_run(browser: Browser, bot: Bot) -> None:
    say(bot, "evil", EVIL)
    write_down(
        bot,
        "evil",
        said(EVIL, EVIL, [entity(EVIL, "img", EVIL, {"x": EVIL})], sentiment=EVIL),
        *(filled("counted", EVIL), did(EVIL, EVIL), loop(EVIL)),
        answered(EVIL, EVIL, [{"title": EVIL, "payload": EVIL}]),
        listens(),
    )
    with signed_in(browser, bot) as (page, _):
        expect(page.locator("#conversations")).to_contain_text("<script>")
        choose(page, "evil")
        assert page.locator("#turn-1 .said").inner_text() == EVIL
        page.locator("#turn-2").get_by_text("all slots").click()
        expect(page.locator("#turn-2 .bot p")).to_have_text(EVIL)
        page.locator("#turn-2").get_by_role("button", name="Make a story").click()
        expect(page.locator("#story-yaml")).to_contain_text("onerror")
        expect(page.locator("#story-notes")).to_contain_text("no intent")
        assert page.evaluate("window.ran") is None
        assert page.locator("#inspector img, #inspector script, #story img").count() == 0


def test_turns_become_a_file_that_rasa_reads(browser: Browser, bot: Bot, tmp_path: Path) -> None:
    say(bot, "teller", "hello")
    say(bot, "teller", "ask me")
    permissions = ["clipboard-read", "clipboard-write"]
    with signed_in(browser, bot, permissions=permissions) as (page, _):
        choose(page, "teller")
        page.get_by_role("button", name="Make a story …", exact=True).click()
        dialog = page.get_by_role("dialog", name="Make a story")
        dialog.get_by_label("test story").check()
        dialog.get_by_label("called").fill("a question")
        expect(page.locator("#story-yaml")).to_contain_text("story: a question")
        dialog.get_by_role("button", name="Copy").click()
        expect(page.locator("#story-done")).to_have_text("Copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        with page.expect_download() as waiting:
            dialog.get_by_role("link", name="Download").click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.name == "test_conversation.yml"
        assert path.read_text(encoding="utf-8") == copied
        steps = YAMLStoryReader(Domain.load(str(BOT / "domain.yml"))).read_from_file(path)
        assert [step.block_name for step in steps] == ["a question"]
        dialog.get_by_label("rule, of one turn").check()
        dialog.get_by_label("From turn").fill("2")
        expect(page.locator("#story-yaml")).to_contain_text("action: utter_ask")
        expect(page.locator("#story-yaml")).not_to_contain_text("utter_greet")
        dialog.get_by_label("From turn").fill("9")
        expect(page.locator("#story-problem")).to_contain_text("no such turn")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def test_all_of_it_by_keyboard(browser: Browser, bot: Bot) -> None:
    say(bot, "keys", "hello")
    with signed_in(browser, bot) as (page, _):
        page.get_by_label("Look for a conversation").focus()
        page.keyboard.type("keys")
        expect(page.locator("#conversations button")).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#conversation")).to_be_focused()
        expect(page.locator("#turn-1")).to_be_visible()
        reached = set()
        for _step in range(12):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.textContent.trim()"))
        assert {"Make a story …", "all slots", "events as they are kept"} <= reached
        page.get_by_label("Look for a conversation").fill("nobody is called this")
        expect(page.locator("#listed")).to_contain_text("0 found")


def test_a_long_conversation_begins_with_its_newest_turns(browser: Browser, bot: Bot) -> None:
    write_down(
        bot,
        "long",
        session(),
        *([said(f"number {n}", "greet"), did("utter_greet"), listens()] for n in range(1, 46)),
    )
    with signed_in(browser, bot) as (page, _):
        choose(page, "long")
        expect(page.locator(".turn")).to_have_count(20)
        expect(page.locator("#turn-45")).to_be_in_viewport()
        earlier = page.get_by_role("button", name="Show earlier turns")
        earlier.click()
        expect(page.locator(".turn")).to_have_count(40)
        earlier.click()
        expect(page.locator(".turn")).to_have_count(45)
        expect(earlier).to_be_hidden()
        assert page.locator(".turn h3").all_inner_texts() == [f"Turn {n}" for n in range(1, 46)]


def test_it_says_when_the_assistant_is_away_and_goes_on_when_it_is_back(
    browser: Browser, bot: Bot
) -> None:
    say(bot, "away", "hello")
    with signed_in(browser, bot) as (page, watch):
        choose(page, "away")
        bot.stop()
        expect(page.locator("#live")).to_contain_text("no answer")
        bot.start()
        expect(page.locator("#live")).to_have_text("live")
        # The same token: the session outlives the server.
        say(bot, "away", "count")
        expect(page.locator("#turn-2")).to_contain_text("That makes")
        watch.forgive("ERR_CONNECTION_REFUSED|Failed to load resource|ERR_EMPTY")
