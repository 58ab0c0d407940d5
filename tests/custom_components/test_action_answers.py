"""Answers of actions are still checked, by the same schema, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema import ValidationError
from jsonschema.validators import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from custom_components.action_answers import QuickActionAnswers

FITTING: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {
        "events": [{"event": "slot", "name": "mood", "value": "steady"}],
        "responses": [{"text": "a"}],
    },
    {},
]
UNFIT: list[Any] = [
    {"events": [{"event": "slot", "value": 1}]},
    {"events": [{"name": "mood"}]},
    {"responses": "hello"},
    ["events"],
]


@pytest.fixture(autouse=True)
def rasas_own() -> Iterator[None]:
    own = RemoteAction._validate_action_result
    yield
    RemoteAction._validate_action_result = own


def made() -> QuickActionAnswers:
    nothing = cast(Any, None)
    return QuickActionAnswers.create(
        {},
        cast(ModelStorage, nothing),
        Resource("any"),
        cast(ExecutionContext, nothing),
    )


@pytest.mark.parametrize("answer", FITTING)
def test_what_fits_passes(answer: Any) -> None:
    made()
    assert RemoteAction("action_any", None)._validate_action_result(answer)


@pytest.mark.parametrize("answer", UNFIT)
def test_what_does_not_fit_is_refused_as_rasa_does(answer: Any) -> None:
    action = RemoteAction("action_any", None)
    with pytest.raises(ValidationError) as by_rasa:
        action._validate_action_result(answer)
    made()
    with pytest.raises(ValidationError) as found:
        action._validate_action_result(answer)
    assert str(found.value) == str(by_rasa.value)
    assert "custom-actions" in str(found.value)


def test_the_schema_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    check = Draft202012Validator.check_schema

    def counted(schema: Any, *rest: Any, **more: Any) -> None:
        checked.append(schema)
        check(schema, *rest, **more)

    monkeypatch.setattr(Draft202012Validator, "check_schema", counted)
    action = RemoteAction("action_any", None)
    action._validate_action_result({})
    assert len(checked) == 1, "Rasa does what this component is there to save"
    made()
    for _ in range(5):
        action._validate_action_result({})
    # Once for the validator, where no other test has made it already.
    assert len(checked) <= 2


def test_messages_pass_through() -> None:
    messages = [Message({"text": "hello"})]
    assert made().process(messages) is messages
