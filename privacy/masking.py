"""Masked copies of what leaves: texts, events, and what an event broker is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from privacy.names import names_finder
from privacy.redaction import Finder, Masked, mask_of, redact
from privacy.settings import EXPORTS, MaskingSettings, read_masking_settings

Event = dict[str, Any]

_NAMES_OF_THINGS = frozenset(
    "event timestamp sender_id message_id input_channel assistant_id model_id policy action_name "
    "utter_action intent_name loop_name entity extractor confidence type parse_data.intent "
    "reference_time timezone".split()
)
"""Keys of events below which nobody's words stand."""

_DIGITS = re.compile(r"\D+")
_SHORTEST_NUMBER = 6
"""Digits. A shorter number that a value holds is not what was masked."""


def text_masker(names: str = "") -> Callable[[str], str]:
    """What masks texts; `names` is a spaCy model's name, empty for none."""
    more = names_finder(names) if names else None
    return lambda text: redact(text, more).text


def export_masker(settings: MaskingSettings | None = None) -> Callable[[str], str]:
    """What masks texts that leave Parley; it changes nothing where that was not wanted."""
    masking = read_masking_settings() if settings is None else settings
    return text_masker(masking.names) if EXPORTS in masking.places else lambda text: text


def event_masker(names: str = "") -> Callable[[Event], Event]:
    """What masks an event of a tracker: all texts in it, and what was read out of them."""
    more = names_finder(names) if names else None
    return lambda event: _Masker(more).event(event)


class MaskedBroker:
    """An event broker that is told masked events; everything else is the broker's own."""

    def __init__(self, broker: Any, mask: Callable[[Event], Event]) -> None:
        """Takes the broker."""
        self._broker = broker
        self._mask = mask

    def publish(self, event: Event, *arguments: Any, **more: Any) -> None:
        """Passes an event on."""
        self._broker.publish(self._mask(event), *arguments, **more)

    def __getattr__(self, name: str) -> Any:
        """What the broker has."""
        return getattr(self._broker, name)


class _Masker:
    """Masks one event, and remembers the numbers that it has masked in it."""

    def __init__(self, more: Finder | None) -> None:
        self._more = more
        self._numbers: set[str] = set()

    def event(self, event: Event) -> Event:
        masked: Event = {}
        for key, value in event.items():
            if key == "parse_data" and isinstance(value, Mapping):
                masked[key] = self._parsed(value)
            else:
                masked[key] = self._value(key, value)
        # A number that was read out of a text may stand ahead of the text.
        cleaned: Event = self._without_numbers(masked)
        return cleaned

    def _parsed(self, parsed: Mapping[str, Any]) -> dict[str, Any]:
        text = parsed.get("text")
        if not isinstance(text, str):
            return {key: self._value(key, value) for key, value in parsed.items()}
        shown = self._redact(text)
        kept = {key: self._value(key, value) for key, value in parsed.items() if key != "entities"}
        return {
            **kept,
            "text": shown.text,
            "entities": [self._entity(one, shown) for one in parsed.get("entities") or []],
        }

    def _entity(self, entity: Mapping[str, Any], shown: Masked) -> dict[str, Any]:
        start, end = entity.get("start"), entity.get("end")
        masked = {key: self._value(key, value) for key, value in entity.items()}
        if not (isinstance(start, int) and isinstance(end, int)):
            return masked
        for found in shown.findings:
            if start < found.end and found.start < end:
                # Whatever was read out of it: a number, a time, a part of a name.
                masked["value"] = mask_of(found.kind)
                masked.pop("additional_info", None)
        return {**masked, "start": shown.moved(start), "end": shown.moved(end)}

    def _value(self, key: str, value: Any) -> Any:
        if key in _NAMES_OF_THINGS:
            return value
        if isinstance(value, str):
            return self._redact(value).text
        if isinstance(value, Mapping):
            return {name: self._value(str(name), each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._value(key, each) for each in value]
        return value

    def _redact(self, text: str) -> Masked:
        shown = redact(text, self._more)
        for found in shown.findings:
            digits = _DIGITS.sub("", text[found.start : found.end])
            if len(digits) >= _SHORTEST_NUMBER:
                self._numbers.add(digits.lstrip("0"))
        return shown

    def _without_numbers(self, value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: self._without_numbers(each, str(name)) for name, each in value.items()}
        if isinstance(value, list):
            return [self._without_numbers(each, key) for each in value]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and key not in _NAMES_OF_THINGS and self._numbers:
            digits = str(int(value)) if value == value and abs(value) < 1e30 else ""
            if len(digits) >= _SHORTEST_NUMBER and any(digits in one for one in self._numbers):
                return None
        return value
