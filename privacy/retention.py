"""Deleting what is older than it is to be kept (PARLEY_KEEP_DAYS); nothing where that is not set.

A conversation in which nothing was said for so long goes as a whole; of one that goes on, what was
said in sessions that are over. Lists, calendars and what is still to come are no conversation, and
stay; but for those of a chat page's visitor whose session goes, whom nobody could be any more.
"""

from __future__ import annotations

import logging
import time
from collections import Counter

from privacy.registry import CHANNELS, CONVERSATIONS, databases, stores
from privacy.settings import PrivacySettings
from privacy.sql_stores import TrackerDatabase
from privacy.stores import ErasureError, Person, Store

logger = logging.getLogger(__name__)

DAY = 24 * 3600.0

WEB = "web~"
"""How the conversations of the chat page begin."""


def expire(settings: PrivacySettings, now: float | None = None) -> Counter[str]:
    """Deletes what is too old.

    Args:
        settings: Where things are kept, and how long.
        now: The present moment, in seconds since 1970; the clock's unless given.

    Returns:
        How many things were deleted, by what they are called.

    Raises:
        ErasureError: If something could not be deleted.
    """
    if settings.keep_days is None:
        return Counter()
    before = (time.time() if now is None else now) - settings.keep_days * DAY
    gone: Counter[str] = Counter()
    all_stores = stores(settings)
    for conversation in _silent_since(settings, before):
        for store in all_stores:
            if conversation.startswith(WEB) or _is_of_talk(store):
                gone += store.erase(Person(conversation))
        gone["conversations"] += 1
    for store in all_stores:
        gone += store.expire(before)
    if gone:
        for store in all_stores:
            try:
                store.purge()
            except ErasureError as error:
                logger.warning("Room that deleted rows leave was not given up: %s", error)
    return +gone


def _silent_since(settings: PrivacySettings, before: float) -> list[str]:
    return [
        conversation
        for database in databases(settings)
        if isinstance(database, TrackerDatabase)
        for conversation in database.silent_since(before)
    ]


def _is_of_talk(store: Store) -> bool:
    return store.name in (CONVERSATIONS, CHANNELS)
