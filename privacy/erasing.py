"""Forgetting a person: everything that is kept under a conversation, in all stores.

Rasa keeps a turn when it ends. One that is going on meanwhile would write the whole conversation
back, so the tracker store (`tracker_store.py`) drops a turn that began before the erasure. What
skills and channels write in such a turn is deleted in a second pass, after which the erasure is
done; whoever speaks on then begins anew.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from privacy.registry import databases, stores, unregistered
from privacy.settings import PrivacySettings
from privacy.sql_stores import TrackerDatabase
from privacy.stores import ErasureError, Person

logger = logging.getLogger(__name__)

SETTLES_IN = 2.0
"""Seconds in which a turn that was going on comes to its end, nearly always."""


@dataclass(frozen=True)
class Erasure:
    """What was found of a person, or erased."""

    counts: Counter[str]
    """By what it is called; without what there was none of."""

    outside: Sequence[str] = ()
    """What may be kept of them elsewhere."""

    @property
    def total(self) -> int:
        """How many things it is altogether."""
        return sum(self.counts.values())


def find(settings: PrivacySettings, conversation: str) -> Erasure:
    """What is kept of a person; nothing is changed.

    Raises:
        ErasureError: If a store cannot be looked into.
    """
    person = _person(settings, conversation)
    counts: Counter[str] = Counter()
    outside = []
    for store in stores(settings):
        counts += store.find(person)
        outside.append(store.outside())
    return Erasure(+counts, [one for one in outside if one])


def forget(settings: PrivacySettings, conversation: str, settle: float = SETTLES_IN) -> Erasure:
    """Erases what is kept of a person, whether servers are running or not.

    Args:
        settings: Where things are kept.
        conversation: Rasa's sender.
        settle: Seconds to wait for the end of a turn that is going on.

    Returns:
        What was erased.

    Raises:
        ErasureError: If something could not be erased; it may be begun again.
    """
    first = _erase(settings, conversation)
    if not first.total:
        return first
    time.sleep(settle)
    second = _erase(settings, conversation)
    _purge(settings)
    return replace(first, counts=first.counts + second.counts)


def forget_in_turn(settings: PrivacySettings, conversation: str) -> Erasure:
    """Erases what is kept of a person who has just asked for it in the conversation.

    The turn is theirs alone, for Rasa holds the conversation's lock: nobody else writes. The
    message that is being answered stays until its answer is there.

    Raises:
        ErasureError: If something could not be erased, or would be written back.
    """
    if settings.tracker_url and not settings.tracker_is_safe:
        raise ErasureError(
            "The conversation would be written back when the turn ends: name "
            "operations.trackers.SqlTrackers as the tracker store in endpoints.yml."
        )
    erased = _erase(settings, conversation, in_turn=True)
    _purge(settings)
    return erased


def forget_beside(settings: PrivacySettings, conversation: str) -> None:
    """Erases what is kept beside Rasa's own conversation, which the caller sees to.

    Of the channels' things those stay by which somebody is known who goes on speaking.

    Raises:
        ErasureError: If something could not be erased.
    """
    person = Person(conversation)
    for store in stores(settings):
        if not isinstance(store, TrackerDatabase):
            store.erase(person, in_turn=True)


def check_registered(settings: PrivacySettings) -> None:
    """Refuses databases with tables of which nobody has said what is in them.

    Raises:
        ErasureError: If there is one.
    """
    for database in databases(settings):
        names = unregistered(database.table_names())
        if names:
            raise ErasureError(
                f"The database of {database.name} has tables that privacy/registry.py does not "
                f"know: {', '.join(names)}. What is in them would stay."
            )


def conversations_like(settings: PrivacySettings, text: str) -> list[str]:
    """Conversations whose id holds a text: whom an operator may have meant."""
    return [
        one
        for database in databases(settings)
        if isinstance(database, TrackerDatabase)
        for one in database.conversations(holding=text)
    ]


def _erase(settings: PrivacySettings, conversation: str, in_turn: bool = False) -> Erasure:
    person = _person(settings, conversation)
    counts: Counter[str] = Counter()
    outside = []
    for store in stores(settings):
        counts += store.erase(person, in_turn)
        outside.append(store.outside())
    logger.info("A conversation was erased: %d things.", sum(counts.values()))
    return Erasure(+counts, [one for one in outside if one])


def _purge(settings: PrivacySettings) -> None:
    for store in stores(settings):
        try:
            store.purge()
        except ErasureError as error:
            # A long reader, for instance. The rows are gone, and overwritten, all the same.
            logger.warning("Room that deleted rows leave was not given up: %s", error)


def _person(settings: PrivacySettings, conversation: str) -> Person:
    said: frozenset[str] = frozenset()
    for database in databases(settings):
        if isinstance(database, TrackerDatabase):
            said |= database.said_by(conversation)
    return Person(conversation, said)
