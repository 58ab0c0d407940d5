"""The conversations' locks in a real Redis, held by several processes."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.shared.exceptions import InvalidConfigException
from rasa.utils.endpoints import EndpointConfig

from operations.locks import RedisLocks
from tests.services.redis import PASSWORD, Redis

pytestmark = pytest.mark.services

PROCESSES, TURNS = 4, 25


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    redis = Redis(tmp_path)
    redis.start()
    yield redis
    redis.stop()


def locks(url: str, **settings: float) -> RedisLocks:
    return RedisLocks(EndpointConfig(url=url, type="operations.locks.RedisLocks", **settings))


async def _count_up(store: LockStore, file: Path, turns: int) -> None:
    for _ in range(turns):
        async with store.lock("ada"):
            number = int(file.read_text(encoding="utf-8"))
            await asyncio.sleep(0.001)
            file.write_text(str(number + 1), encoding="utf-8")


def _count_up_in_process(url: str, file: Path) -> None:
    asyncio.run(_count_up(locks(url), file, TURNS))


def test_processes_that_all_want_the_lock_get_it_one_at_a_time(
    server: Redis, tmp_path: Path
) -> None:
    file = tmp_path / "number"
    file.write_text("0", encoding="utf-8")
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_count_up_in_process, args=(server.url, file))
        for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    assert file.read_text(encoding="utf-8") == str(PROCESSES * TURNS)


async def test_who_asks_first_is_served_first(server: Redis) -> None:
    one, other = locks(server.url), locks(server.url)
    served: list[int] = []
    asking: list[asyncio.Task[None]] = []

    async def ask(number: int) -> None:
        async with (one if number % 2 else other).lock("ada"):
            served.append(number)

    async with one.lock("ada"):
        for number in range(6):
            asking.append(asyncio.create_task(ask(number)))
            while len(await asyncio.to_thread(_queue, server)) < number + 2:
                await asyncio.sleep(0.01)
        async with other.lock("grace"):
            assert served == []
    await asyncio.gather(*asking)
    assert served == list(range(6))
    assert _queue(server) == []


def _queue(server: Redis) -> list[bytes]:
    import redis

    found: list[bytes] = redis.Redis.from_url(server.url).lrange("parley:lock:{ada}:queue", 0, -1)
    return found


async def test_a_lock_outlives_its_lifetime_as_long_as_its_holder_lives(server: Redis) -> None:
    holder, other = locks(server.url, lifetime=0.4), locks(server.url, lifetime=0.4, patience=1.5)
    async with holder.lock("ada"):
        with pytest.raises(LockError, match="busy"):
            async with other.lock("ada"):
                pass
    async with other.lock("ada"):
        pass


def _take_and_die(url: str) -> None:
    import os

    async def take() -> None:
        async with locks(url, lifetime=0.5).lock("ada"):
            os._exit(0)

    asyncio.run(take())


async def test_the_lock_of_a_process_that_died_is_free_after_its_lifetime(server: Redis) -> None:
    worker = multiprocessing.get_context("fork").Process(target=_take_and_die, args=(server.url,))
    worker.start()
    await asyncio.to_thread(worker.join, 30)
    assert _queue(server)
    async with locks(server.url, patience=30).lock("ada"):
        assert len(_queue(server)) == 1


async def test_a_turn_that_fails_or_is_broken_off_gives_the_lock_back(server: Redis) -> None:
    store = locks(server.url)
    with pytest.raises(ZeroDivisionError):
        async with store.lock("ada"):
            raise ZeroDivisionError

    async def hold() -> None:
        async with store.lock("ada"):
            await asyncio.sleep(3600)

    task = asyncio.create_task(hold())
    while not await asyncio.to_thread(_queue, server):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _queue(server) == []


async def test_a_redis_that_is_away_is_an_error_that_tells_no_password(server: Redis) -> None:
    store = locks(server.url)
    store.ping()
    server.stop()
    with pytest.raises(LockError, match="away") as caught:
        async with store.lock("ada"):
            pass
    assert PASSWORD not in str(caught.value) and "127.0.0.1" not in str(caught.value)
    with pytest.raises(LockError, match="away"):
        store.ping()
    server.start()
    async with store.lock("ada"):
        store.ping()


async def test_a_lock_that_redis_forgot_is_its_holders_again(server: Redis) -> None:
    import redis

    store = locks(server.url, lifetime=0.8)
    async with store.lock("ada"):
        redis.Redis.from_url(server.url).flushall()
        while not await asyncio.to_thread(_queue, server):
            await asyncio.sleep(0.02)
        with pytest.raises(LockError, match="busy"):
            async with locks(server.url, patience=0.5).lock("ada"):
                pass


def test_a_wrong_address_is_told_apart_without_being_told() -> None:
    with pytest.raises(InvalidConfigException, match="redis://") as caught:
        locks("postgres://:secret@host")
    assert "secret" not in str(caught.value)
