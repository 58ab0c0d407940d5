"""What all connectors share, seen with the least of them on a real server."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from channels.wording import OUT_OF_DATE
from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot, MakeBot
from tests.channels.line import RECEIVER_VARIABLE
from tests.channels.receiver import Receiver

pytestmark = pytest.mark.services

Post = Callable[..., bool]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def bot(make_bot: MakeBot, receiver: Receiver) -> Bot:
    return make_bot({"tests.channels.line.LineInput": None}, {RECEIVER_VARIABLE: receiver.url})


def post(bot: Bot, number: str, user: str, text: str = "", **more: Any) -> bool:
    """Sends a message; whether it was new."""
    body = json.dumps({"id": number, "user": user, "text": text, **more}).encode()
    request = urllib.request.Request(
        f"{bot.url}/webhooks/line/message", body, {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return bool(json.load(answer)["new"])


def test_redeliveries_change_nothing_even_after_a_restart(bot: Bot, receiver: Receiver) -> None:
    bot.start()
    assert post(bot, "1", "ada", "count")
    assert not post(bot, "1", "ada", "count")
    # Another key of the same message, and then that key alone.
    assert not post(bot, "", "ada", "count", ids=["1", "other name of 1"])
    assert not post(bot, "other name of 1", "ada", "count")
    receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1."])
    bot.stop()
    bot.start()
    assert not post(bot, "1", "ada", "count")
    assert post(bot, "2", "ada", "count")
    receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1.", "That makes 2."])


def test_an_acknowledged_message_outlives_a_killed_server(
    bot: Bot, receiver: Receiver, actions: ActionServer
) -> None:
    bot.start()
    actions.go.clear()
    post(bot, "1", "ada", "wait")
    post(bot, "2", "ada", "count")
    assert actions.waiting.acquire(timeout=60)
    bot.kill()
    actions.go.set()
    bot.start()
    receiver.wait_for(lambda r: len(r.texts("ada")) >= 2)
    assert receiver.texts("ada") == ["I waited.", "That makes 1."]


def test_an_answer_that_was_not_sent_is_sent_after_a_kill_and_made_once(
    bot: Bot, receiver: Receiver, actions: ActionServer
) -> None:
    receiver.status = lambda _attempt: (503, {})
    bot.start()
    post(bot, "1", "ada", "count")
    receiver.wait_for(lambda r: len(r.attempts) > 0)
    bot.kill()
    receiver.status = lambda _attempt: (200, {})
    bot.start()
    receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1."])
    assert actions.asked["action_count"] == 1


def test_messages_of_one_person_are_answered_in_order_and_others_do_not_wait(
    bot: Bot, receiver: Receiver, actions: ActionServer
) -> None:
    bot.start()
    actions.go.clear()
    for number, text in enumerate(["wait", "count", "hello", "count"]):
        post(bot, f"ada-{number}", "ada", text)
    post(bot, "bob-0", "bob", "hello")
    receiver.wait_for(lambda r: r.texts("bob") == ["Hello!"])
    assert receiver.texts("ada") == []
    actions.go.set()
    receiver.wait_for(lambda r: len(r.texts("ada")) == 4)
    assert receiver.texts("ada") == ["I waited.", "That makes 1.", "Hello!", "That makes 2."]


def test_many_people_at_once_all_get_their_own_answers(bot: Bot, receiver: Receiver) -> None:
    bot.start()
    people = [f"person-{number}" for number in range(200)]

    def talk(person: str) -> None:
        for number in range(2):
            assert post(bot, f"{person}/{number}", person, "count")

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(talk, people))
    receiver.wait_for(lambda r: len(r.replies) >= 400, 240)
    for person in people:
        assert receiver.texts(person) == ["That makes 1.", "That makes 2."]


def test_buttons_stand_for_payloads_and_go_out_of_date(bot: Bot, receiver: Receiver) -> None:
    bot.start()
    post(bot, "1", "ada", "ask me")
    receiver.wait_for(lambda r: len(r.replies) == 1)
    offers = {button["title"]: button["offer"] for button in receiver.replies[0][1]["buttons"]}
    # Another person's conversation knows nothing of this button.
    post(bot, "2", "eve", offer=offers["Yes"])
    receiver.wait_for(lambda r: r.texts("eve") == [OUT_OF_DATE])
    post(bot, "3", "ada", offer=offers["Yes"])
    receiver.wait_for(lambda r: r.texts("ada")[1:] == ["Done."])
    # Pressed twice, or after the question was settled.
    post(bot, "4", "ada", offer=offers["Yes"])
    post(bot, "5", "ada", offer=offers["No"])
    receiver.wait_for(lambda r: r.texts("ada")[2:] == [OUT_OF_DATE, OUT_OF_DATE])


def test_a_typed_payload_is_a_text(bot: Bot, receiver: Receiver) -> None:
    bot.start()
    post(bot, "1", "ada", "/affirm")
    post(bot, "2", "ada", " //EXTERNAL_due{}")
    post(bot, "3", "ada", "count")
    receiver.wait_for(lambda r: r.texts("ada")[-1:] == ["That makes 1."])
    assert receiver.texts("ada") == ["That makes 1."]


def test_what_is_pushed_arrives_with_buttons_that_outlast_the_turn(
    bot: Bot, receiver: Receiver
) -> None:
    bot.start()
    bot.api("/conversations/line~ada/trigger_intent?output_channel=line", {"name": "EXTERNAL_due"})
    receiver.wait_for(lambda r: r.texts("ada") == ["It is time."])
    offer = receiver.replies[0][1]["buttons"][0]["offer"]
    post(bot, "1", "ada", "hello")
    post(bot, "2", "ada", offer=offer)
    receiver.wait_for(lambda r: r.texts("ada")[1:] == ["Hello!", "Shall I?"])


def test_a_platform_that_asks_to_wait_is_obeyed(bot: Bot, receiver: Receiver) -> None:
    receiver.status = lambda attempt: (429, {"Retry-After": "3"}) if attempt == 0 else (200, {})
    bot.start()
    post(bot, "1", "ada", "hello")
    receiver.wait_for(lambda r: r.texts("ada") == ["Hello!"])
    first, second = receiver.attempts
    assert second - first >= 3


def test_a_message_that_is_refused_is_given_up_and_the_next_is_sent(
    bot: Bot, receiver: Receiver
) -> None:
    receiver.status = lambda attempt: (403, {}) if attempt == 0 else (200, {})
    bot.start()
    post(bot, "1", "ada", "hello")
    post(bot, "2", "ada", "count")
    receiver.wait_for(lambda r: r.texts("ada") == ["That makes 1."])
    assert "line: message 1 to line~ada was not sent: status 403" in bot.log
