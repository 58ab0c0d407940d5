"""How many messages of a conversation are taken, on the channels that people write by."""

from __future__ import annotations

import pytest

from channels.quota import Quota, Taken
from channels.wording import TOO_MANY
from tests.channels.conftest import MakeBot
from tests.channels.telegram.conftest import environment_for
from tests.channels.telegram.people import Person
from tests.services.telegram import Telegram


def test_what_is_too_much_is_left_out_and_told_once() -> None:
    now = [0.0]
    quota = Quota(2, clock=lambda: now[0])
    assert [quota.take("ada") for _ in range(4)] == [
        *(Taken.YES, Taken.YES, Taken.NO_AND_TELL, Taken.NO)
    ]
    assert quota.take("bob") is Taken.YES
    now[0] = 61.0
    assert quota.take("ada") is Taken.YES


@pytest.mark.services
@pytest.mark.slow
def test_who_writes_too_much_on_telegram_is_told_so_once(make_bot: MakeBot) -> None:
    with Telegram() as telegram:
        credentials = {"channels.telegram.TelegramInput": {"messages_per_minute": 3}}
        telegram.deliver_to = make_bot(credentials, environment_for(telegram)).start().url
        ada, bob = Person(telegram), Person(telegram)
        # Telegram is not to send them again: they are taken, and left out.
        assert {ada.says("hello") for _ in range(6)} == {200}
        assert bob.says("hello") == 200
        telegram.wait_for(lambda: telegram.said(bob.chat) == ["Hello!"])
        telegram.wait_for(lambda: len(telegram.said(ada.chat)) == 4)
        assert sorted(telegram.said(ada.chat)) == ["Hello!", "Hello!", "Hello!", TOO_MANY]
