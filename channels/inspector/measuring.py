"""Measures Rasa's work from inside: nothing of it is written down anywhere in Rasa.

The methods are wrapped on Rasa's classes, not on an agent's objects: another model brings another
agent, processor and graph, and those are measured too. Nothing is wrapped before `measure` is
called, which the inspector does when its server starts, and `observing` before, where it is asked
for. A process has one measurement; who comes second shares it.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphNode
from rasa.shared.core.events import UserUttered
from rasa.utils.endpoints import EndpointConfig

from channels.inspector.timing import Timings, innermost, moment, span

Method = TypeVar("Method", bound=Callable[..., Any])

_STAGES = (
    ("fetch_tracker_and_update_session", "fetching", "conversation fetched"),
    ("run_action_extract_slots", "slots", "slots filled"),
    ("save_tracker", "saving", "conversation saved"),
    ("execute_side_effects", "sending", "said, reminders set"),
)
"""Asynchronous methods of the processor that are stages as they are: kind and name."""


_measured: list[Timings] = []
"""What this process measures into, where it does."""


def timings_of_process(most: int) -> Timings:
    """What is measured into already; if nothing is, what could be.

    Args:
        most: Turns that are kept at least.
    """
    if not _measured:
        return Timings(most)
    _measured[0].keep(most)
    _measured[0].opinions = True
    return _measured[0]


def measure(timings: Timings) -> ExitStack:
    """Begins to measure, unless it is measured into these timings already.

    Returns:
        What ends it again, when it is closed.
    """
    wrapped = ExitStack()
    if timings in _measured:
        return wrapped
    _measured.append(timings)
    wrapped.callback(_measured.remove, timings)

    def wrap(owner: type, name: str, wrapper: Callable[[Any], Any]) -> None:
        original = owner.__dict__[name]
        setattr(owner, name, functools.wraps(original)(wrapper(original)))
        wrapped.callback(setattr, owner, name, original)

    wrap(Agent, "handle_message", lambda method: _agent_handles(method, timings))
    wrap(MessageProcessor, "handle_message", lambda method: _processor_handles(method, timings))
    wrap(MessageProcessor, "parse_message", lambda method: _parses(method, timings))
    wrap(
        MessageProcessor,
        "trigger_external_user_uttered",
        lambda method: _is_triggered(method, timings),
    )
    wrap(MessageProcessor, "_predict_next_with_tracker", _predicts)
    wrap(MessageProcessor, "_run_action", _runs_action)
    for name, kind, told in _STAGES:
        wrap(MessageProcessor, name, functools.partial(_stage, kind=kind, told=told))
    wrap(GraphNode, "__call__", lambda method: _runs_node(method, timings))
    wrap(RemoteAction, "run", _asks_action_server)
    wrap(EndpointConfig, "request", _asks_endpoint)
    return wrapped


def _agent_handles(method: Method, timings: Timings) -> Any:
    async def handle_message(self: Agent, message: UserMessage) -> Any:
        with timings.turn(message.sender_id, message.message_id) as recording:
            recording.arrived = time.perf_counter()
            return await method(self, message)

    return handle_message


def _processor_handles(method: Method, timings: Timings) -> Any:
    async def handle_message(self: MessageProcessor, message: UserMessage) -> Any:
        with timings.turn(message.sender_id, message.message_id) as recording:
            if recording.arrived:
                # Another message of the conversation may have been answered until now.
                with span("waiting", "waited for its turn") as waited:
                    if waited is not None:
                        waited.start, recording.arrived = recording.arrived, 0.0
            return await method(self, message)

    return handle_message


def _parses(method: Method, timings: Timings) -> Any:
    async def parse_message(self: Any, message: UserMessage, *more: Any, **named: Any) -> Any:
        with timings.turn(message.sender_id, message.message_id):
            with span("understanding", "understood"):
                return await method(self, message, *more, **named)

    return parse_message


def _is_triggered(method: Method, timings: Timings) -> Any:
    async def trigger_external_user_uttered(
        self: Any, intent_name: str, entities: Any, tracker: Any, output_channel: Any
    ) -> Any:
        known = len(tracker.events)
        with timings.turn(tracker.sender_id, f"external {id(tracker)}") as recording:
            result = await method(self, intent_name, entities, tracker, output_channel)
        for event in list(tracker.events)[known:]:
            if isinstance(event, UserUttered):
                timings.rename(recording, moment(event.timestamp))
                break
        return result

    return trigger_external_user_uttered


def _predicts(method: Method) -> Any:
    def predict(self: MessageProcessor, tracker: Any) -> PolicyPrediction:
        with span("prediction", "next action chosen") as measured:
            prediction = method(self, tracker)
        if measured is not None:
            names = self.domain.action_names_or_texts
            measured.note.update(
                action=names[prediction.max_confidence_index],
                policy=prediction.policy_name,
                confidence=float(prediction.max_confidence),
            )
        return prediction

    return predict


def _runs_action(method: Method) -> Any:
    async def run_action(self: Any, action: Any, *more: Any, **named: Any) -> Any:
        with span("action", action.name()):
            return await method(self, action, *more, **named)

    return run_action


def _stage(method: Callable[..., Awaitable[Any]], kind: str, told: str) -> Any:
    async def stage(self: Any, *more: Any, **named: Any) -> Any:
        with span(kind, told):
            return await method(self, *more, **named)

    return stage


def _runs_node(method: Method, timings: Timings) -> Any:
    def call(self: GraphNode, *inputs: Any) -> Any:
        within = innermost()
        if within is None:
            return method(self, *inputs)
        kind = "policy" if within.kind == "prediction" else "component"
        with span(kind, self._component_class.__name__) as measured:
            result = method(self, *inputs)
        if measured is not None:
            measured.note["node"] = self._node_name
            if timings.opinions and isinstance(result[1], PolicyPrediction):
                _note_opinion(measured.note, result[1], inputs)
        return result

    return call


def _note_opinion(note: dict[str, Any], prediction: PolicyPrediction, inputs: Any) -> None:
    """What a policy would have done; the domain is among what its node was given."""
    domain = next(
        (given[1] for given in inputs if hasattr(given[1], "action_names_or_texts")), None
    )
    confidence = float(prediction.max_confidence)
    note["confidence"] = confidence
    if domain is not None and confidence > 0:
        note["action"] = domain.action_names_or_texts[prediction.max_confidence_index]


def _asks_action_server(method: Method) -> Any:
    async def run(self: RemoteAction, *more: Any, **named: Any) -> Any:
        with span("remote", self.name()):
            return await method(self, *more, **named)

    return run


def _asks_endpoint(method: Method) -> Any:
    async def request(self: EndpointConfig, *more: Any, **named: Any) -> Any:
        within = innermost()
        # Where it is asked is not told: an address may hold a password.
        asked = "action server" if within and within.kind == "remote" else "another server"
        with span("request", asked):
            return await method(self, *more, **named)

    return request
