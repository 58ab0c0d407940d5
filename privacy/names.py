"""Names and places that a spaCy model finds, where somebody has one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from privacy.redaction import ADDRESS, NAME, Finder, Finding

_KINDS = {"PERSON": NAME, "PER": NAME, "GPE": ADDRESS, "LOC": ADDRESS, "FAC": ADDRESS}
"""What spaCy's models call them."""

LONGEST = 10_000
"""Characters that are looked at: a log line may be long, and the model takes its time."""


class NamesUnavailableError(Exception):
    """The model cannot be loaded; the message says which."""


@lru_cache(maxsize=2)
def names_finder(model: str) -> Finder:
    """What finds names by a model.

    Args:
        model: Its name or folder, as `spacy.load` takes it.

    Raises:
        NamesUnavailableError: If it cannot be loaded.
    """
    import spacy

    try:
        nlp: Any = spacy.load(model)
    except OSError:
        raise NamesUnavailableError(
            f"PARLEY_REDACT_NAMES names '{model}', and spaCy has no model of that name."
        ) from None

    def find_names(text: str) -> Iterable[Finding]:
        for found in nlp(text[:LONGEST]).ents:
            if found.label_ in _KINDS:
                yield Finding(found.start_char, found.end_char, _KINDS[found.label_])

    return find_names
