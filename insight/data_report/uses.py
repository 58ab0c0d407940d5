"""Slots, responses and actions that nothing asks for, sets, reads, says or calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa.shared.core.constants import DEFAULT_ACTION_NAMES

from insight.data_report.findings import Finding
from insight.training_data.code_use import CodeUse
from insight.training_data.elements import Slot, Story, TrainingData

_RASAS_RESPONSES = frozenset(
    {"utter_default", "utter_restart", "utter_back", "utter_ask_rephrase", "utter_ask_affirmation"}
)
_RASAS_SLOTS = frozenset({"requested_slot", "session_started_metadata", "return_value"})
_RASAS_ACTIONS = frozenset(DEFAULT_ACTION_NAMES) | {"action_validate_slot_mappings"}


class Uses:
    """Who uses what in a project."""

    def __init__(self, data: TrainingData, code: CodeUse, *, finds_more: bool) -> None:
        """Takes what there is.

        Args:
            data: Training data and domain.
            code: What the code and the configuration mention.
            finds_more: Whether the pipeline finds entities that no example has.
        """
        self._data = data
        self._code = code
        self._finds_more = finds_more
        self._entities = {one.entity for example in data.examples for one in example.annotations}
        self._entities |= data.listed_entities
        self._said = {intent.split("/")[0] for intent in data.intents} | set(data.domain_intents)
        self._never_set = {
            name for name, slot in data.slots.items() if not self._is_set(name, slot)
        }
        # A rule that waits for a slot which nothing sets is never applied.
        stories = [story for story in data.stories if self._applies(story)]
        self._done = set().union(*(story.actions for story in stories)) if stories else set()
        self._loops = set().union(*(story.loops for story in stories)) if stories else set()
        self._fillings = (
            self._said
            | {part for intent in data.intents for part in intent.split("/")}
            | set(data.slots)
            | set(data.forms)
            | set(data.domain_entities)
            | {one.value for example in data.examples for one in example.annotations}
        )

    def check(self) -> Iterator[Finding]:
        """Looks at slots, responses and actions."""
        yield from self._slots()
        for name, response in self._data.responses.items():
            if not self._is_said(name):
                yield Finding("response", str(response.place), f"nothing says {name}")
        for name, place in self._data.actions.items():
            if not self._is_called(name):
                yield Finding("action", str(place), f"nothing calls {name}")
        for name, form in self._data.forms.items():
            if name not in self._done | self._loops and not self._code.mentions(name):
                yield Finding("action", str(form.place), f"nothing begins the form {name}")

    def _slots(self) -> Iterator[Finding]:
        for name, slot in self._data.slots.items():
            if name in self._never_set:
                yield Finding("never_set", str(slot.place), f"nothing sets {name}")
        for form_name, form in self._data.forms.items():
            for wanted, place in form.slots.items():
                if not self._is_asked(form_name, wanted):
                    what = f"{form_name} wants {wanted}, and nothing asks for it"
                    yield Finding("never_asked", str(place), what)
        for name, slot in self._data.slots.items():
            if not self._is_read(name):
                yield Finding("never_read", str(slot.place), f"nothing reads {name}")

    def _applies(self, story: Story) -> bool:
        return not (story.is_rule and story.slots & self._never_set)

    def _is_set(self, name: str, slot: Slot) -> bool:
        mentioned = name in self._code.slots_set or self._code.mentions(name)
        return (
            name in _RASAS_SLOTS
            or mentioned
            or any(self._fills(mapping) for mapping in slot.mappings)
        )

    def _fills(self, mapping: Mapping[str, Any]) -> bool:
        kind = mapping.get("type")
        if kind == "from_entity":
            return self._finds_more or mapping.get("entity") in self._entities
        if kind in ("from_intent", "from_trigger_intent"):
            wanted = _listed(mapping.get("intent"))
            # Without an intent any will do, but for those that are ruled out.
            return not wanted or any(intent in self._said for intent in wanted)
        return kind == "from_text"

    def _is_asked(self, form: str, slot: str) -> bool:
        ways = [f"utter_ask_{form}_{slot}", f"utter_ask_{slot}"]
        actions = [f"action_ask_{form}_{slot}", f"action_ask_{slot}"]
        return any(way in self._data.responses for way in ways) or any(
            action in self._data.actions for action in actions
        )

    def _is_read(self, name: str) -> bool:
        data = self._data
        return (
            name in _RASAS_SLOTS
            or any(name in story.slots for story in data.stories)
            or any(name in response.slots for response in data.responses.values())
            or any(name in form.slots for form in data.forms.values())
            or self._code.mentions(name)
        )

    def _is_said(self, name: str) -> bool:
        if name in _RASAS_RESPONSES or name in self._done or name in self._asking():
            return True
        # Answers of a retrieval intent are called by the selector.
        if "/" in name:
            intents = {intent.split("/")[0] for intent in self._data.intents if "/" in intent}
            return name.removeprefix("utter_").split("/")[0] in intents
        return self._code.mentions(name, self._fillings)

    def _is_called(self, name: str) -> bool:
        if name in self._done or name in _RASAS_ACTIONS or name in self._asking():
            return True
        if name.removeprefix("validate_") in self._data.forms or name in self._data.responses:
            return True
        return self._code.mentions(name, self._fillings)

    def _asking(self) -> set[str]:
        return {
            f"{kind}_ask_{way}"
            for form, about in self._data.forms.items()
            for slot in about.slots
            for kind in ("utter", "action")
            for way in (f"{form}_{slot}", slot)
        }


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]
