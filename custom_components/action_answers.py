"""What an action answers is checked against Rasa's schema, which itself is checked once.

Rasa validates the answer of each call of an action with `jsonschema.validate` (RemoteAction in
rasa/core/actions/action.py). That checks the schema first, against the schema of schemas, although
it is a constant: 40 milliseconds a call, most of the processor time of a turn whose actions are
called four times (docs/decisions/0014-what-a-turn-costs.md). A validator that is made once checks
the same answers in a tenth of a millisecond.

There is no setting for it and no class to put in its place, so Rasa's method is replaced, by a
component that otherwise does nothing: whoever leaves it out of `config.yml` has Rasa's own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

_validate_by_rasa = RemoteAction._validate_action_result


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class QuickActionAnswers(GraphComponent):
    """Makes calls of actions cheaper; messages pass through as they are."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuickActionAnswers:
        """Replaces Rasa's check for this process, once however many models it loads."""
        RemoteAction._validate_action_result = _validate
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Gives the messages back."""
        return messages


@cache
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@cache
def _validators_by_event() -> dict[str, Any]:
    """What each kind of event is held against: of Rasa's list, the one that names it."""
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    found: dict[str, Any] = {}
    for one in schema["properties"]["events"]["items"]["oneOf"]:
        named = one["properties"]["event"]["const"]
        # Two of a name: only all together say whether exactly one fits.
        found[named] = None if named in found else kind(one)
    return found


def _is_plainly_valid(result: Any) -> bool:
    """Whether an answer is valid, seen without holding each event against all kinds there are.

    A kind's schema wants its own name, so no other kind's fits an event as well.
    """
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    if not isinstance(events, list) or not isinstance(responses, list):
        return False
    validators = _validators_by_event()
    for event in events:
        named = event.get("event") if isinstance(event, dict) else None
        validator = validators.get(named) if isinstance(named, str) else None
        if validator is None or not validator.is_valid(event):
            return False
    return all(isinstance(response, dict) for response in responses)


def _validate(action: RemoteAction, result: dict[str, Any]) -> bool:
    """Checks an answer.

    Raises:
        ValidationError: It is none, in Rasa's own words.
    """
    if _is_plainly_valid(result):
        return True
    try:
        _validator().validate(result)
        return True
    except ValidationError:
        # Once more by Rasa, whose error says where to read on.
        return bool(_validate_by_rasa(action, result))
