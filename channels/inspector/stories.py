"""Turns of a conversation as a story, a rule or a test story, in YAML that Rasa reads.

Rasa's own export (`DialogueStateTracker.export_stories`) writes down what a tracker holds: turns
that were taken back, every slot that was set, with features or without, all turns that filled a
form, full retrieval intents that its reader then warns of, entities whose values are objects, and a
session's begin in the middle. Here is told what bears on a prediction, as one would write it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Literal

from rasa.shared.core.domain import Domain
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from channels.inspector.annotating import annotated
from channels.inspector.reading import Excerpt, turn_starts
from channels.inspector.state import Event, State, without_reverted

Kind = Literal["story", "rule", "test"]

KINDS: tuple[Kind, ...] = ("story", "rule", "test")

_UNSAID = frozenset({"action_listen", "action_session_start", "action_unlikely_intent"})
_WIDTH = 4096
"""Characters of a line before it is broken: a message stays on one."""

Step = dict[str, Any]


class NotTellableError(Exception):
    """The turns cannot be told in this way; the message says why."""


@dataclass(frozen=True)
class Model:
    """What is known of the model that runs."""

    domain: Domain
    rule_only_slots: frozenset[str] = frozenset()
    """Slots that only rules mention: told in a story, the learnt policies would see them."""


@dataclass
class Written:
    """A finished file."""

    yaml: str
    file: str
    """How it might be called."""
    notes: list[str] = field(default_factory=list)
    """What to look at before it is used."""


def write(excerpt: Excerpt, kind: Kind, name: str, model: Model) -> Written:
    """Writes turns as training data or as a test.

    Args:
        excerpt: The turns, at least one.
        kind: What to write.
        name: The story's; made of the intents where it is empty.
        model: What the turns are told by.

    Raises:
        NotTellableError: If the turns cannot be told in this way.
    """
    if not excerpt.starts:
        raise NotTellableError("There is nothing said in these turns.")
    if kind == "rule" and len(excerpt.starts) != 1:
        raise NotTellableError("A rule is about one turn: choose one.")
    initial = {slot.name: slot.initial_value for slot in model.domain.slots}
    start = excerpt.starts[0]
    state = State(initial).apply_all(excerpt.before).apply_all(excerpt.events[:start])
    teller = _Teller(kind, model, state)
    sessions = [steps for steps in teller.tell(excerpt.events[start:]) if steps]
    if not sessions:
        raise NotTellableError("Everything in these turns was taken back, or is the form's own.")
    name = " ".join(name.split()) or _name(excerpt.events[start:])
    noun = "rule" if kind == "rule" else "story"
    told: list[Step] = []
    for number, steps in enumerate(sessions, 1):
        entry: Step = {noun: name if len(sessions) == 1 else f"{name} ({number})"}
        if kind == "rule" and teller.condition:
            entry["condition"] = teller.condition
        told.append({**entry, "steps": steps})
    key = "rules" if kind == "rule" else "stories"
    file = "test_conversation.yml" if kind == "test" else f"{key}.yml"
    notes = [*teller.notes, *_unknown(sessions, model.domain)]
    return Written(_dump(key, told), file, list(dict.fromkeys(notes)))


class _Teller:
    """Turns events into steps."""

    def __init__(self, kind: Kind, model: Model, state: State) -> None:
        """Prepares.

        Args:
            kind: What is written.
            model: The running model.
            state: Slots and loop before the first turn; followed from there on.
        """
        self._kind = kind
        self._domain = model.domain
        self._state = state
        self._slots = {
            slot.name: copy(slot)
            for slot in model.domain.slots
            if slot.has_features() and (kind != "story" or slot.name not in model.rule_only_slots)
        }
        self.notes: list[str] = []
        self.condition: list[Step] = []
        self._note_beginning()

    def tell(self, events: Sequence[Event]) -> Iterator[list[Step]]:
        """The steps of each session: no story goes on behind a new one, or a restart."""
        steps: list[Step] = []
        for turn in _turns(without_reverted(events)):
            happened = {event.get("event") for event in turn}
            if "session_started" in happened or "restart" in happened:
                yield steps
                steps = []
            if "restart" in happened:
                self._state.apply_all(turn)
            else:
                steps += self._turn(turn)
        yield steps

    def _turn(self, turn: Sequence[Event]) -> list[Step]:
        loop = self._state.loop
        fills_loop = loop is not None and _first_action(turn) == loop
        untold = fills_loop and self._kind != "test"
        steps: list[Step] = []
        acted = False
        for event in turn:
            kind, name = event.get("event"), event.get("name")
            before = dict(self._state.slots)
            self._state.apply(event)
            if kind == "user" and not untold:
                steps.append(self._message(event))
            elif kind == "action" and name not in _UNSAID:
                if not (untold and name == loop and not acted and self._kind == "story"):
                    steps.append({"action": name} if name else {"bot": event.get("action_text")})
                acted = True
            elif kind == "active_loop":
                steps.append({"active_loop": name})
            elif kind == "slot" and (acted or self._kind != "rule"):
                self._slot(steps, str(name), before.get(str(name)), event.get("value"))
            elif kind == "followup":
                self.notes.append(
                    f"An action asked for '{name}' to follow: no policy predicts that by itself."
                )
        if self._kind == "rule" and fills_loop and self._state.loop == loop:
            raise NotTellableError(
                f"In this turn '{loop}' went on asking: that is the form's own, no rule's."
            )
        return steps

    def _message(self, event: Event) -> Step:
        parsed = event.get("parse_data") or {}
        intent = str((parsed.get("intent") or {}).get("name") or "").split("/")[0]
        if self._kind == "test":
            text, notes = annotated(event, intent)
            self.notes += notes
            return {"user": LiteralScalarString(text + "\n"), "intent": intent}
        entities = [self._entity(entity) for entity in self._heeded(intent, parsed)]
        return {"intent": intent, "entities": entities} if entities else {"intent": intent}

    def _heeded(self, intent: str, parsed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The entities that bear on what comes next."""
        used = self._domain.intent_properties.get(intent, {}).get("used_entities") or []
        return [entity for entity in parsed.get("entities") or [] if entity.get("entity") in used]

    def _entity(self, entity: Mapping[str, Any]) -> Step:
        value = entity.get("value")
        # An object could be written, but no policy looks at a value: what it stands for is told.
        plain = value if isinstance(value, (str, int, float)) else str(entity.get("text") or "")
        told: Step = {str(entity["entity"]): plain}
        return {**told, **{key: entity[key] for key in ("role", "group") if entity.get(key)}}

    def _slot(self, steps: list[Step], name: str, before: Any, value: Any) -> None:
        """Tells of a slot, if policies can see that it has changed."""
        slot = self._slots.get(name)
        if slot is None or _features(slot, before) == _features(slot, value):
            return
        if steps and "slot_was_set" in steps[-1]:
            known = [entry for entry in steps[-1]["slot_was_set"] if name not in entry]
            steps[-1]["slot_was_set"] = [*known, {name: value}]
        else:
            steps.append({"slot_was_set": [{name: value}]})

    def _note_beginning(self) -> None:
        if self._state.loop is not None and self._kind == "rule":
            self.condition = [{"active_loop": self._state.loop}]
        elif self._state.loop is not None:
            self.notes.append(
                f"It begins within '{self._state.loop}': begin with the turn that began it."
            )
        # In a story as in a rule: whatever was before is not told.
        standing = [
            name
            for name, slot in self._slots.items()
            if _features(slot, self._state.slots.get(name)) != _features(slot, slot.initial_value)
        ]
        if standing:
            where = "as conditions" if self._kind == "rule" else "in the beginning"
            self.notes.append(
                f"Set before, and seen by policies: {', '.join(standing)}. Where it hangs on them, "
                f"add them {where} (slot_was_set)."
            )


