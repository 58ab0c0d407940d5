"""A component of the pipeline that blocks for as long as a test wants."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

HELD_VARIABLE = "TEST_PONDERING_HELD"
"""Names a file: as long as it is there, messages with "ponder" in them are pondered on."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ChannelsTestPondering(GraphComponent):
    """Blocks the thread that it is called in, as a large model does."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ChannelsTestPondering:
        del config, model_storage, resource, execution_context
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        held = os.environ.get(HELD_VARIABLE)
        while held and Path(held).exists() and "ponder" in messages[0].get("text", ""):
            time.sleep(0.05)
        return messages
