"""What can be configured about the component, the defaults, and their validation."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

from custom_components.value_extraction.spans import KINDS
from custom_components.value_extraction.zones import find_zone

DEFAULT_CONFIG: dict[str, Any] = {
    # The entities to look for. "invalid" comes with "time" and "duration".
    "dimensions": [kind for kind in KINDS if kind != "invalid"],
    # The IANA name of the time zone of people whose channel does not say theirs. None takes the
    # variable PARLEY_TIMEZONE, and without it this machine's zone.
    "timezone": None,
    # How to read 3/4: "day_month" is the 3rd of April, as most of the world writes, "month_day"
    # the 4th of March, as the United States do. 24/12 is one date in either.
    "date_order": "day_month",
    # A trained spaCy model (a package's name or a folder) whose DATE and TIME entities are read
    # as well where the component itself finds nothing. None needs no model.
    "spacy_model": None,
    # Words of a message that are read; the rest of a longer one is left out.
    "max_words": 500,
}


@dataclass(frozen=True)
class ValueSettings:
    """The component's configuration, checked. Meaning and defaults: `DEFAULT_CONFIG`."""

    dimensions: frozenset[str]
    timezone: str | None
    day_first: bool
    spacy_model: str | None
    max_words: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ValueSettings:
        """Checks a component's configuration, its gaps filled from `DEFAULT_CONFIG`.

        Raises:
            InvalidConfigException: A key is unknown or a value cannot be used; the message
                names the key, the value and what would be right.
        """
        for key in config:
            if key not in DEFAULT_CONFIG:
                raise InvalidConfigException(
                    f"ValueExtractor: unknown key '{key}'{_hint(str(key))}"
                )
        values = {**DEFAULT_CONFIG, **config}
        dimensions = values["dimensions"]
        if not isinstance(dimensions, (list, tuple)) or not dimensions:
            raise _refuse("dimensions", dimensions, "a list of entities, or left out for all")
        for one in dimensions:
            if one not in KINDS or one == "invalid":
                raise _refuse(
                    "dimensions", one, f"some of {', '.join(DEFAULT_CONFIG['dimensions'])}"
                )
        zone = values["timezone"]
        if zone is not None and find_zone(zone) is None:
            raise _refuse("timezone", zone, "an IANA name such as 'Europe/Berlin'")
        order = values["date_order"]
        if order not in {"day_month", "month_day"}:
            raise _refuse("date_order", order, "'day_month' or 'month_day'")
        model = values["spacy_model"]
        if model is not None and (not isinstance(model, str) or not model):
            raise _refuse("spacy_model", model, "the name of an installed spaCy model, or a folder")
        most = values["max_words"]
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise _refuse("max_words", most, "a whole number, 1 or more")
        return cls(frozenset(dimensions), zone, order == "day_month", model, most)


def _refuse(key: str, value: object, wanted: str) -> InvalidConfigException:
    return InvalidConfigException(
        f"ValueExtractor: '{key}: {value}' cannot be used; it must be {wanted}."
    )


def _hint(key: str) -> str:
    close = difflib.get_close_matches(key, sorted(DEFAULT_CONFIG), n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(sorted(DEFAULT_CONFIG))}."
