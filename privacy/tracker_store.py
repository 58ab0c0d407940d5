"""Rasa's SQL tracker store, which does not write back what was erased, and may keep masked words.

In endpoints.yml in the place of `type: SQL`, with the same keys.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from actions.settings import SettingsError
from privacy.files import LogFiles
from privacy.masking import MaskedBroker, event_masker
from privacy.settings import EVENTS, TRACKER, read_masking_settings, read_privacy_settings
from privacy.sql_stores import (
    BUSY_SECONDS,
    CREATE_ERASURES,
    digest,
    erasures,
    lock_conversation,
    said_in,
)
from privacy.stores import ErasureError, Person

logger = logging.getLogger(__name__)

Event = dict[str, Any]


class PrivateTrackerStore(SQLTrackerStore):
    """Keeps conversations in SQL as Rasa does, but for two things.

    A turn that was going on while its conversation was erased is dropped: Rasa would write the
    whole conversation anew, for it finds none of its events stored. And where PARLEY_REDACT names
    `tracker`, events are kept masked, while the turn itself works with what was really said.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        """Opens the database.

        Args:
            domain: The assistant's domain.
            host: Where the database's server is.
            event_broker: Is told each event; masked, where PARLEY_REDACT names `events`.
            **kwargs: As Rasa's own store takes them.
        """
        masking = read_masking_settings()
        if event_broker is not None and EVENTS in masking.places:
            event_broker = MaskedBroker(event_broker, event_masker(masking.names))
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        self._mask: Callable[[Event], Event] | None = (
            event_masker(masking.names) if TRACKER in masking.places else None
        )
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _be_patient)
        with self.engine.begin() as connection:
            connection.execute(CREATE_ERASURES)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the events that are new, unless the conversation was erased since they began."""
        with self.session_scope() as session:
            erased = _was_erased(session, tracker)
        if not erased:
            await self.stream_events(tracker)
            with self.session_scope() as session:
                self._lock(session, tracker.sender_id)
                # Anew, under the lock: now nobody erases until the events are written.
                erased = _was_erased(session, tracker)
                if not erased:
                    for one in self._additional_events(session, tracker):
                        session.add(self._row(tracker.sender_id, one.type_name, one.as_dict()))
                    session.commit()
        if erased:
            self._clean_logs(tracker)
            logger.info("A turn of a conversation that was erased is not kept.")

    def _row(self, sender: str, type_name: str, data: Event) -> Any:
        kept = self._mask(data) if self._mask is not None else data
        return self.SQLEvent(
            sender_id=sender,
            type_name=type_name,
            timestamp=kept.get("timestamp"),
            intent_name=kept.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=kept.get("name"),
            data=json.dumps(kept),
        )

    def _clean_logs(self, tracker: DialogueStateTracker) -> None:
        """Blanks what was logged of the turn after its conversation had gone from the logs."""
        said = frozenset(text for one in tracker.events for text in said_in(one.as_dict()))
        try:
            LogFiles(read_privacy_settings().logs).erase(Person(tracker.sender_id, said))
        except (ErasureError, SettingsError) as error:
            logger.error("The logs may still hold what was said in a turn: %s", error)

    def _lock(self, session: Session, sender: str) -> None:
        if self.engine.dialect.name == "sqlite":
            # The driver would begin the transaction with the first row written, after reading.
            session.execute(text("BEGIN IMMEDIATE"))
        lock_conversation(session.connection(), sender)


def _was_erased(session: Session, tracker: DialogueStateTracker) -> bool:
    """Whether a tracker holds something from before the conversation was erased."""
    statement = select(erasures.c.erased_at).where(erasures.c.person == digest(tracker.sender_id))
    erased_at = session.execute(statement).scalar()
    return erased_at is not None and any(
        one.timestamp is not None and one.timestamp <= erased_at for one in tracker.events
    )


def _be_patient(connection: Any, _record: Any) -> None:
    # Writing a large file anew takes seconds.
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
