"""The connector where it asks for updates, alone and beside others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.telegram.api import BotApi
from tests.channels.action_server import ActionServer
from tests.channels.telegram.conftest import INPUT, TelegramBot, environment_for
from tests.channels.telegram.people import Person
from tests.services.telegram import TOKEN, Telegram

pytestmark = pytest.mark.services

WITH_POLLING = {INPUT: {"mode": "polling"}}


class Pair:
    """Two servers on one database, neither of them started."""

    def __init__(
        self, folder: Path, model: Path, actions: ActionServer, telegram: Telegram
    ) -> None:
        shared = {
            **environment_for(telegram),
            "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{folder / 'shared.db'}",
            "TEST_TRACKER_DATABASE": str(folder / "trackers.db"),
        }
        for name in ("TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET"):
            # Nobody who polls has them.
            del shared[name]
        self.bots = []
        for number in range(2):
            (folder / str(number)).mkdir()
            self.bots.append(
                TelegramBot(folder / str(number), model, actions, WITH_POLLING, shared)
            )


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory,
    small_model: Path,
    actions: ActionServer,
    telegram: Telegram,
) -> Iterator[Pair]:
    telegram.webhook = {"url": "https://left.example.org", "secret_token": "behind"}
    pair = Pair(tmp_path_factory.mktemp("polling"), small_model, actions, telegram)
    pair.bots[0].start()
    yield pair
    for bot in pair.bots:
        bot.stop()


def test_a_webhook_that_was_left_behind_is_taken_away(pair: Pair, telegram: Telegram) -> None:
    ada = Person(telegram)
    assert telegram.webhook == {}
    ada.says("hello")
    ada.says("count")
    ada.hears("Hello!", "That makes 1.")
    telegram.wait_for(lambda: not telegram.updates)


def test_there_is_no_address_to_call(pair: Pair, telegram: Telegram) -> None:
    telegram.webhook = {"url": "https://x.example.org/webhooks/telegram/webhook"}
    telegram.deliver_to = pair.bots[0].url
    try:
        assert telegram.post(Person(telegram).update("count"), secret="") == 404
    finally:
        telegram.webhook = {}


def test_a_failing_network_is_waited_for(pair: Pair, telegram: Telegram) -> None:
    ada = Person(telegram)
    telegram.fail("getUpdates", 502, "Bad Gateway", times=2)
    telegram.fail("getUpdates", 429, "Too Many Requests: retry after 1", retry_after=1)
    # It ends the call that is being held back; the next ones fail.
    ada.says("hello")
    telegram.wait_for(lambda: telegram.called("getUpdates")[-1].status == 429)
    ada.says("count")
    ada.hears("Hello!", "That makes 1.")
    assert "updates could not be fetched, this is tried again: getUpdates: " in pair.bots[0].log


async def test_another_program_is_told_of_plainly(pair: Pair, telegram: Telegram) -> None:
    ada = Person(telegram)
    ada.says("hello")
    ada.hears("Hello!")
    # Another program asks: whoever asked before is told of a conflict, and so it goes on.
    elsewhere = BotApi(TOKEN, telegram.url)
    await elsewhere.call("getUpdates", {"timeout": 0})
    await elsewhere.close()
    telegram.wait_for(lambda: 409 in {call.status for call in telegram.called("getUpdates")})
    ada.says("count")
    ada.hears("Hello!", "That makes 1.")
    assert "another program fetches this bot's updates (409). Stop it" in pair.bots[0].log


def test_what_was_not_written_down_is_not_confirmed(
    pair: Pair, telegram: Telegram, actions: ActionServer
) -> None:
    ada = Person(telegram)
    bot = pair.bots[0]
    actions.go.clear()
    ada.says("wait")
    assert actions.waiting.acquire(timeout=60)
    bot.kill()
    # Sent while nobody was there, and one that comes a second time.
    known = ada.update("count")
    telegram.tell(known)
    telegram.tell(ada.update("hello"))
    actions.go.set()
    bot.start()
    ada.hears("I waited.", "That makes 1.", "Hello!")
    telegram.tell({**known, "update_id": known["update_id"]})
    ada.says("count")
    ada.hears("I waited.", "That makes 1.", "Hello!", "That makes 2.")


def test_of_two_servers_one_asks_and_the_other_follows(pair: Pair, telegram: Telegram) -> None:
    first, second = pair.bots
    asked = len(telegram.called("getUpdates"))
    second.start()
    ada = Person(telegram)
    for _ in range(5):
        ada.says("count")
    ada.hears(*[f"That makes {number}." for number in range(1, 6)])
    # Two that ask at once would be told of a conflict.
    assert {call.status for call in telegram.called("getUpdates")[asked:]} == {200}
    first.stop()
    ada.says("hello")
    telegram.wait_for(lambda: ada.heard[-1] == "Hello!")
    assert len(ada.heard) == 6
