"""SQLite files on a disk that is full for a while, and in the hands of two servers."""

from __future__ import annotations

import resource
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from channels.wording import FAILED
from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot, MakeBot
from tests.channels.line import RECEIVER_VARIABLE
from tests.channels.receiver import Receiver
from tests.channels.test_connector import post

pytestmark = pytest.mark.services


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def bot(make_bot: MakeBot, receiver: Receiver) -> Bot:
    variables = {RECEIVER_VARIABLE: receiver.url}
    return make_bot({"tests.channels.line.LineInput": None}, variables)


@contextmanager
def full_disk(bot: Bot) -> Iterator[None]:
    """The server's files do not grow any more: what it writes is refused, as by a full disk."""
    assert bot.process is not None
    # typeshed knows it on Linux alone.
    limit: Callable[..., tuple[int, int]] = resource.prlimit
    _, most = limit(bot.process.pid, resource.RLIMIT_FSIZE)
    limit(bot.process.pid, resource.RLIMIT_FSIZE, (1, most))
    try:
        yield
    finally:
        limit(bot.process.pid, resource.RLIMIT_FSIZE, (most, most))


def counts(number: int) -> list[str]:
    return [f"That makes {at}." for at in range(1, number + 1)]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are Linux's")
def test_a_message_is_not_acknowledged_that_a_full_disk_does_not_take(
    bot: Bot, receiver: Receiver
) -> None:
    bot.start()
    post(bot, "1", "ada", "count")
    receiver.wait_for(lambda r: r.texts("ada") == counts(1))
    with full_disk(bot):
        with pytest.raises(urllib.error.HTTPError) as caught:
            post(bot, "2", "ada", "count")
        assert caught.value.code >= 500
        caught.value.close()
    # The platform delivers it again, and the server was not started anew.
    assert post(bot, "2", "ada", "count")
    receiver.wait_for(lambda r: len(r.texts("ada")) >= 2)
    assert receiver.texts("ada") == counts(2)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are Linux's")
def test_a_turn_that_a_full_disk_does_not_take_is_had_again_when_there_is_room(
    bot: Bot, receiver: Receiver, actions: ActionServer
) -> None:
    bot.start()
    post(bot, "1", "ada", "count")
    receiver.wait_for(lambda r: r.texts("ada") == counts(1))
    begun = actions.asked["action_wait"]
    actions.go.clear()
    post(bot, "2", "ada", "wait")
    post(bot, "3", "ada", "count")
    assert actions.waiting.acquire(timeout=60)
    with full_disk(bot):
        actions.go.set()
        # Neither the turn nor that it is to be had again can be written.
        time.sleep(3)
        assert receiver.texts("ada") == counts(1)
    receiver.wait_for(lambda r: len(r.texts("ada")) >= 3)
    assert receiver.texts("ada") == ["That makes 1.", "I waited.", "That makes 2."]
    assert FAILED not in receiver.texts("ada")
    assert actions.asked["action_wait"] == begun + 2


def test_two_servers_on_the_same_files_answer_in_order_and_once(
    make_bot: MakeBot, receiver: Receiver
) -> None:
    variables = {RECEIVER_VARIABLE: receiver.url}
    first = make_bot({"tests.channels.line.LineInput": None}, variables)
    shared = {
        **variables,
        "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{first.database}",
        "TEST_TRACKER_DATABASE": str(first.folder / "conversations.db"),
    }
    second = make_bot({"tests.channels.line.LineInput": None}, shared)
    both = [first.start(), second.start()]
    for number in range(12):
        assert post(both[number % 2], str(number), "ada", "count")
        assert not post(both[1 - number % 2], str(number), "ada", "count")
    receiver.wait_for(lambda r: len(r.texts("ada")) >= 12)
    assert receiver.texts("ada") == counts(12)
