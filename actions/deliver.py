"""The delivery process: looks for what is due, and has it delivered, until it is stopped.

Once an hour it deletes what is older than it is to be kept (PARLEY_KEEP_DAYS; docs/privacy.md).

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
from privacy.log_masking import install_log_masking
from privacy.names import NamesUnavailableError
from privacy.retention import expire
from privacy.settings import read_privacy_settings
from privacy.stores import ErasureError

logger = logging.getLogger(__name__)

EXPIRES_EVERY = 3600.0
"""Seconds between two times that what is too old is deleted."""


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


async def expire_until(stop: asyncio.Event) -> None:
    """Deletes what is too old, once an hour, until told to stop; nothing where none ever is."""
    settings = read_privacy_settings()
    while settings.keep_days is not None and not stop.is_set():
        try:
            gone = await asyncio.to_thread(expire, settings)
            if gone:
                logger.info("Deleted by age: %d things.", sum(gone.values()))
        except ErasureError as error:
            logger.error("What is too old could not be deleted: %s", error)
        try:
            await asyncio.wait_for(stop.wait(), EXPIRES_EVERY)
        except asyncio.TimeoutError:
            pass


async def _run() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await asyncio.gather(deliver_until(stop), expire_until(stop))


def main() -> int:
    """Deliver until stopped; the exit status."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        install_log_masking()
        asyncio.run(_run())
    except (SettingsError, NamesUnavailableError) as error:
        logger.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
