"""What the tests of an audit are made of."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["invariance", "direction", "wording"]
Exchange = Literal["units", "within"]
"""What may be exchanged between groups if groups make no difference: whole terms with all of their
cases, or the cases of one block."""

SENTIMENT_RULES = ("same", "not more negative", "not positive", "not negative", "ignored")
INTENT_RULES = ("same", "ignored")
ENTITY_RULES = ("values", "types", "ignored")


@dataclass(frozen=True)
class Expected:
    """The reading that is right, where it is known beforehand. Nothing named: anything goes."""

    intents: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    entities: tuple[str, ...] | None = None
    """Types that are to be found, each once or more."""


@dataclass(frozen=True)
class Case:
    """One sentence for the model."""

    text: str
    group: str
    """Whom or what it stands for: the rates of groups are compared."""
    block: str
    """The template, sentence or set that it is made from."""
    unit: str
    """What is exchanged between groups when they are compared."""
    marks: tuple[tuple[int, int], ...] = ()
    """Where the terms stand that were filled in."""
    reference: str | None = None
    """The sentence whose reading it must share. None: what most cases of its block are read as."""
    expected: Expected | None = None
    """The reading it must have, in place of another's."""


@dataclass(frozen=True)
class AuditTest:
    """A test: cases, and what has to hold of them."""

    name: str
    about: str
    kind: Kind
    cases: tuple[Case, ...]
    exchange: Exchange
    intent: str = "same"
    sentiment: str = "same"
    entities: str = "values"
    limit: float | None = None
    """The share of failures that is allowed; None: the one that holds for all."""

    @property
    def texts(self) -> set[str]:
        """All that has to be read for it."""
        references = {case.reference for case in self.cases if case.reference is not None}
        return {case.text for case in self.cases} | references
