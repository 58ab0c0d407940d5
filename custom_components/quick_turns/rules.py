"""Which rules apply: looked up by how a state's last step must look, not tried one by one.

Rasa holds every rule against every state. What a rule asks of the latest state is, for nearly all
of them, one previous action and one intent; those that ask for others cannot apply.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.policies.rule_policy import SHOULD_NOT_BE_SET, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import State
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_possible_keys_by_rasa = RulePolicy._get_possible_keys
_KEPT = "_quick_rules"

ANY = None
"""Of an index: the rule asks for nothing there."""

Index = dict[tuple[str | None, str | None], dict[str, str]]


def install() -> None:
    """Replaces Rasa's method."""
    RulePolicy._get_possible_keys = possible_keys


def possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Returns the keys of all rules that apply, as Rasa's method."""
    if not states:
        found: set[str] = _possible_keys_by_rasa(self, lookup, states)
        return found
    index = _index(self, lookup)
    action = states[-1].get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    intent = states[-1].get(USER, {}).get(INTENT)
    some: dict[str, str] = {}
    for key in {(action, intent), (action, ANY), (ANY, intent), (ANY, ANY)}:
        some.update(index.get(key, {}))
    found = _possible_keys_by_rasa(self, some, states)
    return found


def _index(policy: RulePolicy, lookup: dict[str, str]) -> Index:
    kept = policy.__dict__.setdefault(_KEPT, {})
    # In a training, rules are added to the table that they are looked up in.
    known, keys, index = kept.get(id(lookup), (None, None, None))
    if known is not lookup or keys != lookup.keys():
        index = _index_of(lookup.items(), policy)
        kept[id(lookup)] = (lookup, frozenset(lookup), index)
    found: Index = index
    return found


def _index_of(rules: Iterable[tuple[str, str]], policy: RulePolicy) -> Index:
    index: Index = {}
    for key, action in rules:
        latest = policy._rule_key_to_state(key)[-1]
        place: tuple[str | None, str | None] = (ANY, ANY)
        # Of a conversation's beginning, Rasa takes any two for the same.
        if latest.get(PREVIOUS_ACTION):
            place = (
                _asked(latest, PREVIOUS_ACTION, ACTION_NAME),
                _asked(latest, USER, INTENT),
            )
        index.setdefault(place, {})[key] = action
    return index


def _asked(state: State, part: str, name: str) -> str | None:
    """What a state must have there; ANY where it may have whatever it likes."""
    value: Any = state.get(part, {}).get(name)
    return value if isinstance(value, str) and value and value != SHOULD_NOT_BE_SET else ANY
