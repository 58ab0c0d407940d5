"""The client of the Bot API, against a server on this machine."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator

import pytest

from channels.telegram.api import BotApi, BusyError, RefusedError, TelegramError, UnreachableError
from tests.services.telegram import TOKEN, USERNAME, Telegram

pytestmark = pytest.mark.services

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
async def api(telegram: Telegram) -> AsyncIterator[BotApi]:
    api = BotApi(TOKEN, telegram.url)
    yield api
    await api.close()


async def test_a_method_gives_its_result(api: BotApi) -> None:
    assert (await api.call("getMe"))["username"] == USERNAME


async def test_errors_are_told_apart(api: BotApi, telegram: Telegram) -> None:
    telegram.fail("getMe", 429, "Too Many Requests: retry after 7", retry_after=7)
    with pytest.raises(BusyError) as busy:
        await api.call("getMe")
    assert busy.value.after == 7
    telegram.fail("getMe", 500, "Internal Server Error")
    with pytest.raises(UnreachableError, match="getMe: status 500"):
        await api.call("getMe")
    with pytest.raises(RefusedError, match="getYou: 404 Not Found: method not found"):
        await api.call("getYou")
    telegram.fail("getMe", 400, "Bad Request: moved", migrate_to_chat_id=-5)
    with pytest.raises(RefusedError) as refused:
        await api.call("getMe")
    assert refused.value.moved_to == -5


async def test_the_token_is_in_no_words(
    api: BotApi, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    away = BotApi(TOKEN, NOWHERE)
    telegram.fail("getMe", 400, f"Bad Request: something is wrong with bot{TOKEN}")
    for client in (api, away):
        with pytest.raises(TelegramError) as failed:
            await client.call("getMe")
        assert TOKEN not in str(failed.value)
        assert TOKEN not in repr(failed.value)
    await api.call("getMe")
    await away.close()
    assert TOKEN not in caplog.text


async def test_a_call_can_be_cancelled_at_any_moment(api: BotApi) -> None:
    async def call_on() -> None:
        while True:
            await api.call("getMe")

    async def cancel_some_time() -> None:
        calling = asyncio.create_task(call_on())
        await asyncio.sleep(random.random() * 0.03)
        calling.cancel()
        _, late = await asyncio.wait({calling}, timeout=10)
        assert not late

    for _ in range(20):
        await asyncio.gather(*[cancel_some_time() for _ in range(20)])
