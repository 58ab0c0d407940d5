"""What can be configured about the language model, the defaults, and their validation."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

DEFAULT_CONFIG: dict[str, Any] = {
    # Whether the thresholds between what is believed and what is not are chosen for this language
    # model: some minutes of listening to what flite speaks. Otherwise, general ones hold.
    "calibrate": False,
    # Usual words of English that are heard besides the assistant's own: "add frankincense" where
    # no example has frankincense, and what is no command at all. More cost time in hearing;
    # with 0, all that is said is heard as words of the training data.
    "general_words": 20_000,
    # Names that are written down elsewhere, by the entity that they are values of:
    #   device: {file: home.yml, keys: [name, aliases]}
    # All texts below these keys of a YAML file are values of the entity. A file that is not there
    # has none.
    "names": {},
}

# Rasa adds these to every component's configuration.
_KEYS_OF_RASA = frozenset({"name", "finetuning_epoch_fraction"})


@dataclass(frozen=True)
class Names:
    """Where the values of an entity are written down."""

    entity: str
    file: Path
    keys: frozenset[str]


@dataclass(frozen=True)
class SpeechSettings:
    """A checked configuration; the keys' meanings are in `DEFAULT_CONFIG`."""

    calibrate: bool
    general_words: int
    names: tuple[Names, ...]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> SpeechSettings:
        """Checks a component's configuration, its gaps filled from `DEFAULT_CONFIG`.

        Raises:
            InvalidConfigException: A key is unknown or a value cannot be used; the message
                names the key, the value and what would be right.
        """
        for key in config:
            if key not in DEFAULT_CONFIG and key not in _KEYS_OF_RASA:
                close = difflib.get_close_matches(key, DEFAULT_CONFIG, n=1)
                hint = (
                    f"did you mean '{close[0]}'?"
                    if close
                    else f"known: {', '.join(DEFAULT_CONFIG)}."
                )
                raise InvalidConfigException(f"SpeechLanguage: unknown key '{key}'; {hint}")
        values = {key: config.get(key, default) for key, default in DEFAULT_CONFIG.items()}
        if not isinstance(values["calibrate"], bool):
            raise _unusable("calibrate", values["calibrate"], "true or false")
        words = values["general_words"]
        if not isinstance(words, int) or isinstance(words, bool) or words < 0:
            raise _unusable("general_words", words, "a whole number, 0 or more")
        names = values["names"]
        if not isinstance(names, Mapping):
            raise _unusable("names", names, "a mapping from entities")
        return cls(values["calibrate"], words, tuple(_names(*one) for one in names.items()))


def _names(entity: str, where: Any) -> Names:
    if (
        not isinstance(where, Mapping)
        or set(where) != {"file", "keys"}
        or not isinstance(where["file"], str)
        or not isinstance(where["keys"], list)
        or not all(isinstance(key, str) for key in where["keys"])
    ):
        raise _unusable(f"names: {entity}", where, "a file and a list of keys")
    return Names(entity, Path(where["file"]), frozenset(where["keys"]))


def _unusable(key: str, value: Any, wanted: str) -> InvalidConfigException:
    return InvalidConfigException(
        f"SpeechLanguage: '{key}: {value}' cannot be used; it must be {wanted}."
    )
