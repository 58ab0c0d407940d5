"""Voice notes from Telegram: heard, shown, answered in writing and aloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from channels import wording
from channels.telegram.voice_notes import LARGEST
from tests.channels.action_server import ActionServer
from tests.channels.telegram.conftest import INPUT, TelegramBot, environment_for
from tests.channels.telegram.people import Person
from tests.channels.voice.speech import make_language, spoken
from tests.services.telegram import Telegram
from voice.audio import RATE, seconds
from voice.formats import opus_bytes, read_sound

pytestmark = pytest.mark.services

NOTE = "(a voice note)"


@pytest.fixture(scope="module")
def bot(
    tmp_path_factory: pytest.TempPathFactory,
    small_model: Path,
    actions: ActionServer,
    telegram: Telegram,
) -> Iterator[TelegramBot]:
    """A server that answers voice notes with voice notes."""
    folder = tmp_path_factory.mktemp("telegram")
    environment = {
        **environment_for(telegram),
        "PARLEY_VOICE_LANGUAGE": str(make_language(folder / "language")),
        "PARLEY_VOICE_WORKERS": "1",
    }
    bot = TelegramBot(folder, small_model, actions, {INPUT: {"voice_answers": True}}, environment)
    bot.start()
    telegram.deliver_to = bot.url
    yield bot
    bot.stop()


@pytest.fixture
def ada(bot: TelegramBot, telegram: Telegram) -> Person:
    return Person(telegram)


def note(text: str) -> bytes:
    return opus_bytes(spoken(text), RATE)


def shown(text: str) -> str:
    return wording.HEARD.format(text=text)


def test_a_voice_note_is_heard_shown_and_answered_aloud(ada: Person) -> None:
    assert ada.says_aloud(note("count")) == 200
    ada.hears(shown("count"), "That makes 1.", NOTE)
    answer = ada.telegram.last(ada.chat)["voice"]
    assert 0.3 < seconds(read_sound(answer)) < 5
    # What is written is not answered aloud.
    ada.says("count")
    ada.hears(shown("count"), "That makes 1.", NOTE, "That makes 2.")


def test_a_question_asked_aloud_has_its_buttons(ada: Person) -> None:
    ada.says_aloud(note("ask me"))
    ada.hears(shown("ask me"), "Shall I?", NOTE)
    chats = ada.telegram.messages
    (question,) = (
        message
        for (chat, _), message in chats.items()
        if chat == ada.chat and message.get("text") == "Shall I?"
    )
    ada.telegram.post(ada.press("Yes", question))
    ada.telegram.wait_for(lambda: "Done." in ada.heard)


def test_what_was_not_caught_is_no_message(ada: Person) -> None:
    ada.says_aloud(note("the parliament of norway debated fisheries yesterday"))
    ada.hears(wording.NOT_CAUGHT, NOTE)
    ada.says_aloud(opus_bytes(np.zeros(2 * RATE, np.int16), RATE))
    ada.hears(wording.NOT_CAUGHT, NOTE, wording.NOTHING_SAID, NOTE)


@pytest.mark.parametrize(
    ("content", "length", "said"),
    [
        (note("hello"), 61, wording.TOO_LONG_SAID),
        (bytes(LARGEST + 1), 5, wording.TOO_LONG_SAID),
        (opus_bytes(np.zeros(70 * RATE, np.int16), RATE), 5, wording.NOT_PLAYED),
        (note("hello")[:-100], 2, wording.NOT_PLAYED),
        (b"no sound at all", 2, wording.NOT_PLAYED),
        (b"", 0, wording.NOT_PLAYED),
    ],
    ids=["minute", "large", "longer than it says", "cut", "text", "nothing"],
)
def test_what_cannot_be_heard_is_said_so(
    ada: Person, content: bytes, length: int, said: str
) -> None:
    ada.says_aloud(content, length)
    ada.hears(said, NOTE)


def test_a_note_that_cannot_be_fetched_at_once_is_fetched_again(ada: Person) -> None:
    ada.telegram.fail("getFile", 429, "Too Many Requests", retry_after=1)
    ada.says_aloud(note("hello"))
    ada.hears(shown("hello"), "Hello!", NOTE)


def test_a_note_that_is_gone_is_asked_for_again(ada: Person) -> None:
    ada.says(None, voice={"file_id": "gone", "duration": 2})
    ada.hears(wording.NOT_FETCHED, NOTE)


def test_in_a_group_a_note_is_heard_where_it_answers_the_bot(
    bot: TelegramBot, telegram: Telegram
) -> None:
    ada = Person(telegram, chat=-telegram.number())
    ada.says_aloud(note("count"))
    ada.says("@ParleyTestBot count")
    ada.hears("That makes 1.")
    ada.says_aloud(note("count"), reply_to_message=telegram.last(ada.chat))
    ada.hears("That makes 1.", shown("count"), "That makes 2.", NOTE)
    assert telegram.last(ada.chat)["replies_to"]
