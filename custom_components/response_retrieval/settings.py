"""What can be configured about the selector, the defaults, and their validation."""

from __future__ import annotations

import difflib
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

from custom_components.sentence_encoder import PACKAGED

DEFAULT_CONFIG: dict[str, Any] = {
    # A folder saved by sentence-transformers or transformers, or the packaged default.
    "encoder": PACKAGED,
    # The one retrieval intent whose answers are told apart; null: those of all of them together,
    # which also mends a message that the classifier took for the other retrieval intent.
    "retrieval_intent": None,
    # What Rasa says for an answer, by `{intent}` and `{topic}`. Rasa's own naming, which makes a
    # response's text part of the training data: one changed comma trains the classifier anew.
    # Another ("utter_{intent}_{topic}") names plain responses, whose texts train nothing.
    "utter_action": "utter_{intent}/{topic}",
    # A retrieval intent that is given at least this confidence is worth the encoder's work.
    # Lower than what an intent is acted on: a guess that is asked back about needs its answer.
    "least_confidence": 0.1,
    # Answers in `ranking`.
    "ranking_length": 10,
    # Word pieces read of a message; the rest of a longer one is left out.
    "max_length": 64,
    # torch's threads for one message; 0 leaves them as they are. One message is too little work
    # to share, and the server has other things to do.
    "inference_threads": 1,
}

# Rasa adds these to every component's configuration.
_KEYS_OF_RASA = frozenset({"name", "finetuning_epoch_fraction"})
_FIELDS = {"intent", "topic"}


@dataclass(frozen=True)
class SelectorSettings:
    """A checked configuration; the keys' meanings are in `DEFAULT_CONFIG`."""

    encoder: str
    retrieval_intent: str | None
    utter_action: str
    least_confidence: float
    ranking_length: int
    max_length: int
    inference_threads: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> SelectorSettings:
        """Checks a component's configuration, its gaps filled from `DEFAULT_CONFIG`.

        Raises:
            InvalidConfigException: A key is unknown or a value cannot be used; the message
                names the key, the value and what would be right.
        """
        for key in config:
            if key not in DEFAULT_CONFIG and key not in _KEYS_OF_RASA:
                raise InvalidConfigException(
                    f"SemanticResponseSelector: unknown key '{key}'{_hint(key)}"
                )
        values = {key: config.get(key, default) for key, default in DEFAULT_CONFIG.items()}
        for key, value in values.items():
            if wanted := _what_is_wrong(key, value):
                raise InvalidConfigException(
                    f"SemanticResponseSelector: '{key}: {value}' cannot be used; "
                    f"it must be {wanted}."
                )
        values["least_confidence"] = float(values["least_confidence"])
        return cls(**values)

    def utter_action_of(self, answer: str) -> str:
        """Returns the response's name for an answer such as `faq/privacy`."""
        intent, _, topic = answer.partition("/")
        return self.utter_action.format(intent=intent, topic=topic)


def _what_is_wrong(key: str, value: Any) -> str | None:
    """Returns what a value must be, if it is not."""
    if key == "encoder":
        return None if isinstance(value, str) and value else f"a folder, or '{PACKAGED}'"
    if key == "retrieval_intent":
        return None if value is None or (isinstance(value, str) and value) else "an intent, or null"
    if key == "utter_action":
        return None if _is_naming(value) else "a name with {intent} and {topic} that begins utter_"
    if key == "least_confidence":
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if is_number and 0.0 <= value <= 1.0 else "a number from 0 to 1"
    least = {"ranking_length": 1, "max_length": 8, "inference_threads": 0}[key]
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return None if is_whole and value >= least else f"a whole number, {least} or more"


def _is_naming(value: Any) -> bool:
    if not isinstance(value, str) or not value.startswith("utter_"):
        return False
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(value) if field is not None]
    except ValueError:
        return False
    return set(fields) == _FIELDS


def _hint(key: str) -> str:
    close = difflib.get_close_matches(key, sorted(DEFAULT_CONFIG), n=1)
    known = ", ".join(sorted(DEFAULT_CONFIG))
    return f"; did you mean '{close[0]}'?" if close else f"; known: {known}."
