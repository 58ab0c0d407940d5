"""What training data and domain are made of, as the reports look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands."""

    file: str
    """Relative to the project's folder."""
    line: int

    def __str__(self) -> str:
        """Tells it as editors take it."""
        return f"{self.file}:{self.line}"


class Annotation(NamedTuple):
    """An entity in an example."""

    entity: str
    value: str
    role: str
    group: str


class Example(NamedTuple):
    """A sentence of an intent."""

    intent: str
    """With what follows the slash of a retrieval intent."""
    text: str
    pattern: str
    """The text with its entities' names in place of their values."""
    annotations: tuple[Annotation, ...]
    place: Place


class StoryStep(NamedTuple):
    """A step of a story: what may have been meant, or what is done."""

    is_intent: bool
    names: frozenset[str]
    """Any of them; none for a message in words, which may be of any intent."""


@dataclass
class Story:
    """A story or a rule."""

    name: str
    is_rule: bool
    place: Place
    parts: list[list[StoryStep]] = field(default_factory=list)
    """Its steps; checkpoints part them, for what stands between is elsewhere. A story that begins
    or ends with a checkpoint begins or ends with an empty part."""
    slots: set[str] = field(default_factory=set)
    loops: set[str] = field(default_factory=set)
    waits: bool = True
    """Whether the assistant listens at the end."""

    @property
    def actions(self) -> set[str]:
        """What is done in it."""
        return {
            name
            for part in self.parts
            for step in part
            if not step.is_intent
            for name in step.names
        }


@dataclass
class Slot:
    """A slot of the domain."""

    place: Place
    mappings: list[dict[str, object]] = field(default_factory=list)


@dataclass
class Form:
    """A form of the domain."""

    place: Place
    slots: dict[str, Place] = field(default_factory=dict)


@dataclass
class Response:
    """A response, with all its variations."""

    place: Place
    slots: set[str] = field(default_factory=set)
    """What it says, or is chosen by."""
    intents: set[str] = field(default_factory=set)
    """What its buttons say."""


@dataclass
class TrainingData:
    """All of a project."""

    examples: list[Example] = field(default_factory=list)
    intents: dict[str, Place] = field(default_factory=dict)
    """Where each first has examples, by its full name."""
    synonyms: dict[str, str] = field(default_factory=dict)
    """What stands for what, in small letters."""
    listed_entities: set[str] = field(default_factory=set)
    """Those that lookup tables and patterns name."""
    stories: list[Story] = field(default_factory=list)

    domain_intents: dict[str, Place] = field(default_factory=dict)
    domain_entities: dict[str, Place] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    actions: dict[str, Place] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)

    unreadable: list[str] = field(default_factory=list)
    """A line for each file, or part of one, that could not be read."""
