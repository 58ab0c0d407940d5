"""Has Rasa do what it does with less work, for this process.

Most of a turn's processor time is spent in Rasa, on what it computes several times over or for
nothing (docs/decisions/0016-load.md). There are no settings for it and no classes to put in the
place of its own, so methods are replaced, by a component that otherwise does nothing: whoever
leaves it out of `config.yml` has Rasa's own. Each replacement returns what Rasa's method would; the
tests hold them side by side.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from custom_components.quick_turns import conversations, events, policies, rules, states


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class QuickTurns(GraphComponent):
    """Makes turns cheaper; messages pass through as they are."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Returns the default settings, each with its reason."""
        return {
            # Of a longer session, so many turns are read with each message, and what slots were
            # before. None: all of it, as Rasa does; then each turn costs more than the one before.
            "turns": 30,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuickTurns:
        """Replaces Rasa's methods for this process, once however many models it loads."""
        install(config["turns"])
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Gives the messages back."""
        return messages


def install(turns: int | None) -> None:
    """Replaces Rasa's methods.

    Args:
        turns: As the setting.
    """
    events.install()
    states.install()
    rules.install()
    policies.install()
    conversations.install(turns)
