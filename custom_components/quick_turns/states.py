"""The states of a conversation: computed once for a prediction, not once for each policy.

Rasa replays a conversation's events for every policy, and for the rules twice, to make the same
states of them. Here they are kept with the tracker until it has another event.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker

_past_states_by_rasa = DialogueStateTracker.past_states
_KEPT = "_quick_states"


def install() -> None:
    """Replaces Rasa's method."""
    DialogueStateTracker.past_states = past_states


def past_states(
    self: DialogueStateTracker,
    domain: Domain,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """Returns the states of a tracker's history, as Rasa's method of the same name."""
    # What is kept with them cannot be another object of the same address.
    key = (omit_unset_slots, ignore_rule_only_turns, _mark(rule_only_data))
    latest = self.events[-1] if self.events else None
    kept = self.__dict__.get(_KEPT)
    if (
        kept is None
        or kept[0] != len(self.events)
        or kept[1] is not latest
        or kept[2] is not domain
    ):
        kept = (len(self.events), latest, domain, {})
        self.__dict__[_KEPT] = kept
    states = kept[3].get(key)
    if states is None:
        states = kept[3][key] = _past_states_by_rasa(
            self, domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data
        )
    # Who asks may change them: the last user's words or intent are taken out, for example.
    return [{kind: dict(part) for kind, part in state.items()} for state in states]


def _mark(rule_only_data: dict[str, Any] | None) -> tuple[Any, ...]:
    if not rule_only_data:
        return ()
    return tuple((name, tuple(values)) for name, values in sorted(rule_only_data.items()))
