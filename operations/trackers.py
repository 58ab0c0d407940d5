"""Conversations in an SQL database that may be away for a while, and is waited for.

Rasa's own store falls back to the process's memory where its database does not answer: the turn
goes on as if nothing had been said before, and what it adds is lost, or saved without what was
between. Here the turn fails instead, before it has done anything; the channels keep its message and
handle it when the database is back.

In endpoints.yml, in the place of `type: SQL`, with the same settings, or the whole address:

    tracker_store:
      type: operations.trackers.SqlTrackers
      url: postgresql://user:password@host/database
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, create_engine_kwargs
from rasa.shared.core.domain import Domain
from sqlalchemy.engine import Engine

from privacy.tracker_store import PrivateTrackerStore

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5


class TrackersAwayError(Exception):
    """The conversations cannot be read or saved now. The text names no address and no words."""


class SqlTrackers(PrivateTrackerStore):
    """The SQL store that erases for good, whose failures are failures."""

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, **settings: Any
    ) -> None:
        """Opens the database, and waits for it as Rasa's does.

        Args:
            domain: The assistant's.
            host: The database's host, or its whole address.
            **settings: As Rasa's store takes them.
        """
        _fail_openly()
        super().__init__(domain=domain, host=host, **settings)
        by_rasa: Engine = self.engine
        if by_rasa.dialect.name == "postgresql":
            url = by_rasa.url
            by_rasa.dispose()
            options = create_engine_kwargs(url)
            connect = options.setdefault("connect_args", {})
            connect.setdefault("connect_timeout", CONNECT_SECONDS)
            # What the server has closed since is made anew, and no turn fails by it.
            self.engine: Engine = sa.create_engine(url, pool_pre_ping=True, **options)
            self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)

    def ping(self) -> None:
        """Asks the database whether it is there.

        Raises:
            TrackersAwayError: If it is not.
        """
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError as error:
            raise TrackersAwayError(_reason(error)) from None


_saved_by_rasa = FailSafeTrackerStore.on_tracker_store_error
_retrieved_by_rasa = FailSafeTrackerStore.on_tracker_store_retrieve_error


def _fail_openly() -> None:
    """Takes the fallback away from stores of this kind, for this process.

    Rasa puts its `FailSafeTrackerStore` around each store by itself, and there is no setting for
    it. Other stores keep it.
    """
    FailSafeTrackerStore.on_tracker_store_error = _on_error(_saved_by_rasa)
    FailSafeTrackerStore.on_tracker_store_retrieve_error = _on_error(_retrieved_by_rasa)


def _on_error(otherwise: Any) -> Any:
    def on_error(store: FailSafeTrackerStore, error: Exception) -> None:
        if isinstance(store._tracker_store, SqlTrackers):
            raise TrackersAwayError(_reason(error)) from None
        otherwise(store, error)

    return on_error


def _reason(error: Exception) -> str:
    # SQLAlchemy's own words would add the statement's parameters, which are what was said.
    kind = type(getattr(error, "orig", None) or error).__name__
    return f"The conversations' database does not answer: {kind}."