def _features(slot: Any, value: Any) -> list[float]:
    """What policies see of a slot with this value."""
    slot.value = value
    features: list[float] = slot.as_feature()
    return features


def _turns(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    cuts = [0, *turn_starts(events)[1:], len(events)]
    for start, end in zip(cuts, cuts[1:], strict=False):
        yield events[start:end]


def _first_action(turn: Sequence[Event]) -> str | None:
    """The first thing that was done in a turn; nothing where the form refused to."""
    for event in turn:
        if event.get("event") == "action_execution_rejected":
            return None
        if event.get("event") == "action" and event.get("name") not in _UNSAID:
            return event.get("name")
    return None


def _name(events: Sequence[Event]) -> str:
    intents = [
        str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
        for event in events
        if event.get("event") == "user"
    ]
    told = [intent.split("/")[0].replace("_", " ") for intent in intents if intent]
    return ", ".join([*told[:4], *(["and more"] if len(told) > 4 else [])]) or "conversation"


def _unknown(sessions: Sequence[Sequence[Step]], domain: Domain) -> Iterator[str]:
    """What the steps name and the domain of the running model does not."""
    intents, actions = set(domain.intents), set(domain.action_names_or_texts)
    for step in (step for steps in sessions for step in steps):
        if "intent" in step and step["intent"] not in intents:
            yield f"The domain has no intent '{step['intent']}'."
        if "action" in step and step["action"] not in actions:
            yield f"The domain has no action '{step['action']}'."


def _dump(key: str, told: list[Step]) -> str:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDTH  # type: ignore[assignment]
    # As `active_loop: null` stands in files that people write.
    yaml.representer.add_representer(
        type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    texts = []
    for entry in told:
        stream = StringIO()
        yaml.dump({key: [entry]}, stream)
        texts.append(stream.getvalue().split("\n", 1)[1])
    head = StringIO()
    yaml.dump({"version": DoubleQuotedScalarString("3.1")}, head)
    return f"{head.getvalue()}\n{key}:\n" + "\n".join(texts)
