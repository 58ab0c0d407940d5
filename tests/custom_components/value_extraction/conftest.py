"""A component as Rasa makes it, and its entities in the short form of the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from custom_components.value_extraction import ValueExtractor

Entities = list[dict[str, Any]]
Extract = Callable[..., Entities]


def create(folder: Path, **config: Any) -> ValueExtractor:
    """Makes a component in the way Rasa does."""
    return ValueExtractor.create(
        {**ValueExtractor.get_default_config(), **config},
        LocalModelStorage(folder),
        Resource("values"),
        ExecutionContext(GraphSchema({}), node_name="values"),
    )


def entities_of(
    component: ValueExtractor,
    text: str | None,
    at: str = "2026-11-18T15:00",
    zone: str = "Europe/Berlin",
) -> Entities:
    """Returns the entities of a text that is said at a time in a zone."""
    message = Message(
        data={"text": text, "metadata": {"reference_time": at, "timezone": zone}},
    )
    component.process([message])
    found: Entities = message.get("entities")
    return found


def shorten(entity: dict[str, Any]) -> str:
    """Returns an entity in the form of the tables in `cases.py`."""
    kind, value, info = entity["entity"], entity["value"], entity["additional_info"]
    if kind == "time":
        if isinstance(value, dict):
            local = f"{_local(value['from'])}>{_local(value['to'])}"
            assert info["type"] == "interval"
        else:
            local = _local(value)
            assert info["type"] == "value"
        return f"time {local} {info['grain']}"
    if kind == "recurrence":
        return f"recurrence {value} {_local(info['start'])}"
    if kind == "invalid":
        assert value == entity["text"]
        return f"invalid {info['reason']}"
    unit = info.get("unit")
    return f"{kind} {value} {unit}" if unit and kind != "duration" else f"{kind} {value}"


def _local(moment: str | None) -> str:
    return moment[:16] if moment else "None"


@pytest.fixture(scope="session")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> ValueExtractor:
    """A component with the defaults; making one takes half a second."""
    return create(tmp_path_factory.mktemp("values"))
