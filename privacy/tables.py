"""How the rows of one person are told from those of everybody else, table by table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

from sqlalchemy import column, func, select, table


class Whose(Protocol):
    """Says which rows of a table are a person's."""

    def condition(self, conversation: str) -> Any:
        """A condition on the table's columns."""


@dataclass(frozen=True)
class Is:
    """A column that holds the conversation, or the conversation within other words."""

    name: str
    form: str = "{}"

    def condition(self, conversation: str) -> Any:
        """Rows in which it is that text."""
        return column(self.name) == self.form.format(conversation)


@dataclass(frozen=True)
class BeginsWith:
    """A column whose texts begin with the conversation."""

    name: str
    form: str = "{}/"

    def condition(self, conversation: str) -> Any:
        """Rows in which it begins so."""
        first = self.form.format(conversation)
        # Neither LIKE, which takes `_` for any character, nor a range, which goes by the locale.
        return func.substr(column(self.name), 1, len(first)) == first


@dataclass(frozen=True)
class Below:
    """A column that names a row of another table, which is the person's."""

    name: str
    parent: str
    whose: Is

    def condition(self, conversation: str) -> Any:
        """Rows whose parent is theirs."""
        parents = select(column("id")).select_from(table(self.parent))
        return column(self.name).in_(parents.where(self.whose.condition(conversation)))


@dataclass(frozen=True)
class Age:
    """A column that holds a moment."""

    name: str
    as_seconds: bool = True
    """Whether it holds seconds since 1970; else a moment in UTC without its zone."""

    state: str = ""
    """A column; what it says is `waiting` is never too old."""

    def condition(self, before: float) -> Any:
        """Rows from before a moment, in seconds since 1970, that nothing is left to do with."""
        limit: Any = before
        if not self.as_seconds:
            limit = datetime.fromtimestamp(before, timezone.utc).replace(tzinfo=None)
        old = column(self.name) < limit
        return old & (column(self.state) != "waiting") if self.state else old


@dataclass(frozen=True)
class Rows:
    """A table in which things of people are kept."""

    table: str
    called: str
    """What its rows are, in the plural."""

    whose: Whose
    age: Age | None = None
    """What tells that a row is too old to be kept; None: it goes with something else."""

    in_work: bool = False
    """Whether a row can be the message that is being answered just now."""

    open_door: bool = False
    """Whether it is what somebody who goes on speaking is known by."""
