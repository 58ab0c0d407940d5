"""The component as Rasa sees it: configuration, training, persistence, processing."""

from __future__ import annotations

import dataclasses
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import (
    ENTITY_ATTRIBUTE_CONFIDENCE_GROUP,
    ENTITY_ATTRIBUTE_CONFIDENCE_ROLE,
    ENTITY_ATTRIBUTE_CONFIDENCE_TYPE,
)
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_GROUP,
    ENTITY_ATTRIBUTE_ROLE,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert import artifacts, compiled, fingerprint, training
from custom_components.joint_bert.dataset import read_examples, read_values
from custom_components.joint_bert.diagnosis import diagnose
from custom_components.joint_bert.encoder import (
    EncoderUnavailableError,
    encoder_fingerprint,
    load_encoder,
    load_tokenizer,
    resolve_encoder,
)
from custom_components.joint_bert.inference import (
    FoundEntity,
    Prediction,
    Predictor,
    Ranked,
)
from custom_components.joint_bert.labels import Example, LabelSpace, Span
from custom_components.joint_bert.settings import DEFAULT_CONFIG, JointBertSettings
from custom_components.joint_bert.spelling import Speller
from custom_components.joint_bert.tokenization import TextEncoder

logger = logging.getLogger(__name__)

SENTIMENT = "sentiment"
SENTIMENT_RANKING = "ranking"
IN_SCOPE = "in_scope"


class UnreadableModelError(RasaException):
    """The trained model that Rasa handed over is damaged or from another version."""


