"""Speaking to the chat over its socket, without a browser: what a page sends and is told."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from channels.web.microphone import BURST
from channels.wording import MANY_SPEAK, NOT_CAUGHT, NOTHING_SAID
from tests.channels.conftest import Bot
from tests.channels.voice.speech import spoken
from tests.channels.web.page import SECONDS, Frame, Page
from tests.services.processes import running_below
from voice.audio import RATE, Samples
from voice.pool import SILENT

pytestmark = pytest.mark.services

PIECE = RATE // 10


class Speaker(Page):
    """A page with a microphone."""

    def __init__(self, url: str, **headers: str) -> None:
        super().__init__(url, **headers)
        self.sounds: list[tuple[int, Samples]] = []

    async def hear(self, fits: Any) -> Frame:
        """As `Page.hear`, with sounds in between."""

        async def wait() -> Frame:
            while True:
                raw = await self.socket.recv()
                if isinstance(raw, bytes):
                    (rate,) = struct.unpack_from("<I", raw)
                    self.sounds.append((rate, np.frombuffer(raw[4:], "<i2")))
                    raw = '{"type": "sound"}'
                frame: Frame = json.loads(raw)
                self.frames.append(frame)
                if fits(frame):
                    return frame

        return await asyncio.wait_for(wait(), SECONDS)

    async def listen(self, mode: str, aloud: bool = True) -> None:
        await self.say(type="listen", mode=mode, aloud=aloud)
        await self.state("listening")

    async def speak(self, samples: Samples, speed: float = 2.0) -> None:
        """Sends samples as a microphone does, somewhat faster."""
        for place in range(0, len(samples), PIECE):
            await self.socket.send(samples[place : place + PIECE].astype("<i2").tobytes())
            await asyncio.sleep(PIECE / RATE / speed)

    async def state(self, *states: str) -> Frame:
        return await self.hear(lambda frame: frame["type"] == "voice" and frame["state"] in states)

    @property
    def captions(self) -> list[str]:
        return [frame["caption"] for frame in self.frames if frame.get("caption")]

    @property
    def states(self) -> list[str]:
        return [frame["state"] for frame in self.frames if frame["type"] == "voice"]


@asynccontextmanager
async def speaking(bot: Bot) -> AsyncIterator[Speaker]:
    async with Speaker(bot.url) as page:
        welcome = await page.greet()
        assert welcome["voice"] is True
        yield page


def workers(bot: Bot) -> set[int]:
    assert bot.process is not None
    return running_below("voice.worker", bot.process.pid)


async def test_a_sentence_is_captioned_taken_and_answered_aloud(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        await page.listen("hold")
        await page.speak(spoken("ask me"))
        await page.say(type="unlisten", keep=True)
        reply = await page.hear_text("Shall I?")
        assert [button["title"] for button in reply["buttons"]] == ["Yes", "No"]
        await page.hear(lambda frame: frame["type"] == "sound")
        assert page.texts == [("person", "ask me"), ("bot", "Shall I?")]
        assert page.entries[0]["spoken"] is True
        assert "ask me" in page.captions
        wanted = ["preparing", "listening", "hearing", "understanding", "off"]
        assert [state for state in wanted if state in page.states] == wanted
        rate, samples = page.sounds[0]
        assert 0.2 < len(samples) / rate < 5 and np.abs(samples).max() > 1000


async def test_one_press_ends_with_the_sentence_and_hands_free_goes_on(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        await page.listen("once", aloud=False)
        await page.speak(spoken("count", after=1.2))
        await page.state("off")
        await page.hear_text("That makes 1.")
        await page.listen("free", aloud=False)
        for number in (2, 3):
            await page.speak(spoken("count", after=1.2))
            await page.hear_text(f"That makes {number}.")
        await page.say(type="unlisten", keep=False)
        await page.state("off")
        assert [text for side, text in page.texts if side == "person"] == ["count"] * 3
        assert not page.sounds


async def test_what_is_thrown_away_or_not_caught_is_no_message(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        await page.listen("hold")
        await page.speak(spoken("count"))
        await page.say(type="unlisten", keep=False)
        assert "text" not in (await page.state("off")) or not page.frames[-1]["text"]
        await page.listen("hold")
        await page.speak(spoken("the parliament of norway debated fisheries yesterday"))
        await page.say(type="unlisten", keep=True)
        assert (await page.state("off"))["text"] == NOT_CAUGHT
        await page.listen("hold")
        await page.speak(np.zeros(RATE, np.int16))
        await page.say(type="unlisten", keep=True)
        assert (await page.state("off"))["text"] == NOTHING_SAID
        assert page.entries == []


async def test_speaking_breaks_the_answer_off(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        await page.listen("free")
        await page.speak(spoken("long story", after=1.2))
        for _ in range(3):
            await page.hear(lambda frame: frame["type"] == "sound")
        await page.speak(spoken("count", after=1.2))
        await page.hear_text("That makes 1.")
        # Where the person began, the long answer ended; what comes then is the next one.
        begun = max(
            place
            for place, frame in enumerate(page.frames)
            if frame["type"] == "voice" and frame["state"] == "hearing" and "caption" not in frame
        )
        await page.hear(lambda frame: frame["type"] == "sound")
        assert [frame["type"] for frame in page.frames[begun:]].count("sound") == 1
        await page.say(type="quiet")
        await page.hear(lambda frame: frame["type"] == "quiet")


async def test_several_people_do_not_hear_each_other(talking_bot: Bot) -> None:
    said = {
        "ask me": "Shall I?",
        "hello": "Hello!",
        "show me": "Here it is.",
        "count": "That makes 1.",
    }

    async def talk(text: str) -> list[tuple[str, str]]:
        async with speaking(talking_bot) as page:
            await page.listen("hold", aloud=False)
            await page.speak(spoken(text))
            await page.say(type="unlisten", keep=True)
            await page.hear_text(said[text])
            return page.texts

    told = await asyncio.gather(*(talk(text) for text in 2 * list(said)))
    assert told == [[("person", text), ("bot", said[text])] for text in 2 * list(said)]


async def test_twenty_at_once_are_each_heard_or_told_to_wait(talking_bot: Bot) -> None:
    samples = spoken("hello")

    async def talk() -> str:
        async with speaking(talking_bot) as page:
            await page.listen("hold", aloud=False)
            await page.speak(samples, speed=50)
            await page.say(type="unlisten", keep=True)
            told = (await page.state("off"))["text"]
            if not told:
                await page.hear_text("Hello!")
            return str(told)

    told = await asyncio.gather(*(talk() for _ in range(20)))
    assert set(told) <= {"", MANY_SPEAK} and told.count("") >= 10
    assert await talk() == ""


async def test_a_socket_that_dies_in_the_middle_of_a_word_leaks_nothing(talking_bot: Bot) -> None:
    before = workers(talking_bot)
    samples = spoken("a person please")
    for _ in range(4):
        page = Speaker(talking_bot.url)
        await page.__aenter__()
        await page.greet()
        await page.listen("hold")
        await page.speak(samples[: len(samples) // 2])
        # No goodbye: the connection is gone.
        page.socket.transport.abort()
    async with speaking(talking_bot) as page:
        await page.listen("hold", aloud=False)
        await page.speak(spoken("count"))
        await page.say(type="unlisten", keep=True)
        await page.hear_text("That makes 1.")
        # With captions: a recogniser was free at once, long before one would be taken back.
        assert page.captions and SILENT > 5
    assert workers(talking_bot) == before or not before


async def test_more_sound_than_anybody_makes_closes_the_socket(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        await page.listen("free")
        for _ in range(int(BURST) + 2):
            await page.socket.send(bytes(2 * RATE))
        assert await page.closed() == 1008


async def test_malformed_speech_is_refused(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        for frame in ({"mode": "shout", "aloud": True}, {"mode": "hold", "aloud": 1}):
            await page.say(type="listen", **frame)
            assert (await page.hear(lambda frame: frame["type"] == "error"))["reason"]
        await page.socket.send(b"odd")
        error = await page.hear(lambda frame: frame["type"] == "error")
        assert "sample" in error["text"]
        # Samples that nobody asked for are passed over.
        await page.socket.send(bytes(2 * PIECE))
        await page.write("hello")
        await page.hear_text("Hello!")


async def test_a_long_frame_of_sound_is_not_taken(talking_bot: Bot) -> None:
    async with speaking(talking_bot) as page:
        await page.socket.send(bytes(65 * 1024))
        assert await page.closed() in (1006, 1009)


def test_nothing_of_what_was_said_is_kept(talking_bot: Bot) -> None:
    assert not [path for path in Path(talking_bot.folder).rglob("*") if path.suffix == ".wav"]
