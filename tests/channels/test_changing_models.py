"""A running server takes another model, and no turn is lost by it."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from promotion.serving import ServerRefusedError, change_model
from tests.channels.action_server import ActionServer
from tests.channels.conftest import API_TOKEN, MakeBot, free_port

pytestmark = pytest.mark.services

TALKS = 4
LEAST_SAID = 10
"""Messages of each conversation, at the least, while models change."""


def test_turns_in_flight_are_answered_in_order_and_once(
    make_bot: MakeBot, small_model: Path, actions: ActionServer, tmp_path: Path
) -> None:
    other = tmp_path / "other.tar.gz"
    shutil.copy(small_model, other)
    guard = {"open_api": ["model"], "unlimited": ["127.0.0.0/8"]}
    bot = make_bot({"channels.guard.GuardInput": guard, "rest": None}).start()
    changed = threading.Event()

    def say(sender: str, text: str) -> list[str]:
        message = {"sender": sender, "message": text}
        return [reply["text"] for reply in bot.api("/webhooks/rest/webhook", message)]

    def talk(number: int) -> list[list[str]]:
        answers: list[list[str]] = []
        while not changed.is_set() or len(answers) < LEAST_SAID:
            answers.append(say(f"talk-{number}", "count"))
        return answers

    with ThreadPoolExecutor(TALKS + 1) as pool:
        # One turn is in the middle of its action while both changes happen.
        with actions.held_up():
            waiting = pool.submit(say, "waiting", "wait")
            assert actions.waiting.acquire(timeout=60)
            talks = [pool.submit(talk, number) for number in range(TALKS)]
            assert change_model(bot.url, API_TOKEN, other)
            assert change_model(bot.url, API_TOKEN, small_model)
            assert change_model(bot.url, API_TOKEN, other)
            changed.set()
            answered = [one.result(120) for one in talks]
            assert not waiting.done()
        assert waiting.result(60) == ["I waited."]
    for answers in answered:
        assert answers == [[f"That makes {number}."] for number in range(1, len(answers) + 1)]
    assert bot.api("/status")["model_file"] == other.name
    # What was in flight is kept, by the server that has another model now.
    events = bot.api("/conversations/waiting/tracker")["events"]
    assert [event["text"] for event in events if event["event"] == "bot"] == ["I waited."]


def test_a_server_that_cannot_take_a_model_keeps_its_own(
    make_bot: MakeBot, small_model: Path, tmp_path: Path
) -> None:
    bot = make_bot({"rest": None}).start()
    with pytest.raises(ServerRefusedError, match="PARLEY_API_TOKEN"):
        change_model(bot.url, "wrong", small_model)
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(small_model.read_bytes()[:1000])
    with pytest.raises(ServerRefusedError, match="keeps the model that it has"):
        change_model(bot.url, API_TOKEN, broken)
    assert bot.api("/status")["model_file"] == small_model.name
    reply = bot.api("/webhooks/rest/webhook", {"sender": "ann", "message": "hello"})
    assert [one["text"] for one in reply] == ["Hello!"]
    assert change_model(f"http://127.0.0.1:{free_port()}", "", small_model) is False


def test_a_server_that_is_closed_to_it_says_how_it_is_opened(
    make_bot: MakeBot, small_model: Path
) -> None:
    bot = make_bot({"channels.guard.GuardInput": None, "rest": None}).start()
    with pytest.raises(ServerRefusedError, match=r'open_api: \["model"\]'):
        change_model(bot.url, API_TOKEN, small_model)
