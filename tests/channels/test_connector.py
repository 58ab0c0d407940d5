"""What all connectors share, seen with the least of them on a real server."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from channels.wording import OUT_OF_DATE
from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot, MakeBot
from tests.channels.line import RECEIVER_VARIABLE
from tests.channels.pondering import HELD_VARIABLE
from tests.channels.receiver import Receiver

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def own_receiver() -> Iterator[Receiver]:
    """For tests in which the platform refuses."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def bot(make_shared_bot: MakeBot, receiver: Receiver) -> Bot:
    """One server for most tests: each has its own people."""
    variables = {RECEIVER_VARIABLE: receiver.url}
    return make_shared_bot({"tests.channels.line.LineInput": None}, variables).start()


@pytest.fixture
def own_bot(make_bot: MakeBot, own_receiver: Receiver) -> Bot:
    """A server to be killed, that sends to `own_receiver`. It is not started."""
    variables = {RECEIVER_VARIABLE: own_receiver.url}
    return make_bot({"tests.channels.line.LineInput": None}, variables)


def post(bot: Bot, number: str, user: str, text: str = "", **more: Any) -> bool:
    """Sends a message; whether it was new."""
    body = json.dumps({"id": number, "user": user, "text": text, **more}).encode()
    request = urllib.request.Request(
        f"{bot.url}/webhooks/line/message", body, {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return bool(json.load(answer)["new"])


def test_redeliveries_change_nothing_even_after_a_restart(
    own_bot: Bot, own_receiver: Receiver
) -> None:
    own_bot.start()
    assert post(own_bot, "1", "ada", "count")
    assert not post(own_bot, "1", "ada", "count")
    # Another key of the same message, and then that key alone.
    assert not post(own_bot, "", "ada", "count", ids=["1", "other name of 1"])
    assert not post(own_bot, "other name of 1", "ada", "count")
    own_receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1."])
    own_bot.stop()
    own_bot.start()
    assert not post(own_bot, "1", "ada", "count")
    assert post(own_bot, "2", "ada", "count")
    own_receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1.", "That makes 2."])


def test_an_acknowledged_message_outlives_a_killed_server(
    own_bot: Bot, own_receiver: Receiver, actions: ActionServer
) -> None:
    own_bot.start()
    actions.go.clear()
    post(own_bot, "1", "ada", "wait")
    post(own_bot, "2", "ada", "count")
    assert actions.waiting.acquire(timeout=60)
    own_bot.kill()
    actions.go.set()
    own_bot.start()
    own_receiver.wait_for(lambda r: len(r.texts("ada")) >= 2)
    assert own_receiver.texts("ada") == ["I waited.", "That makes 1."]


def test_an_answer_that_was_not_sent_is_sent_after_a_kill_and_made_once(
    own_bot: Bot, own_receiver: Receiver, actions: ActionServer
) -> None:
    own_receiver.status = lambda _attempt: (503, {})
    own_bot.start()
    before = actions.asked["action_count"]
    post(own_bot, "1", "ada", "count")
    own_receiver.wait_for(lambda r: len(r.attempts) > 0)
    own_bot.kill()
    own_receiver.status = lambda _attempt: (200, {})
    own_bot.start()
    own_receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1."])
    assert actions.asked["action_count"] == before + 1


def test_messages_of_one_person_are_answered_in_order_and_others_do_not_wait(
    bot: Bot, receiver: Receiver, actions: ActionServer
) -> None:
    actions.go.clear()
    for number, text in enumerate(["wait", "count", "hello", "count"]):
        post(bot, f"ada-{number}-order", "ada-order", text)
    post(bot, "bob-0-order", "bob-order", "hello")
    receiver.wait_for(lambda r: r.texts("bob-order") == ["Hello!"])
    assert receiver.texts("ada-order") == []
    actions.go.set()
    receiver.wait_for(lambda r: len(r.texts("ada-order")) == 4)
    assert receiver.texts("ada-order") == ["I waited.", "That makes 1.", "Hello!", "That makes 2."]


def test_many_people_at_once_all_get_their_own_answers(bot: Bot, receiver: Receiver) -> None:
    people = [f"person-{number}" for number in range(100)]

    def talk(person: str) -> None:
        for number in range(2):
            assert post(bot, f"{person}/{number}", person, "count")

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(talk, people))
    expected = ["That makes 1.", "That makes 2."]
    receiver.wait_for(lambda r: all(r.texts(person) == expected for person in people), 240)


def test_a_message_is_acknowledged_while_another_is_being_understood(
    make_bot: MakeBot, own_receiver: Receiver, tmp_path: Path
) -> None:
    held = tmp_path / "held"
    held.touch()
    bot = make_bot(
        {"tests.channels.line.LineInput": None},
        {RECEIVER_VARIABLE: own_receiver.url, HELD_VARIABLE: str(held)},
    ).start()
    post(bot, "1", "ada", "ponder on this: count")
    # The model blocks its thread until the file is gone, and it goes after these.
    assert post(bot, "2", "ada", "hello")
    assert post(bot, "3", "bob", "hello")
    assert own_receiver.replies == []
    held.unlink()
    own_receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1.", "Hello!"])
    own_receiver.wait_for(lambda r: r.texts("bob") == ["Hello!"])


def test_buttons_stand_for_payloads_and_go_out_of_date(bot: Bot, receiver: Receiver) -> None:
    post(bot, "1-buttons", "ada-buttons", "ask me")
    receiver.wait_for(lambda r: len(r.texts("ada-buttons")) == 1)
    offers = {
        button["title"]: button["offer"] for button in receiver.last("ada-buttons")["buttons"]
    }
    # Another person's conversation knows nothing of this button.
    post(bot, "2-buttons", "eve-buttons", offer=offers["Yes"])
    receiver.wait_for(lambda r: r.texts("eve-buttons") == [OUT_OF_DATE])
    post(bot, "3-buttons", "ada-buttons", offer=offers["Yes"])
    receiver.wait_for(lambda r: r.texts("ada-buttons")[1:] == ["Done."])
    # Pressed twice, or after the question was settled.
    post(bot, "4-buttons", "ada-buttons", offer=offers["Yes"])
    post(bot, "5-buttons", "ada-buttons", offer=offers["No"])
    receiver.wait_for(lambda r: r.texts("ada-buttons")[2:] == [OUT_OF_DATE, OUT_OF_DATE])


def test_a_typed_payload_is_a_text(bot: Bot, receiver: Receiver) -> None:
    post(bot, "1-typed", "ada-typed", "/affirm")
    post(bot, "2-typed", "ada-typed", " //EXTERNAL_due{}")
    post(bot, "3-typed", "ada-typed", "count")
    receiver.wait_for(lambda r: r.texts("ada-typed")[-1:] == ["That makes 1."])
    assert receiver.texts("ada-typed") == ["That makes 1."]


def test_what_is_pushed_arrives_with_buttons_that_outlast_the_turn(
    bot: Bot, receiver: Receiver
) -> None:
    bot.api(
        "/conversations/line~ada-pushed/trigger_intent?output_channel=line",
        {"name": "EXTERNAL_due"},
    )
    receiver.wait_for(lambda r: r.texts("ada-pushed") == ["It is time."])
    offer = receiver.last("ada-pushed")["buttons"][0]["offer"]
    post(bot, "1-pushed", "ada-pushed", "hello")
    post(bot, "2-pushed", "ada-pushed", offer=offer)
    receiver.wait_for(lambda r: r.texts("ada-pushed")[1:] == ["Hello!", "Shall I?"])


def test_a_platform_that_asks_to_wait_is_obeyed(own_bot: Bot, own_receiver: Receiver) -> None:
    own_receiver.status = lambda attempt: (429, {"Retry-After": "3"}) if attempt == 0 else (200, {})
    own_bot.start()
    post(own_bot, "1", "ada", "hello")
    own_receiver.wait_for(lambda r: r.texts("ada") == ["Hello!"])
    first, second = own_receiver.attempts
    assert second - first >= 3


def test_a_message_that_is_refused_is_given_up_and_the_next_is_sent(
    own_bot: Bot, own_receiver: Receiver
) -> None:
    own_receiver.status = lambda attempt: (403, {}) if attempt == 0 else (200, {})
    own_bot.start()
    post(own_bot, "1", "ada", "hello")
    post(own_bot, "2", "ada", "count")
    own_receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1."])
    assert "line: message 1 to line~ada was not sent: status 403" in own_bot.log
