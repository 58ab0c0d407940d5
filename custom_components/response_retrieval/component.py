"""The selector as Rasa sees it: configuration, training, persistence, processing."""

from __future__ import annotations

import hashlib
import logging
import warnings
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import (
    RESPONSE_SELECTOR_DEFAULT_INTENT,
    RESPONSE_SELECTOR_PREDICTION_KEY,
    RESPONSE_SELECTOR_PROPERTY_NAME,
    RESPONSE_SELECTOR_RANKING_KEY,
    RESPONSE_SELECTOR_RESPONSES_KEY,
    RESPONSE_SELECTOR_RETRIEVAL_INTENTS,
    RESPONSE_SELECTOR_UTTER_ACTION_KEY,
)
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    INTENT_RESPONSE_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.nlu.training_data.util import intent_response_key_to_template_key

from custom_components import sentence_encoder
from custom_components.response_retrieval import artifacts
from custom_components.response_retrieval.answers import Answers
from custom_components.response_retrieval.settings import DEFAULT_CONFIG, SelectorSettings
from custom_components.sentence_encoder import (
    EncoderUnavailableError,
    SentenceEncoder,
    fingerprint_encoder,
)

logger = logging.getLogger(__name__)


class UnreadableSelectorError(RasaException):
    """The trained selector that Rasa handed over is damaged or from another version."""


