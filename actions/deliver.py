"""The delivery process: looks for what is due, and has it delivered, until it is stopped.

`python -m actions.deliver`, beside the action server and Rasa. Several may run at once; each
delivery is made once.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import aiohttp

from actions.delivery import LOOKS_EVERY, Delivery
from actions.settings import SettingsError
from actions.settings.delivery import read_delivery_settings
from actions.storage.database import StorageError

logger = logging.getLogger(__name__)


async def deliver_until(stop: asyncio.Event) -> None:
    """Delivers what is due, looking once a second, until told to stop."""
    settings = read_delivery_settings()
    # No proxy stands between us and Rasa, whatever the environment says.
    async with aiohttp.ClientSession(trust_env=False) as session:
        delivery = Delivery(settings, session)
        told = ""
        while not stop.is_set():
            try:
                await delivery.deliver_all()
                told = ""
            except StorageError as error:
                if str(error) != told:
                    logger.error("It cannot be seen what is due: %s", error)
                told = str(error)
            try:
                await asyncio.wait_for(stop.wait(), LOOKS_EVERY)
            except asyncio.TimeoutError:
                pass


async def _run() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await deliver_until(stop)


def main() -> int:
    """Deliver until stopped; the exit status."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        asyncio.run(_run())
    except SettingsError as error:
        logger.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
