"""The policy that keeps the bot silent while a person has the conversation."""

from __future__ import annotations

import re
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    USER_INTENT_BACK,
    USER_INTENT_RESTART,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException

_DEFAULTS = {
    # Above RulePolicy (6): of predictions that are equally sure, the higher one is followed.
    "priority": 7,
    # The slot that is set while a person has the conversation.
    "slot": "handed_off",
    # What ends the silence, and says so.
    "action": "action_take_back",
    # What the user types to end it. Exactly that: everything else is for the person.
    "phrase": "back to Parley",
}
_MARKS = re.compile(r"[\s.!?,]+")


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class HandedOffPolicy(Policy):
    """Listens, whatever is said, while a slot is set; and has an opinion on nothing else.

    The silence ends with the user's phrase or with Rasa's own intent `back`, which a person's
    tool triggers through the HTTP API. Both let `action_take_back` speak. `restart` is left to
    the other policies, as ever.

    Rasa's `ConversationPaused` is no substitute: a paused conversation predicts nothing at all,
    so nothing that the user types could end it, and it lapses unnoticed with the session.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Any = None,
    ) -> None:
        """Checks the configuration.

        Raises:
            InvalidConfigException: If a key is unknown, or the phrase is empty.
        """
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        allowed = {*_DEFAULTS, "max_history", "name"}
        if unknown := sorted(set(config) - allowed):
            raise InvalidConfigException(f"HandedOffPolicy knows no {', '.join(unknown)}.")
        self._phrase = _plain(str(config["phrase"]))
        if not self._phrase:
            raise InvalidConfigException("HandedOffPolicy needs a `phrase` that ends the silence.")

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The configuration, where `config.yml` says nothing."""
        return dict(_DEFAULTS)

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        """Learns nothing; leaves its mark, so that Rasa can cache it."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "learns_nothing").touch()
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> HandedOffPolicy:
        """Makes it anew, for it keeps nothing."""
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predicts to listen, or to speak again; nothing while nobody else has the talk."""
        probabilities: list[float] = self._default_predictions(domain)
        action = self._next(tracker)
        if action is not None:
            probabilities[domain.index_for_action(action)] = 1.0
        # Goes before all other predictions, those of a form included.
        return self._prediction(probabilities, is_no_user_prediction=action is not None)

    def _next(self, tracker: DialogueStateTracker) -> str | None:
        action = str(self.config["action"])
        if not tracker.get_slot(self.config["slot"]):
            spoke = tracker.latest_action_name == action
            return str(ACTION_LISTEN_NAME) if spoke else None
        message = tracker.latest_message
        intent = message.intent_name if message else None
        if intent == USER_INTENT_RESTART:
            return None
        said = _plain(message.text or "") if message else ""
        if tracker.latest_action_name != ACTION_LISTEN_NAME:
            return str(ACTION_LISTEN_NAME)
        ends = bool(intent == USER_INTENT_BACK or said == self._phrase)
        return action if ends else str(ACTION_LISTEN_NAME)


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text).strip().casefold()
