"""The closed sets of things that can be predicted, and how entities become BIO tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class EntityLabel(NamedTuple):
    """What an entity is, in Rasa's terms; role and group may be missing."""

    entity: str
    role: str | None = None
    group: str | None = None


class Span(NamedTuple):
    """A labelled stretch of text, `text[start:end]`."""

    start: int
    end: int
    label: EntityLabel


@dataclass(frozen=True)
class Example:
    """One training sentence with what is known about it."""

    text: str
    intent: str | None = None
    sentiment: str | None = None
    spans: tuple[Span, ...] | None = ()
    """Its entities; None where nobody looked for any."""


OUTSIDE = 0
"""The tag of what belongs to no entity."""


@dataclass(frozen=True)
class LabelSpace:
    """All labels that a model knows, each numbered by its place.

    Tags: 0 is outside of entities; entity label i begins with tag 1 + 2 i and goes on with
    tag 2 + 2 i (the BIO scheme of Ramshaw and Marcus 1995).
    """

    intents: tuple[str, ...]
    sentiments: tuple[str, ...]
    entities: tuple[EntityLabel, ...]

    @classmethod
    def of(cls, examples: Iterable[Example], sentiment_classes: Sequence[str]) -> LabelSpace:
        """Collects the labels of training examples, sorted so that their order is no accident.

        Sentiment classes are kept in their configured order, and only if any example has one.
        """
        intents: set[str] = set()
        entities: set[EntityLabel] = set()
        has_sentiment = False
        for example in examples:
            if example.intent is not None:
                intents.add(example.intent)
            entities.update(span.label for span in example.spans or ())
            has_sentiment = has_sentiment or example.sentiment is not None
        return cls(
            intents=tuple(sorted(intents)),
            sentiments=tuple(sentiment_classes) if has_sentiment else (),
            entities=tuple(sorted(entities, key=lambda label: tuple(part or "" for part in label))),
        )

    @property
    def tag_count(self) -> int:
        """Number of tags, the outside tag included; 0 where there are no entities at all."""
        return 1 + 2 * len(self.entities) if self.entities else 0

    def begin_tag(self, label: EntityLabel) -> int:
        """Returns the tag with which an entity of this label begins; the next one continues it."""
        return 1 + 2 * self.entities.index(label)

    def entity_of(self, tag: int) -> EntityLabel:
        """Returns the label of a begin or continue tag."""
        return self.entities[(tag - 1) // 2]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to predict."""
        return not (self.intents or self.sentiments or self.entities)

    def as_json(self) -> dict[str, Any]:
        """Returns the labels in JSON's types."""
        return {
            "intents": list(self.intents),
            "sentiments": list(self.sentiments),
            "entities": [list(label) for label in self.entities],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LabelSpace:
        """Reads what `as_json` returned."""
        return cls(
            intents=tuple(data["intents"]),
            sentiments=tuple(data["sentiments"]),
            entities=tuple(EntityLabel(*label) for label in data["entities"]),
        )


def begins(tag: int) -> bool:
    """Whether a tag is the first of an entity."""
    return tag % 2 == 1


def may_follow(previous: int, tag: int) -> bool:
    """Whether BIO allows `tag` after `previous`: an entity only goes on where it began."""
    return tag == OUTSIDE or begins(tag) or tag in (previous, previous + 1) and previous != OUTSIDE
