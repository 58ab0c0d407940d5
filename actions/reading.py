"""Reading items and list names out of a message, from its entities or its bare words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.items import LONGEST_LIST_NAME, Item, make_item
from actions.quantities import parse_quantity

Message = Mapping[str, Any]
"""What Rasa made of a user's message (`tracker.latest_message`)."""

_SEPARATORS = re.compile(r"\s*(?:,|;|\n|\+|&|\band\b|\bplus\b)\s*", re.IGNORECASE)
_LIST_FILLERS = frozenset(
    "a an the my our on onto to in into from off for of list lists one please it put that "
    "just use maybe ok okay yes yeah er um uh well then thanks".split()
)
_ITEM_FILLERS = frozenset("the my some also just please and er um uh well then too thanks".split())
_BARE_FILLERS = _LIST_FILLERS | _ITEM_FILLERS | frozenset({"no", "nope", "not"})
_UNITS = frozenset(
    "g kg mg l ml cl lb lbs oz gram grams kilo kilos litre litres liter liters pound pounds "
    "ounce ounces pint pints".split()
)
# Words of somebody who is at a loss, or asks in turn; no list is called like that.
_NOT_IN_LIST_NAMES = frozenset(
    "what whatever which why who how when where i i'm you me know idea dunno huh hm hmm sure "
    "not no don't nothing something anything".split()
)
_MOST_WORDS_OF_A_LIST_NAME = 4
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def intent_of(message: Message) -> str:
    """The name of the message's intent, empty if there is none."""
    return str((message.get("intent") or {}).get("name") or "")


def text_of(message: Message) -> str:
    """The words of the message; empty for a payload such as `/affirm`, which has none."""
    text = str(message.get("text") or "").strip()
    return "" if text.startswith("/") else text


def entities_of(message: Message, kind: str) -> list[str]:
    """The values of one kind of entity, in the order they were said."""
    return [
        str(entity["value"]).strip()
        for entity in _in_order(message)
        if entity.get("entity") == kind and str(entity["value"]).strip()
    ]


def items_from_entities(message: Message) -> list[Item]:
    """Reads items off the entities: a quantity and a unit belong to the item that follows."""
    items: list[Item] = []
    quantity: str | None = None
    unit: str | None = None
    for entity in _in_order(message):
        value = str(entity["value"]).strip()
        kind = entity.get("entity")
        if kind == "quantity":
            quantity = value
        elif kind == "unit":
            unit = value
        elif (kind == "item" or (kind == "device" and _is_of_lists(message))) and value:
            items.append(make_item(value, quantity, unit) if quantity or unit else _said(value))
            quantity = unit = None
    # "milk, two litres": the amount came last, so it belongs to the item before.
    if items and (quantity or unit) and items[-1].quantity is None and items[-1].unit is None:
        items[-1] = make_item(items[-1].name, quantity, unit)
    return items


def _is_of_lists(message: Message) -> bool:
    """Whether it is about a list: there, a lamp is a thing to buy, not one to switch."""
    return intent_of(message) in ("add_items", "remove_items")


def items_from_text(text: str) -> list[Item]:
    """Reads items off bare words: split at commas and "and", amounts in front.

    There are none in a question.
    """
    items: list[Item] = []
    if text.rstrip().endswith("?"):
        return items
    for part in _SEPARATORS.split(text):
        name = _stripped(part, _ITEM_FILLERS)
        if name:
            items.append(_said(name))
    return items


def list_name_from(message: Message) -> str | None:
    """The list that the message names by an entity, if any; the last of several."""
    names = [normalise_list_name(name) for name in entities_of(message, "list_name")]
    return next((name for name in reversed(names) if name), None)


def list_name_from_text(text: str) -> str | None:
    """Reads a list's name off a bare answer: "the holiday list please" is "holiday".

    Returns:
        The name, or None where the words cannot be one: none left, a question, a
        sentence, the words of somebody at a loss.
    """
    name = normalise_list_name(text)
    if not name or text.rstrip().endswith("?"):
        return None
    words = [word.casefold().replace("’", "'") for word in _WORDS.findall(name)]
    if len(words) > _MOST_WORDS_OF_A_LIST_NAME or _NOT_IN_LIST_NAMES & set(words):
        return None
    return name


def normalise_list_name(text: str) -> str | None:
    """Drops what is not of the name ("my", "list", "please") and spare room.

    Returns:
        The name, or None if nothing is left.
    """
    return _stripped(text, _LIST_FILLERS) or None


def list_name_too_long(name: str) -> bool:
    """Whether a list's name is longer than Parley keeps."""
    return len(name) > LONGEST_LIST_NAME


def is_bare_answer(message: Message) -> bool:
    """Whether the message is nothing but entities and small words.

    Such a message answers a question, whatever intent the classifier saw in it: "milk and
    eggs" is as like to be taken for adding as for removing.
    """
    text = text_of(message)
    entities = [e for e in _in_order(message) if "start" in e and "end" in e]
    if not text or not entities:
        return False
    rest = list(str(message.get("text") or ""))
    for entity in entities:
        # Entities may lie within each other: "two" is a number in "two eggs" as well.
        rest[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    return all(word.casefold() in _BARE_FILLERS for word in _WORDS.findall("".join(rest)))


def _in_order(message: Message) -> list[dict[str, Any]]:
    entities = [e for e in message.get("entities") or [] if e.get("value") is not None]
    return sorted(entities, key=lambda entity: int(entity.get("start") or 0))


def _stripped(text: str, fillers: frozenset[str]) -> str:
    """The text without the fillers at either end, and without marks around it."""
    words = text.split()
    while words and _plain(words[0]) in fillers:
        words.pop(0)
    while words and _plain(words[-1]) in fillers:
        words.pop()
    return " ".join(words).strip(' \t.,;:!?"“”‘’')


def _plain(word: str) -> str:
    return word.casefold().strip(".,;:!?\"'“”‘’")


def _said(text: str) -> Item:
    """Reads an item with its amount in front: "two loaves of bread", "500 g flour"."""
    words = text.split()
    for length in range(min(len(words) - 1, 6), 0, -1):
        quantity = " ".join(words[:length])
        if parse_quantity(quantity) is None:
            continue
        rest = words[length:]
        if len(rest) > 2 and rest[1].casefold() == "of":
            return make_item(" ".join(rest[2:]), quantity, rest[0])
        if len(rest) > 1 and rest[0].casefold() in _UNITS:
            return make_item(" ".join(rest[1:]), quantity, rest[0])
        return make_item(" ".join(rest), quantity)
    return make_item(text)
