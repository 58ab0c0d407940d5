"""Two people speak with the running assistant; what is forgotten of one is in no byte any more.

One speaks through the REST channel and is forgotten by the operator, one on the chat page and asks
for it; both while the servers run, with Rasa's log at its most talkative. A third person's things
stay as they are.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml

from channels.voice.keeping import Recordings
from scripts.project import ROOT
from tests.channels.web.page import Page
from tests.conversations.conftest import Assistant
from voice.asr import Recognition

pytestmark = [pytest.mark.slow, pytest.mark.conversation]

ORIGIN = "http://chat.example.org"


class Kept:
    """An assistant that keeps all it can, and what is in its folder."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.folder = assistant.folder
        self.recordings = Recordings(self.folder / "recordings", timedelta(days=7))

    def files_with(self, word: str) -> set[str]:
        """The files in which a word stands, in whatever letters; by their names' beginnings."""
        wanted = word.lower()
        ways = [wanted.encode(), wanted.encode("utf-16-le"), wanted.encode("utf-16-be")]
        found = set()
        for path in self.folder.rglob("*"):
            content = path.read_bytes().lower() if path.is_file() else b""
            if any(way in content for way in ways) or wanted in path.name.lower():
                found.add(path.relative_to(self.folder).parts[0].split("-")[0])
        return found

    def record(self, conversation: str, word: str) -> None:
        """Keeps a recording, as a server does that was told to keep them."""
        samples = np.zeros(160, dtype=np.int16)
        heard = Recognition(f"call {word}", 1.0, accepted=True)
        self.recordings.keep(samples, heard, conversation)

    def rows_of(self, person: str) -> list[tuple[object, ...]]:
        """All that the databases have of somebody."""
        rows: list[tuple[object, ...]] = []
        for name, question in (
            ("conversations.db", "SELECT * FROM events WHERE sender_id = ?"),
            ("lists.db", "SELECT * FROM lists WHERE user_id = ?"),
            ("lists.db", "SELECT * FROM reminders WHERE user_id = ?"),
        ):
            with sqlite3.connect(self.folder / name) as database:
                rows += database.execute(f"{question} ORDER BY id", (person,)).fetchall()
        return rows


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Kept]:
    one = Assistant(tmp_path_factory.mktemp("kept"), model, {})
    one.credentials = one.folder / "credentials.yml"
    channels = {"rest": None, "channels.web.WebInput": {"origins": [ORIGIN]}}
    one.credentials.write_text(yaml.safe_dump(channels), encoding="utf-8")
    one.environment = {
        "PARLEY_CALENDAR": str(one.folder / "calendars"),
        "PARLEY_VOICE_KEEP_AUDIO": str(one.folder / "recordings"),
        "PARLEY_API_TOKEN": "",
        "LOG_LEVEL": "DEBUG",
    }
    try:
        one.start()
        yield Kept(one)
    finally:
        one.stop()


def sayings(word: str) -> list[str]:
    return [
        "hello",
        f"add {word} to the shopping list",
        f"remind me to call {word} tomorrow at nine",
        f"put dinner with {word} on Friday at 7 in my calendar",
        f"my name is {word}, my e-mail is {word}@example.com and my number is 020 7946 0958",
        "what's on my shopping list?",
    ]


def test_who_is_forgotten_by_the_operator_is_in_no_byte(kept: Kept) -> None:
    word, other = "Quetzalcoatl", "Rumpelstiltskin"
    for text in sayings(word):
        kept.assistant.say("ann", text)
    for text in sayings(other):
        kept.assistant.say("bob", text)
    kept.record("ann", word)
    kept.record("bob", other)
    everywhere = {"conversations.db", "lists.db", "calendars", "recordings", "rasa.log"}
    assert everywhere <= kept.files_with(word)
    bobs = kept.rows_of("bob")

    environment = {
        **os.environ,
        **kept.assistant.environment,
        "PARLEY_DATABASE_URL": f"sqlite:///{kept.assistant.lists}",
        "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{kept.folder / 'channels.db'}",
        "PARLEY_TRACKER_DATABASE_URL": f"sqlite:///{kept.folder / 'conversations.db'}",
        "PARLEY_LOGS": str(kept.folder),
        "FORGET_USER": "ann",
    }
    command = [sys.executable, "-m", "scripts.forget"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "things on lists" in done.stdout and "calendar files" in done.stdout

    assert kept.files_with(word) == set()
    assert kept.rows_of("ann") == []
    assert kept.rows_of("bob") == bobs
    # Of the log, lines go that hold what both have said.
    assert everywhere - {"rasa.log"} <= kept.files_with(other)
    # Who speaks on begins anew.
    told = kept.assistant.say("ann", "what lists do I have?")
    assert word not in str(told) and kept.assistant.items("ann") == {}
    assert other in str(kept.assistant.say("bob", "what's on my shopping list?"))


async def test_who_asks_to_be_forgotten_is_in_no_byte(kept: Kept) -> None:
    word = "Popocatepetl"
    url = f"http://127.0.0.1:{kept.assistant.port}"
    async with Page(url, ORIGIN) as page:
        await page.greet()
        for text in sayings(word):
            await page.write(text)
            await page.hear(lambda frame: _is_answered(page, frame))
        with sqlite3.connect(kept.folder / "channels.db") as database:
            question = "SELECT conversation FROM web_sessions WHERE ended_at IS NULL"
            ((conversation,),) = database.execute(question).fetchall()
        kept.record(conversation, word)
        kept_in = {"conversations.db", "lists.db", "channels.db", "calendars", "recordings"}
        assert kept_in <= kept.files_with(word)

        await page.write("forget everything you know about me")
        await page.hear(lambda frame: _is_answered(page, frame))
        question_asked = next(e for e in reversed(page.entries) if e.get("buttons"))
        await page.press(question_asked, "Yes")
        await page.hear(lambda frame: _is_answered(page, frame))
        assert "erased" in page.texts[-1][1]
        assert kept.files_with(word) == set()
        assert kept.rows_of(conversation) == []

        await page.write("which lists do I have?")
        await page.hear(lambda frame: _is_answered(page, frame))
        assert kept.assistant.items(conversation) == {}
        assert {row[1] for row in kept.rows_of(conversation)} == {conversation}


def _is_answered(page: Page, frame: dict[str, object]) -> bool:
    """Whether the person's latest message has its answer."""
    return bool(frame.get("entries")) and page.texts[-1][0] == "bot"
