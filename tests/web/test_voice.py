"""Speaking to the chat page in a real browser, whose microphone is a recording."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import (
    Launch,
    Watch,
    chromiums,
    hold_accessible,
    screenshot,
    visited,
    with_microphone,
)
from tests.channels.conftest import Bot
from tests.channels.voice.speech import spoken
from voice.audio import RATE, Samples, write_wave

pytestmark = [pytest.mark.services, pytest.mark.browser]

SECONDS = 60_000

expect.set_options(timeout=SECONDS)

NARROW = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}

# What is played is noted: how long, and how loud it gets.
NOTES = """
window.played = [];
window.stopped = 0;
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  const samples = this.buffer.getChannelData(0);
  const loudest = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  window.played.push({ seconds: this.buffer.duration, loudest, rate: this.buffer.sampleRate });
  return start.apply(this, when);
};
const stop = AudioBufferSourceNode.prototype.stop;
AudioBufferSourceNode.prototype.stop = function (...when) {
  window.stopped += 1;
  return stop.apply(this, when);
};
"""

# Captions are gone as soon as the sentence is understood: all there were are noted.
CAPTIONS = """
window.captions = [];
addEventListener("DOMContentLoaded", () => {
  const caption = document.getElementById("caption");
  new MutationObserver(() => caption.textContent && window.captions.push(caption.textContent))
    .observe(caption, { childList: true, characterData: true, subtree: true });
});
"""

# As in Firefox: a microphone is connected to a context of the device's rate alone.
ONE_RATE = """
const connect = AudioContext.prototype.createMediaStreamSource;
AudioContext.prototype.createMediaStreamSource = function (stream) {
  if (this.sampleRate === 16000) throw new DOMException("another rate", "NotSupportedError");
  window.rate = this.sampleRate;
  return connect.call(this, stream);
};
"""


def recording(folder: Path, *sentences: str, pause: float = 8.0) -> Path:
    """Sentences with pauses behind them, as a WAV file."""
    parts: list[Samples] = [spoken(one, before=0.9, after=pause) for one in sentences]
    path = folder / "microphone.wav"
    write_wave(np.concatenate([*parts, parts[-1][-RATE:]]), path)
    return path


@pytest.fixture(scope="module")
def launch() -> Iterator[Launch]:
    with chromiums() as launch:
        yield launch


@pytest.fixture(scope="module")
def asking(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser in which somebody says "ask me", once at each use of the microphone."""
    return launch(*with_microphone(recording(tmp_path_factory.mktemp("asking"), "ask me")))


@contextmanager
def visiting(
    browser: Browser, bot: Bot, *scripts: str, **options: Any
) -> Iterator[tuple[Page, Watch]]:
    url = f"{bot.url}/webhooks/web/"
    with visited(browser, "about:blank", [bot.url], **options) as (page, watch):
        for script in (NOTES, CAPTIONS, *scripts):
            page.add_init_script(script)
        page.goto(url)
        expect(page.get_by_role("button", name="Speak", exact=True)).to_be_visible()
        yield page, watch


def said(page: Page, side: str) -> Locator:
    return page.locator(f".message.{side} .body")


def speak(page: Page) -> Locator:
    return page.get_by_role("button", name="Speak", exact=True)


def played(page: Page) -> list[dict[str, float]]:
    # The page's policy forbids Playwright to look by itself, which it does by `eval`.
    deadline = time.monotonic() + SECONDS / 1000
    while not (found := page.evaluate("window.played")):
        assert time.monotonic() < deadline, "Nothing was played."
        page.wait_for_timeout(100)
    return list(found)


def test_a_press_a_caption_and_a_spoken_answer(asking: Browser, talking_bot: Bot) -> None:
    with visiting(asking, talking_bot) as (page, _):
        speak(page).click()
        expect(page.locator("#voice")).to_be_visible()
        expect(speak(page)).to_have_attribute("aria-pressed", "true")
        expect(said(page, "person")).to_have_text("You: ask me")
        expect(said(page, "bot")).to_have_text("Parley: Shall I?")
        expect(page.get_by_role("button", name="Yes")).to_be_enabled()
        (sound, *_) = played(page)
        assert 0.2 < sound["seconds"] < 5 and sound["loudest"] > 0.05
        # What is captioned while it is said becomes what was said; a first guess may be another.
        captions = page.evaluate("window.captions")
        assert captions[-1] == "ask me" and all(captions)
        # And then it is over: nothing is listened to any more.
        expect(page.locator("#voice")).to_be_hidden()
        expect(speak(page)).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("document.activeElement.id") == "speak"


