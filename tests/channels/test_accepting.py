"""Messages that arrive in quick succession, while the database is busy."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from channels.messages import Incoming
from channels.store import open_store
from tests.channels.line import LineInput


async def test_messages_are_written_down_in_the_order_in_which_they_arrive(tmp_path: Path) -> None:
    connector = LineInput()
    store = connector._store = open_store(f"sqlite:///{tmp_path / 'channels.db'}", "line", 30)
    done = threading.Event()

    def be_busy() -> None:
        while not done.is_set():
            store.acquire("something else", "somebody else", 1)

    other = asyncio.create_task(asyncio.to_thread(be_busy))
    messages = [Incoming("line~ada", (str(number),), {"number": number}) for number in range(30)]
    try:
        numbers = await asyncio.gather(*(connector.accept(message) for message in messages))
    finally:
        done.set()
        await other
    assert numbers == sorted(number for number in numbers if number)
