"""From events to what happened: sessions, turns, forms, and the steps that stories tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from insight.conversations.events import Event

FINISHED, LEFT, OPEN = "finished", "left", "open"
"""How a form ended; `open` is one that still waits for its answer."""

LISTEN = "action_listen"
SESSION_START = "action_session_start"

UNSAID = frozenset({LISTEN, SESSION_START, "action_unlikely_intent"})
"""Actions that no story tells."""

_NOT_SAID = frozenset({"session_start", "restart", "back"})
"""Intents of Rasa's own commands."""


class Step(NamedTuple):
    """A step of a conversation, as a story has it."""

    is_intent: bool
    name: str


@dataclass
class Session:
    """A part of a conversation, from one start to the next."""

    sender: str
    at: float
    steps: list[Step] = field(default_factory=list)
    """What the policies saw, without the turns that only filled a form."""


@dataclass
class Turn:
    """A message, and what the assistant did until it listened again."""

    sender: str
    at: float
    channel: str
    text: str
    intent: str
    guess: str
    """What it might have meant, where the intent is that nothing was understood."""
    confidence: float | None
    sentiment: str
    loop: str | None
    """The form that was active when it was said."""
    is_external: bool = False
    actions: list[str] = field(default_factory=list)
    answers: int = 0
    first_answer: float | None = None
    """Seconds from the message being read to the first answer."""
    last_answer: float | None = None


@dataclass
class FormRun:
    """A form, from its start to its end."""

    sender: str
    name: str
    at: float
    channel: str
    turns: int = 0
    """Messages while it was active."""
    outcome: str = OPEN


Happening = Session | Turn | FormRun


def follow(events: Iterable[Event]) -> Iterator[Happening]:
    """Tells what happened, each thing when it is over; conversations may be mixed.

    Kept in memory is, for each conversation, what is going on in it.
    """
    conversations: dict[str, _Conversation] = {}
    for event in events:
        conversation = conversations.get(event.sender)
        if conversation is None:
            conversation = conversations[event.sender] = _Conversation(event.sender)
        yield from conversation.take(event)
    for conversation in conversations.values():
        yield from conversation.end()


class _Conversation:
    """What is going on in one conversation."""

    def __init__(self, sender: str) -> None:
        self._sender = sender
        self._session: Session | None = None
        self._turn: Turn | None = None
        self._form: FormRun | None = None
        self._waiting: dict[str, FormRun] = {}
        """Forms that another one interrupted."""
        self._asked = ""
        """The slot that the form asked for last."""
        self._empty: set[str] = set()
        """Slots that were emptied."""
        self._acted = ""
        self._steps: list[Step] = []
        """Of the turn."""

    def take(self, event: Event) -> Iterator[Happening]:
        """Takes the next event."""
        kind = event.kind
        if kind == "slot":
            self._set(event)
        elif kind == "action":
            self._act(event)
        elif kind == "bot":
            self._answer(event)
        elif kind == "user":
            yield from self._hear(event)
        elif kind in ("active_loop", "form"):
            yield from self._switch(event)
        elif kind in ("session_started", "restart"):
            yield from self._begin(event)
        elif kind == "rewind":
            # The message was taken back, so the policies have never seen it.
            self._steps = []

    def end(self) -> Iterator[Happening]:
        """Ends what is going on; a form that waits is left open."""
        yield from self._end_turn()
        if self._form:
            yield self._form
        yield from self._leave(self._waiting)
        if self._session:
            yield self._session

    def _begin(self, event: Event) -> Iterator[Happening]:
        yield from self._end_turn()
        if self._form:
            # Rasa forgets it, and nobody will ask for what was missing.
            self._waiting[self._form.name] = self._form
        yield from self._leave(self._waiting)
        if self._session:
            yield self._session
        self._form, self._waiting, self._asked, self._empty = None, {}, "", set()
        self._session = Session(self._sender, event.at)

    def _hear(self, event: Event) -> Iterator[Happening]:
        if self._turn and event.is_on_behalf:
            # Who waits for the answer is still the person who spoke last.
            self._steps.append(Step(True, event.intent))
            return
        yield from self._end_turn()
        if event.intent in _NOT_SAID or event.text.startswith("/session_start"):
            return
        if self._session is None:
            self._session = Session(self._sender, event.at)
        self._turn = Turn(
            sender=self._sender,
            at=event.at,
            channel=event.channel,
            text=event.text,
            intent=event.intent,
            guess=event.guess,
            confidence=event.confidence,
            sentiment=event.sentiment,
            loop=self._form.name if self._form else None,
            is_external=event.is_external,
        )
        self._steps = [Step(True, event.intent)]
        if self._form and not event.is_external:
            self._form.turns += 1

    def _act(self, event: Event) -> None:
        name = event.name
        if name is None or name in UNSAID:
            return
        self._acted = name
        if self._turn:
            self._turn.actions.append(name)
            self._steps.append(Step(False, name))

    def _answer(self, event: Event) -> None:
        turn = self._turn
        if turn is None:
            return
        seconds = max(0.0, event.at - turn.at)
        turn.answers += 1
        turn.last_answer = seconds
        if turn.first_answer is None:
            turn.first_answer = seconds

    def _set(self, event: Event) -> None:
        if event.name is None:
            return
        if event.name == "requested_slot":
            if event.text:
                self._asked = event.text
                self._empty.discard(event.text)
        elif event.is_null:
            self._empty.add(event.name)
        else:
            self._empty.discard(event.name)

    def _switch(self, event: Event) -> Iterator[Happening]:
        name, active = event.name, self._form
        if active and name == active.name:
            return
        if name is None:
            if active:
                active.outcome = self._outcome(active)
                yield active
            self._form = None
            return
        if active:
            self._waiting[active.name] = active
        channel = self._turn.channel if self._turn else ""
        self._form = self._waiting.pop(name, None) or FormRun(
            self._sender, name, event.at, channel, turns=1 if self._turn else 0
        )
        self._asked = ""

    def _outcome(self, form: FormRun) -> str:
        # A form ends itself with the last slot filled. One that gives up ends itself as well, but
        # what it asked for is missing; any other action that ends it cuts it short.
        if self._acted != form.name:
            return LEFT
        return LEFT if self._asked and self._asked in self._empty else FINISHED

    def _leave(self, forms: dict[str, FormRun]) -> Iterator[Happening]:
        for form in forms.values():
            form.outcome = LEFT
            yield form

    def _end_turn(self) -> Iterator[Happening]:
        turn, steps = self._turn, self._steps
        if turn is None:
            return
        self._turn, self._steps = None, []
        if self._session is not None:
            self._session.steps += _told(turn, steps)
        yield turn


def _told(turn: Turn, steps: list[Step]) -> list[Step]:
    """A turn as stories tell it: one that fills the active form is the form's own affair."""
    own = turn.loop is not None and len(steps) > 1 and steps[1] == Step(False, turn.loop)
    return steps[2:] if own else steps
