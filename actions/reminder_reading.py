"""What a message says of a reminder, apart from when: its kind, its words, what is to change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from actions.reading import Message, entities_of, text_of
from actions.reminder_times import length_in, outside_of_text
from actions.storage.reminders import ALARM, KINDS, REMINDER, TIMER
from actions.values import durations, times

TEXT, KIND, ID, CHANGE = "reminder_text", "reminder_kind", "reminder_id", "reminder_change"
"""The entities: `reminder_text` is read off the words; the others are put into messages that
Parley says on the user's behalf, and into buttons."""

SNOOZE, MORE, LESS, MOVE = "snooze", "more", "less", "move"

LONGEST_WHAT = 200

_KINDS = (
    (TIMER, re.compile(r"(?i)\b(?:timers?|countdowns?|count down|stopwatch)\b")),
    (ALARM, re.compile(r"(?i)\b(?:alarms?|wake[ -]?ups?|wake|waking)\b")),
    (REMINDER, re.compile(r"(?i)\b(?:remind|reminds|reminders?|reminding)\b")),
)
_CHANGES = (
    (SNOOZE, re.compile(r"(?i)\b(?:snooz\w*|remind me again|again in|wake me again)\b")),
    (LESS, re.compile(r"(?i)\b(?:less|fewer|shorter|shorten|take .* off|earlier|sooner|reduce)\b")),
    (
        MORE,
        re.compile(
            r"(?i)\b(?:more|longer|another|extra|extend|add|lengthen|later|prolong|"
            r"(?:push|put) .*(?:back|off))\b"
        ),
    ),
)
_AFTER_REMIND = re.compile(
    r"(?i)\bremind(?:er)?\b(?:\s+(?:me|us))?\s*(?:,\s*)?(?:to|about|of|that|for)\s+(.+)"
)
_LOOSE_START = re.compile(r"(?i)^(?:to|that|about|of|for|please|and)\s+")
_LOOSE_END = re.compile(
    r"(?i)[\s,]+(?:at|on|in|for|by|every|from|around|about|please|thanks|today|and|to|the)$"
)
_MARKS = ' \t.,;:!?"“”'
_WHEN = frozenset({"time", "duration", "recurrence"})
_FILLERS = frozenset("it that this one something anything".split())


def kind_of(message: Message) -> str | None:
    """The kind that the message names, if it names one, beside what to be reminded of."""
    for kind in entities_of(message, KIND):
        if kind in KINDS:
            return kind
    words = _without(message, frozenset({TEXT}))
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), None)


def kind_to_set(message: Message) -> str:
    """The kind of what is to be set: as named; else what it takes to go off without words."""
    named = kind_of(message)
    if named:
        return named
    outer = outside_of_text(message)
    if entities_of(message, TEXT) or not (durations(outer) or times(outer)):
        return REMINDER
    return ALARM if times(outer) else TIMER


def texts_of(message: Message) -> list[str]:
    """What to be reminded of, or the names, without the times that were read into them."""
    found = _texts_by_entity(message)
    if len(found) <= 1 and kind_of(message) == REMINDER:
        # "Remind me to" leaves no doubt of what follows, where the classifier saw only part of it.
        match = _AFTER_REMIND.search(_without(outside_of_text(message), _WHEN, mark="\n"))
        follows = match.group(1) if match else ""
        whole = _tidied(follows.split("\n")[0], cut="\n" in follows)
        if whole and (not any(found) or found[0] in whole):
            found = [whole]
    return [text for text in found if text and text.casefold() not in _FILLERS]


def bare_text(message: Message) -> str | None:
    """The words of a bare answer to "of what?", without times and small words around them."""
    cut = any(entity.get("entity") in _WHEN for entity in message.get("entities") or [])
    text = _tidied(_without(message, _WHEN), cut=cut)
    text = re.sub(r"(?i)^(?:remind me|i (?:want|need|have|must)|it'?s)\s+", "", text)
    return _tidied(text, cut=cut) or None