# Rasa's validators look for its own class, and for responses under its own names; they have no way
# to be told of others.
for _message in (
    "You have defined training data with examples for training a response selector",
    r"Your training data contains an example '[\s\S]*' for the '[^']*' intent\. You either need",
):
    warnings.filterwarnings("ignore", message=_message, category=UserWarning)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SemanticResponseSelector(GraphComponent, IntentClassifier):
    """Picks the answer of a retrieval intent whose examples mean what the message means.

    Fills `response_selector` as Rasa's own `ResponseSelector` does, under the key of its
    retrieval intent or "default". Messages of other intents only get `all_retrieval_intents`:
    they cost nothing. A confidence is the probability that this is the answer, given that it
    is one of them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The defaults (see parent class)."""
        return dict(DEFAULT_CONFIG)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages without which it cannot run; their versions are part of the fingerprint."""
        return ["torch", "sentence_transformers"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa train anew when a helper module or the encoder changed.

        Rasa itself hashes the source of this class alone.
        """
        encoder = config.get("encoder", DEFAULT_CONFIG["encoder"])
        return f"{_source_digest()}:{fingerprint_encoder(encoder)}"

    def __init__(
        self,
        settings: SelectorSettings,
        model_storage: ModelStorage,
        resource: Resource,
        trained: artifacts.TrainedSelector | None = None,
    ) -> None:
        """Keeps what `create` or `load` found out."""
        self._settings = settings
        self._model_storage = model_storage
        self._resource = resource
        self._trained = trained
        self._encoder: SentenceEncoder | None = None
        if trained is not None:
            self._encoder = self._load_encoder(trained.encoder_digest)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SemanticResponseSelector:
        """Creates an untrained component.

        Raises:
            InvalidConfigException: See `SelectorSettings.from_config`.
        """
        return cls(SelectorSettings.from_config(config), model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SemanticResponseSelector:
        """Loads a trained component, or an untrained one where training had no data.

        Raises:
            UnreadableSelectorError: The selector is there, but damaged, foreign or too old.
            InvalidConfigException: The encoder is not there, or not the one of the training.
        """
        settings = SelectorSettings.from_config(config)
        try:
            with model_storage.read_from(resource) as folder:
                trained = artifacts.read(Path(folder)) if any(Path(folder).iterdir()) else None
        except ValueError as error:
            # Nothing was ever persisted; `artifacts.read` has errors of its own.
            logger.debug("No trained selector for %s: %s", resource.name, error)
            trained = None
        except artifacts.ArtifactError as error:
            raise UnreadableSelectorError(str(error)) from error
        return cls(settings, model_storage, resource, trained)

    def train(self, training_data: TrainingData) -> Resource:
        """Embeds the examples of retrieval intents and persists what that gives.

        Raises:
            InvalidConfigException: The encoder is not to be had.
        """
        wanted = self._settings.retrieval_intent
        examples = [
            (message.get(TEXT), message.get(INTENT_RESPONSE_KEY))
            for message in training_data.intent_examples
            if message.get(INTENT_RESPONSE_KEY)
            and (message.get(TEXT) or "").strip()
            and wanted in (None, message.get(INTENT))
        ]
        if not examples:
            logger.warning(
                "SemanticResponseSelector: no examples of %s; it stays untrained.",
                f"the retrieval intent '{wanted}'" if wanted else "any retrieval intent",
            )
            return self._resource
        digest = fingerprint_encoder(self._settings.encoder)
        self._encoder = self._load_encoder(digest)
        answers = Answers.of(
            self._encoder.encode([text for text, _ in examples]), [name for _, name in examples]
        )
        responses = {
            name: list(training_data.responses[name])
            for name in map(intent_response_key_to_template_key, answers.names)
            if name in training_data.responses
        }
        self._trained = artifacts.TrainedSelector(
            answers, tuple(sorted(training_data.retrieval_intents)), responses, digest
        )
        with self._model_storage.write_to(self._resource) as folder:
            artifacts.write(Path(folder), self._trained)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds `response_selector` to each message."""
        if self._trained is None or self._encoder is None:
            return messages
        concerned = [message for message in messages if self._is_concerned(message)]
        vectors = self._encoder.encode([message.get(TEXT) or "" for message in concerned])
        for message in messages:
            self._add(message, None)
        for message, vector in zip(concerned, vectors, strict=True):
            ranked = self._trained.answers.ranked(vector)
            self._add(message, self._selected(ranked[: self._settings.ranking_length]))
        return messages

    def _is_concerned(self, message: Message) -> bool:
        """Whether the message may have a retrieval intent of this selector."""
        assert self._trained is not None
        own = self._settings.retrieval_intent
        mine = {own} if own else set(self._trained.retrieval_intents)
        if (message.get(INTENT) or {}).get(INTENT_NAME_KEY) in mine:
            return True
        return any(
            intent.get(INTENT_NAME_KEY) in mine
            and intent.get(PREDICTED_CONFIDENCE_KEY, 0.0) >= self._settings.least_confidence
            for intent in message.get(INTENT_RANKING_KEY) or ()
        )

    def _selected(self, ranked: list[tuple[str, float]]) -> dict[str, Any]:
        """Returns the prediction in the form of Rasa's `ResponseSelector`."""
        assert self._trained is not None
        name, confidence = ranked[0]
        responses = self._trained.responses.get(intent_response_key_to_template_key(name), [])
        return {
            RESPONSE_SELECTOR_PREDICTION_KEY: {
                RESPONSE_SELECTOR_RESPONSES_KEY: [dict(response) for response in responses],
                PREDICTED_CONFIDENCE_KEY: confidence,
                INTENT_RESPONSE_KEY: name,
                RESPONSE_SELECTOR_UTTER_ACTION_KEY: self._settings.utter_action_of(name),
            },
            RESPONSE_SELECTOR_RANKING_KEY: [
                {PREDICTED_CONFIDENCE_KEY: confidence, INTENT_RESPONSE_KEY: name}
                for name, confidence in ranked
            ],
        }

    def _add(self, message: Message, selected: dict[str, Any] | None) -> None:
        assert self._trained is not None
        # Another selector may have been here already.
        selector = dict(message.get(RESPONSE_SELECTOR_PROPERTY_NAME) or {})
        selector[RESPONSE_SELECTOR_RETRIEVAL_INTENTS] = list(self._trained.retrieval_intents)
        if selected is not None:
            key = self._settings.retrieval_intent or RESPONSE_SELECTOR_DEFAULT_INTENT
            selector[key] = selected
        message.set(RESPONSE_SELECTOR_PROPERTY_NAME, selector, add_to_output=True)

    def _load_encoder(self, digest: str) -> SentenceEncoder:
        settings = self._settings
        if fingerprint_encoder(settings.encoder) != digest:
            raise InvalidConfigException(
                f"SemanticResponseSelector: the encoder '{settings.encoder}' is not there, or not "
                "the one that the model was trained with: train again."
            )
        try:
            return SentenceEncoder(
                settings.encoder, settings.max_length, settings.inference_threads
            )
        except EncoderUnavailableError as error:
            raise InvalidConfigException(f"SemanticResponseSelector: {error}") from error


def _source_digest() -> str:
    digest = hashlib.sha256()
    for path in [*sorted(Path(__file__).parent.glob("*.py")), Path(sentence_encoder.__file__)]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
