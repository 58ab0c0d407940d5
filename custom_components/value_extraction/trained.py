"""Dates and times that a trained spaCy model finds where the grammar finds nothing.

The model says where, dateparser says what. It is slow (a millisecond and more a text), so it
sees only what the model found.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import dateparser.date
import spacy
from dateutil.relativedelta import relativedelta
from rasa.shared.exceptions import InvalidConfigException

from custom_components.value_extraction.intervals import info_of, value_of
from custom_components.value_extraction.resolution import Moment
from custom_components.value_extraction.zones import Now

_LENGTHS = {"month": relativedelta(months=1), "year": relativedelta(years=1)}
_GRAINS = {"day": "day", "week": "day", "month": "month", "year": "year", "time": "minute"}


class TrainedFinder:
    """Reads the DATE and TIME entities of a spaCy model."""

    def __init__(self, model: str) -> None:
        """Loads the model.

        Raises:
            InvalidConfigException: It is not installed, or no folder of a model.
        """
        try:
            self._nlp = spacy.load(model)
        except (OSError, ValueError) as error:
            raise InvalidConfigException(
                f"ValueExtractor: 'spacy_model: {model}' cannot be loaded ({error}); name an "
                "installed model or a folder, or leave the key out."
            ) from error

    def find(self, text: str, now: Now, taken: Collection[tuple[int, int]]) -> list[dict[str, Any]]:
        """The times of a text that do not overlap what is taken already, as entities."""
        found = []
        for span in self._nlp(text).ents:
            start, end = span.start_char, span.end_char
            overlaps = any(start < other_end and other < end for other, other_end in taken)
            if span.label_ not in {"DATE", "TIME"} or overlaps:
                continue
            moment = _compute(span.text, now)
            if moment is not None:
                found.append(
                    {
                        "entity": "time",
                        "start": start,
                        "end": end,
                        "text": span.text,
                        "value": value_of(moment),
                        "confidence": 1.0,
                        "additional_info": info_of(moment, now),
                    }
                )
        return found


def model_fingerprint(model: str | None) -> str:
    """What changes when another model of the same name is installed: its description."""
    if model is None:
        return ""
    description = Path(model) / "meta.json"
    if description.is_file():
        return description.read_text(encoding="utf-8")
    return f"{model} {spacy.util.get_package_version(model)}"


def _compute(text: str, now: Now) -> Moment | None:
    parser = dateparser.date.DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": now.wall,
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY" if now.day_first else "MDY",
            "RETURN_TIME_AS_PERIOD": True,
        },
    )
    data = parser.get_date_data(text)
    if data.date_obj is None:
        return None
    grain = _GRAINS.get(data.period, "day")
    wall = data.date_obj.replace(tzinfo=None)
    if grain != "minute":
        wall = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain in _LENGTHS:
        wall = wall.replace(day=1, month=1 if grain == "year" else wall.month)
        end = now.local(wall + _LENGTHS[grain])
        return Moment(now.local(wall), grain, end, date_given=True)
    return Moment(now.local(wall), grain, date_given=grain == "day", time_given=grain == "minute")
