"""Slots and the active loop, event by event: as Rasa's own tracker has them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.events import Event as RasaEvent
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from channels.inspector.state import State

INITIAL = {"list": None, "tea": "green"}

EVENTS: list[dict[str, Any]] = [
    {"event": "user", "text": "hello", "parse_data": {"intent": {"name": "greet"}}},
    {"event": "action", "name": "action_listen"},
    {"event": "action", "name": "utter_greet"},
    {"event": "action", "name": "tea_form"},
    {"event": "active_loop", "name": "tea_form"},
    {"event": "active_loop", "name": None},
    {"event": "slot", "name": "list", "value": "shopping"},
    {"event": "slot", "name": "list", "value": None},
    {"event": "slot", "name": "tea", "value": {"sort": "black"}},
    {"event": "reset_slots"},
    {"event": "restart"},
    {"event": "session_started"},
    {"event": "rewind"},
    {"event": "undo"},
    {"event": "bot", "text": "Hi", "data": {}},
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=25))
def test_it_says_what_a_tracker_says(events: list[dict[str, Any]]) -> None:
    slots = [
        AnySlot(name, [], initial_value=value, influence_conversation=False)
        for name, value in INITIAL.items()
    ]
    tracker = DialogueStateTracker("somebody", slots)
    for event in events:
        tracker.update(RasaEvent.from_parameters({**event, "timestamp": 1.0}))
    state = State(INITIAL).apply_all(events)
    assert state.slots == tracker.current_slot_values()
    assert state.loop == tracker.active_loop_name
