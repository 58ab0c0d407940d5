"""The component as Rasa sees it: configuration, processing."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, PRETRAINED_EXTRACTORS, TEXT
from rasa.shared.nlu.training_data.message import Message

from custom_components.value_extraction import fingerprint
from custom_components.value_extraction.extraction import as_entity, find_values
from custom_components.value_extraction.settings import DEFAULT_CONFIG, ValueSettings
from custom_components.value_extraction.trained import TrainedFinder, model_fingerprint
from custom_components.value_extraction.words import Reader
from custom_components.value_extraction.zones import now_from


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ValueExtractor(GraphComponent, EntityExtractorMixin):
    """Finds times, durations, recurrences, numbers and measures, and computes what they mean.

    Adds to `entities` what `docs/values.md` describes, in the form of Rasa's
    `DucklingEntityExtractor`, and leaves the others alone. Configuration: `DEFAULT_CONFIG` in
    `settings.py`. Nothing is learnt.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The defaults (see parent class)."""
        return dict(DEFAULT_CONFIG)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages without which it cannot run; their versions are part of the fingerprint."""
        return ["spacy", "dateutil", "dateparser", "tzlocal"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa see that a helper module or the spaCy model changed.

        Rasa itself hashes the source of this class alone.
        """
        return f"{fingerprint.source_digest()}:{model_fingerprint(config.get('spacy_model'))}"

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuses what cannot be used. Rasa does not call it: `create` does.

        Raises:
            InvalidConfigException: See `ValueSettings.from_config`.
        """
        ValueSettings.from_config(config)

    def __init__(self, settings: ValueSettings) -> None:
        """Prepares the reader."""
        self._settings = settings
        self._reader = Reader(max_words=settings.max_words)
        model = settings.spacy_model
        self._trained = TrainedFinder(model) if model and "time" in settings.dimensions else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ValueExtractor:
        """Creates the component.

        Raises:
            InvalidConfigException: See `ValueSettings.from_config`.
        """
        cls.validate_config(config)
        return cls(ValueSettings.from_config(config))

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the values of each message to its entities."""
        for message in messages:
            found = self.add_extractor_name(self._entities(message))
            entities = [*(message.get(ENTITIES) or []), *found]
            message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def _entities(self, message: Message) -> list[dict[str, Any]]:
        text = message.get(TEXT)
        # What begins with a slash is an intent by name, which RegexMessageHandler reads.
        if not isinstance(text, str) or not text.strip() or text.startswith("/"):
            return []
        settings = self._settings
        now = now_from(message.get(METADATA), settings.timezone, settings.day_first)
        words = self._reader.read(text)
        found = [as_entity(words, one) for one in find_values(words, now, settings.dimensions)]
        if self._trained:
            taken = [(one["start"], one["end"]) for one in found]
            found += self._trained.find(text, now, taken)
        return found


# No training data annotate its entities. `rasa test nlu` leaves those of the extractors by these
# names out, as it does with Duckling's, instead of counting them wrong.
PRETRAINED_EXTRACTORS.add(ValueExtractor.__name__)