@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
        DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    ],
    is_trainable=True,
)
class JointBertClassifier(GraphComponent, IntentClassifier, EntityExtractorMixin):
    """Reads intent, sentiment and entities of a message with one fine-tuned BERT.

    Sets `intent`, `intent_ranking`, `entities` (as Rasa's own components do) and `sentiment`:
    `{"name": …, "confidence": …, "ranking": […]}`. Without any sentiment in the training data
    there is no `sentiment`. `in_scope` says how well the message fits any intent: one half at
    the threshold that training found, if it found one. Configuration: `DEFAULT_CONFIG` in
    `settings.py`.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The measured defaults (see parent class)."""
        return dict(DEFAULT_CONFIG)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages without which it cannot run; their versions are part of the fingerprint."""
        return ["torch", "transformers"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa train anew when a helper module or the encoder changed.

        Rasa itself hashes the source of this class alone.
        """
        encoder = config.get("encoder", DEFAULT_CONFIG["encoder"])
        return f"{fingerprint.source_digest()}:{encoder_fingerprint(encoder)}"

    def __init__(
        self,
        settings: JointBertSettings,
        model_storage: ModelStorage,
        resource: Resource,
        trained: artifacts.TrainedModel | None = None,
        is_finetuning: bool = False,
    ) -> None:
        """Keeps what `create` or `load` found out."""
        self._settings = settings
        self._model_storage = model_storage
        self._resource = resource
        self._trained = trained
        self._is_finetuning = is_finetuning
        self._device = choose_device(settings.device)
        self._predictor: Predictor | None = None
        if trained is not None and not is_finetuning:
            self._predictor = self._make_predictor(trained)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> JointBertClassifier:
        """Creates an untrained component.

        Raises:
            InvalidConfigException: See `JointBertSettings.from_config`.
        """
        return cls(JointBertSettings.from_config(config), model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> JointBertClassifier:
        """Loads a trained component, or an untrained one where training had no data.

        Raises:
            UnreadableModelError: The model is there, but damaged, foreign or too old.
        """
        settings = JointBertSettings.from_config(config)
        try:
            with model_storage.read_from(resource) as folder:
                trained = (
                    artifacts.load(Path(folder), settings) if any(Path(folder).iterdir()) else None
                )
        except ValueError as error:
            # Nothing was ever persisted; `artifacts.load` has errors of its own.
            logger.debug("No trained model for %s: %s", resource.name, error)
            trained = None
        except artifacts.ArtifactError as error:
            raise UnreadableModelError(str(error)) from error
        return cls(settings, model_storage, resource, trained, execution_context.is_finetuning)

    def train(self, training_data: TrainingData) -> Resource:
        """Fine-tunes the encoder on Rasa's training data and persists the outcome.

        Raises:
            InvalidConfigException: The encoder is not to be had.
            SentimentLabelError: An example has a sentiment that is not configured.
        """
        settings = self._settings
        examples = read_examples(
            training_data, settings.sentiment_key, settings.sentiment_classes, self.name
        )
        labels = LabelSpace.of(examples, settings.sentiment_classes)
        if labels.is_empty:
            logger.warning(
                "JointBertClassifier: no intents, sentiments or entities to learn; "
                "it stays untrained."
            )
            return self._resource
        continues = (
            self._is_finetuning and self._trained is not None and self._trained.labels == labels
        )
        if continues and self._trained is not None:
            trained = self._trained
        else:
            trained = self._untrained(labels)
        outcome = training.train(
            trained.model.to(self._device),
            trained.text_encoder,
            examples,
            labels,
            settings,
            self._device,
            from_scratch=not continues,
            more_values=read_values(training_data, examples),
        )
        trained = dataclasses.replace(
            self._compiled(trained, examples),
            speller=Speller.of(one.text for one in examples) if settings.correct_spelling else None,
        )
        predictor = self._make_predictor(trained)
        trained = dataclasses.replace(
            trained,
            diagnosis=diagnose(
                outcome.vectors,
                outcome.examples,
                outcome.reports,
                settings.seed,
                _entities_of(predictor, outcome.held_out),
            ),
        )
        with self._model_storage.write_to(self._resource) as folder:
            artifacts.save(Path(folder), trained, settings)
        self._trained = trained
        self._predictor = predictor
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds intent, entities and sentiment to each message."""
        if self._predictor is None:
            return messages
        texts = [message.get(TEXT) or "" for message in messages]
        with torch_threads(self._settings.inference_threads):
            predictions = self._predictor.predict(texts)
        for message, prediction in zip(messages, predictions, strict=True):
            self._set_intent(message, prediction)
            self._set_sentiment(message, prediction)
            self._set_entities(message, prediction)
        return messages

    def _untrained(self, labels: LabelSpace) -> artifacts.TrainedModel:
        try:
            folder = resolve_encoder(self._settings.encoder)
            encoder = load_encoder(folder, self._settings.dropout)
            text_encoder = TextEncoder(load_tokenizer(folder), self._settings.max_length)
        except EncoderUnavailableError as error:
            raise InvalidConfigException(f"JointBertClassifier: {error}") from error
        torch.manual_seed(self._settings.seed)
        return artifacts.TrainedModel(
            artifacts.build_model(encoder, labels, self._settings), text_encoder, labels
        )

    def _compiled(
        self, trained: artifacts.TrainedModel, examples: Sequence[Example]
    ) -> artifacts.TrainedModel:
        """Adds the model for ONNX Runtime, where it is to be used."""
        wanted = self._settings.runtime != "torch" and self._device.type == "cpu"
        if not wanted or not compiled.is_available() or not compiled.can_compile(trained.model):
            if self._settings.runtime == "onnx":
                logger.warning(
                    "JointBertClassifier: no ONNX Runtime for this model; torch runs it."
                )
            return dataclasses.replace(trained, compiled=None)
        content, measured = compiled.compile_model(
            trained.model.eval(),
            training.judges(trained.text_encoder, trained.labels, examples, self._settings.seed),
        )
        return dataclasses.replace(trained, compiled=content, measured=measured)

    def _make_predictor(self, trained: artifacts.TrainedModel) -> Predictor:
        runner = None
        if (
            trained.compiled is not None
            and self._settings.runtime != "torch"
            and self._device.type == "cpu"
            and compiled.is_available()
        ):
            threads = self._settings.inference_threads
            runner = compiled.CompiledModel(trained.compiled, trained.model, threads)
        model = trained.model.to(self._device)
        speller = trained.speller if self._settings.correct_spelling else None
        return Predictor(model, trained.text_encoder, trained.labels, self._device, runner, speller)

    def _set_intent(self, message: Message, prediction: Prediction) -> None:
        if not self._predictor or not self._predictor.labels.intents:
            return
        ranking = [
            _as_intent(intent) for intent in prediction.intents[: self._settings.ranking_length]
        ]
        # Rasa's form for "no idea", which FallbackClassifier understands.
        nothing = {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
        message.set(INTENT, dict(ranking[0]) if ranking else nothing, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        if prediction.in_scope is not None:
            message.set(IN_SCOPE, prediction.in_scope, add_to_output=True)

    def _set_sentiment(self, message: Message, prediction: Prediction) -> None:
        if not prediction.sentiments:
            return
        ranking = [_as_intent(sentiment) for sentiment in prediction.sentiments]
        message.set(SENTIMENT, {**ranking[0], SENTIMENT_RANKING: ranking}, add_to_output=True)

    def _set_entities(self, message: Message, prediction: Prediction) -> None:
        text = message.get(TEXT) or ""
        found = self.add_extractor_name(
            [_as_entity(entity, text) for entity in prediction.entities]
        )
        message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)


# Rasa's validator knows the extractors that learn by their classes, and has no way to name one
# more: without this, each training begins with the false word that nothing learns the entities.
for _message in (
    "You have defined training data consisting of entity examples, but your NLU configuration",
    "You have defined training data with entities that have roles/groups, but your NLU",
    "You have defined training data consisting of lookup tables, but your NLU configuration",
):
    warnings.filterwarnings("ignore", message=_message, category=UserWarning)


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Caps torch's threads for a while; 0 changes nothing."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def choose_device(wanted: str) -> torch.device:
    """Returns the torch device of a configured name.

    Raises:
        InvalidConfigException: A GPU is asked for and torch sees none.
    """
    has_gpu = torch.cuda.is_available()
    if wanted == "cuda" and not has_gpu:
        raise InvalidConfigException(
            "JointBertClassifier: 'device: cuda' cannot be used, torch sees no GPU; "
            "take 'auto' or 'cpu'."
        )
    return torch.device("cuda" if has_gpu and wanted != "cpu" else "cpu")


def _entities_of(
    predictor: Predictor, examples: Sequence[Example]
) -> list[tuple[Sequence[Span], Sequence[Span]]]:
    """Returns the entities of examples: the annotated ones, and those that are found."""
    annotated = [one for one in examples if one.spans is not None]
    return [
        (example.spans or (), [Span(one.start, one.end, one.label) for one in prediction.entities])
        for example, prediction in zip(
            annotated, predictor.predict([one.text for one in annotated]), strict=True
        )
    ]


def _as_intent(ranked: Ranked) -> dict[str, Any]:
    return {INTENT_NAME_KEY: ranked.name, PREDICTED_CONFIDENCE_KEY: ranked.confidence}


def _as_entity(found: FoundEntity, text: str) -> dict[str, Any]:
    entity: dict[str, Any] = {
        ENTITY_ATTRIBUTE_TYPE: found.label.entity,
        ENTITY_ATTRIBUTE_START: found.start,
        ENTITY_ATTRIBUTE_END: found.end,
        ENTITY_ATTRIBUTE_CONFIDENCE_TYPE: found.confidence,
        ENTITY_ATTRIBUTE_VALUE: text[found.start : found.end],
    }
    if found.label.role is not None:
        entity[ENTITY_ATTRIBUTE_ROLE] = found.label.role
        entity[ENTITY_ATTRIBUTE_CONFIDENCE_ROLE] = found.confidence
    if found.label.group is not None:
        entity[ENTITY_ATTRIBUTE_GROUP] = found.label.group
        entity[ENTITY_ATTRIBUTE_CONFIDENCE_GROUP] = found.confidence
    return entity
