"""The component as Rasa sees it: configuration, training; in conversations it does nothing."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.speech_language import fingerprint
from custom_components.speech_language.settings import DEFAULT_CONFIG, SpeechSettings

logger = logging.getLogger(__name__)


# Rasa knows no kind of component that only learns. An extractor is trained and asked, and nothing
# else is expected of it.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SpeechLanguage(GraphComponent):
    """Makes the language model of a speech recogniser out of the assistant's training data.

    It becomes part of the trained model; `voice.model.extract_language` takes it out again. In
    a running assistant the component loads nothing and changes no message: recognisers are
    elsewhere, in processes of their own.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The defaults (see parent class)."""
        return dict(DEFAULT_CONFIG)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages without which it cannot run; their versions are part of the fingerprint."""
        return ["pocketsphinx"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Makes Rasa train anew when a helper module or a file with names changed.

        Rasa itself hashes the source of this class alone.
        """
        # For a node whose outcome is cached, Rasa adds keys of its own.
        known = {key: config[key] for key in DEFAULT_CONFIG if key in config}
        settings = SpeechSettings.from_config(known)
        names = fingerprint.digest_of(one.file for one in settings.names)
        return f"{fingerprint.source_digest(settings.calibrate)}:{names}"

    def __init__(
        self, settings: SpeechSettings, model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Keeps what `create` found out."""
        self._settings = settings
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpeechLanguage:
        """Creates the component; as nothing is ever loaded, Rasa's `load` is the same.

        Raises:
            InvalidConfigException: See `SpeechSettings.from_config`.
        """
        return cls(SpeechSettings.from_config(config), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Makes the language model and persists it; without sentences there is none.

        Raises:
            InvalidConfigException: A file with names cannot be read.
        """
        # Here: what a language model is made with is no business of a server.
        from custom_components.speech_language.sayable import read_sayable
        from voice.general import GeneralModel
        from voice.language import LanguageError, train
        from voice.ngrams import Mixing
        from voice.pronunciation import Pronunciations
        from voice.sphinx import dictionary_path, english_path

        began = time.monotonic()
        sayable = read_sayable(training_data, self._settings.names)
        pronunciations = Pronunciations(dictionary_path())
        words = self._settings.general_words
        english = GeneralModel.read(english_path()) if words else None
        try:
            with self._model_storage.write_to(self._resource) as folder:
                language = train(
                    sayable,
                    Path(folder),
                    pronunciations,
                    general=english,
                    mixing=Mixing(words=words) if words else None,
                )
                if self._settings.calibrate:
                    from voice.calibration import calibrate

                    known = [
                        one.text for one in sayable.sentences if 3 <= len(one.text.split()) <= 12
                    ]
                    calibrate(Path(folder), known, pronunciations)
        except LanguageError as error:
            logger.warning("SpeechLanguage: %s It stays untrained.", error)
            return self._resource
        logger.info(
            "SpeechLanguage: %d words of %d sentences can be heard, %d of them by their letters "
            "only, and %d other words of English; %.0f s.",
            language.words,
            len(sayable.sentences),
            len(language.guessed),
            language.general,
            time.monotonic() - began,
        )
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Leaves messages as they are."""
        return messages