def ids_of(message: Message) -> list[int]:
    """The reminders that are named by their ids, as a choice or a button does."""
    return [int(value) for value in entities_of(message, ID) if value.isdecimal()]


def change_of(message: Message) -> str:
    """What is to be changed of when something is due: put off, prolonged, shortened, moved."""
    for change in entities_of(message, CHANGE):
        return change
    words = _without(message, frozenset({TEXT}))
    found = next((change for change, pattern in _CHANGES if pattern.search(words)), MOVE)
    if found in (MORE, LESS) and length_in(message) is None:
        return MOVE
    return found


def wants_all(message: Message) -> bool:
    """Whether all of them are meant: "delete all alarms", "both timers"."""
    words = _without(message, frozenset({TEXT, "recurrence"}))
    return bool(re.search(r"(?i)\b(?:all|every|everything|both|each)\b", words)) or bool(
        re.search(r"(?i)\bmy (?:timers|alarms|reminders)\b", words)
    )


def points_back(message: Message) -> bool:
    """Whether "it" is meant, or nothing is named at all: what was talked of last."""
    pronoun = re.search(r"(?i)\b(?:it|that one|this one|that|this)\b", text_of(message))
    return kind_of(message) is None or (pronoun is not None and not wants_all(message))


def as_entities(kind: str, text: str | None, **more: Any) -> list[dict[str, Any]]:
    """Entities that say the same in a message without words."""
    values = {KIND: kind, TEXT: text, **more}
    return [{"entity": name, "value": value} for name, value in values.items() if value is not None]


def time_entity(moment: datetime, zone: str) -> dict[str, Any]:
    """A moment as the entity that `ValueExtractor` would give."""
    return {
        "entity": "time",
        "value": moment.isoformat(),
        "additional_info": {
            "type": "value",
            "grain": "minute",
            "zone": zone,
            "date_given": True,
            "time_given": True,
            "past": False,
        },
    }


def recurrence_entity(rule: str, first: datetime) -> dict[str, Any]:
    """A recurrence as the entity that `ValueExtractor` would give."""
    return {
        "entity": "recurrence",
        "value": rule,
        "additional_info": {"start": first.isoformat(), "time_given": True},
    }


def _texts_by_entity(message: Message) -> list[str]:
    whole = str(message.get("text") or "")
    kept = outside_of_text(message)["entities"] if message.get("entities") else []
    found = []
    for entity in sorted(kept, key=lambda e: int(e.get("start") or 0)):
        if entity.get("entity") != TEXT or not entity.get("value"):
            continue
        if "start" not in entity or whole.startswith("/"):
            found.append(str(entity["value"]))
            continue
        start, end = entity["start"], entity["end"]
        within = [o for o in kept if o.get("entity") in _WHEN and start <= o.get("start", -1) < end]
        found.append(_tidied(_blanked(whole, within)[start:end], cut=bool(within)))
    return found


def _without(message: Message, kinds: frozenset[str], mark: str = " ") -> str:
    """The text with the entities of these kinds blanked out."""
    if not text_of(message):
        return ""
    entities = [
        e for e in message.get("entities") or [] if e.get("entity") in kinds and "start" in e
    ]
    return _blanked(str(message.get("text") or ""), entities, mark)


def _blanked(text: str, entities: Sequence[Mapping[str, Any]], mark: str = " ") -> str:
    letters = list(text)
    for entity in entities:
        letters[entity["start"] : entity["end"]] = mark * (entity["end"] - entity["start"])
    return "".join(letters)


def _tidied(text: str, *, cut: bool = False) -> str:
    """The words without what leads to them; where a time was cut out, without its "at" as well."""
    text = " ".join(text.split()).strip(_MARKS)
    while True:
        shorter = _LOOSE_START.sub("", text)
        if cut:
            shorter = _LOOSE_END.sub("", shorter)
        shorter = shorter.strip(_MARKS)
        if shorter == text:
            return text
        text = shorter