def test_who_holds_the_button_ends_by_letting_go(asking: Browser, talking_bot: Bot) -> None:
    with visiting(asking, talking_bot, **NARROW) as (page, _):
        speak(page).hover()
        page.mouse.down()
        expect(page.locator("#caption")).to_have_text("ask me")
        screenshot(page, "web-voice-320")
        hold_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        # The silence behind the sentence does not end it.
        page.wait_for_timeout(1500)
        expect(page.locator("#voice-state")).to_have_text("Hearing you")
        page.mouse.up()
        expect(said(page, "bot")).to_have_text("Parley: Shall I?")
        played(page)


@pytest.mark.xfail(
    strict=False,
    reason="On a busy machine Chromium's fake microphone at times gives nothing when opened again.",
)
def test_with_the_keyboard_alone(asking: Browser, talking_bot: Bot) -> None:
    with visiting(asking, talking_bot, color_scheme="dark") as (page, _):
        page.get_by_role("textbox").focus()
        page.keyboard.press("Tab")
        expect(speak(page)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#voice-state")).to_have_text("Listening")
        screenshot(page, "web-voice-dark")
        hold_accessible(page)
        # Escape throws away what was said.
        page.keyboard.press("Escape")
        expect(page.locator("#voice")).to_be_hidden()
        # Space held is the button held.
        page.keyboard.down(" ")
        expect(page.locator("#caption")).to_have_text("ask me")
        page.keyboard.up(" ")
        expect(said(page, "bot")).to_have_text("Parley: Shall I?")
        expect(said(page, "person")).to_have_count(1)


def test_answers_are_not_spoken_to_who_does_not_want_it(asking: Browser, talking_bot: Bot) -> None:
    with visiting(asking, talking_bot) as (page, _):
        speak(page).click()
        aloud = page.get_by_role("button", name="Answer aloud")
        aloud.click()
        expect(aloud).to_have_attribute("aria-pressed", "false")
        expect(said(page, "bot")).to_have_text("Parley: Shall I?")
        expect(page.locator("#voice")).to_be_hidden()
        assert page.evaluate("window.played") == []
        page.reload()
        expect(page.locator("#aloud")).to_have_attribute("aria-pressed", "false")


def test_a_microphone_of_another_rate_is_heard_as_well(asking: Browser, talking_bot: Bot) -> None:
    with visiting(asking, talking_bot, ONE_RATE) as (page, _):
        speak(page).click()
        expect(said(page, "person")).to_have_text("You: ask me")
        assert page.evaluate("window.rate") > 16_000


def test_hands_free_and_whoever_speaks_breaks_the_answer_off(
    launch: Launch, talking_bot: Bot, tmp_path: Path
) -> None:
    browser = launch(*with_microphone(recording(tmp_path, "long story", "hello")))
    with visiting(browser, talking_bot) as (page, _):
        speak(page).click()
        free = page.get_by_role("button", name="Hands-free")
        free.click()
        expect(free).to_have_attribute("aria-pressed", "true")
        expect(said(page, "bot")).to_have_count(1)
        expect(page.locator("#voice-state")).to_have_text("Speaking")
        expect(page.get_by_role("button", name="Stop speaking")).to_be_visible()
        screenshot(page, "web-voice-speaking")
        hold_accessible(page)
        # The second sentence stops the first answer, and is answered itself.
        expect(said(page, "bot").nth(1)).to_have_text("Parley: Hello!")
        assert page.evaluate("window.stopped") > 0
        expect(speak(page)).to_have_attribute("aria-pressed", "true")
        speak(page).click()
        expect(speak(page)).to_have_attribute("aria-pressed", "false")


def test_a_microphone_that_may_not_be_used_is_said_so(launch: Launch, talking_bot: Bot) -> None:
    browser = launch("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    with visiting(browser, talking_bot) as (page, _):
        speak(page).click()
        expect(page.locator("#notice")).to_contain_text("does not let this page use")
        expect(page.locator("#voice")).to_be_hidden()
        screenshot(page, "web-voice-denied")


def test_no_microphone_and_no_safe_connection_are_said_so(launch: Launch, talking_bot: Bot) -> None:
    name = socket.gethostname()
    browser = launch(
        "--use-fake-ui-for-media-stream", f"--host-resolver-rules=MAP {name} 127.0.0.1"
    )
    with visiting(browser, talking_bot) as (page, _):
        speak(page).click()
        expect(page.locator("#notice")).to_have_text("There is no microphone.")
    with visited(browser, f"http://{name}:{talking_bot.port}/webhooks/web/") as (page, _):
        speak(page).click()
        expect(page.locator("#notice")).to_contain_text("only over https")
