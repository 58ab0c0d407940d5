"""Checking things off: what is said of it in words, for intents that know of adding and taking.

Who checks milk off is done with it, as one who takes it off is: to the classifier both are
`remove_items`, and opening it again is `add_items`. The verb makes the difference, and has the
last say: "mark" may be taken for noting down. Where a message
is said on the user's behalf and has no words, an entity `marking` stands for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rasa_sdk import Tracker

from actions.effects import LAST_EFFECT
from actions.reading import Message, entities_of, intent_of, text_of

MARKING = "list_marking"
"""The slot: one of the three below while a form gathers; None where it adds, takes off, clears."""

ENTITY = "marking"

CHECK, UNCHECK, ONLY_DONE = "check", "uncheck", "only_done"

_DONE = r"(?:done|finished|bought|completed?|(?:checked|ticked)(?:[ -]?off)?|crossed[ -]?off)\b"
_MARK = r"\bmark(?:s|ed|ing)?\b.*\b"
_NOT_DONE = (
    rf"(?:(?:un-?done|still (?:open|to do)|open|unfinished|unchecked)\b|not (?:yet )?{_DONE})"
)
_CHECK = re.compile(rf"(?i)\b(?:check|tick|cross)(?:s|es|ed|ing)?\b.*\boff\b|{_MARK}{_DONE}")
_UNCHECK = re.compile(
    r"(?i)\bun-?(?:check|tick|mark|cross)\w*|\bre-?open\w*|\bopen\b.*\bagain\b"
    rf"|{_MARK}{_NOT_DONE}"
    rf"|\b(?:isn['’]?t|aren['’]?t|is not|are not|not) (?:yet )?{_DONE} (?:yet|after all)\b"
)
_THINGS = r"(?:ones?|items?|things?|entry|entries|tasks?|stuff)"
_HAVE_BEEN = r"(?:['’](?:s|re|ve)| (?:is|are|was|were|has|have|i['’]ve|i have))?"
_ONLY_DONE = re.compile(
    rf"(?i)\b{_DONE} {_THINGS}\b"
    rf"|\b(?:what|whatever|that|which|those|{_THINGS}){_HAVE_BEEN}(?: been)?(?: already)? {_DONE}"
)


def marking_of(tracker: Tracker) -> str | None:
    """Which marking the latest message wants, if it is about that at all.

    A bare "and the eggs" goes on as the last change of lists did.
    """
    message = tracker.latest_message
    intent = intent_of(message)
    if said := entities_of(message, ENTITY):
        return said[-1]
    if intent == "inform_list":
        return _marking_before(tracker)
    return marking_in(_around_things(message), intent)


def marking_in(text: str, intent: str) -> str | None:
    """The marking that the words of a request mean, given what the request is taken for."""
    if intent == "clear_list":
        return ONLY_DONE if _ONLY_DONE.search(text) else None
    if _UNCHECK.search(text):
        return UNCHECK
    return CHECK if _CHECK.search(text) else None


def _marking_before(tracker: Tracker) -> str | None:
    effect = tracker.get_slot(LAST_EFFECT)
    again = effect.get("again") if isinstance(effect, Mapping) else None
    for entity in (again or {}).get("entities") or []:
        if entity.get("entity") == ENTITY:
            return str(entity["value"])
    return None


def _around_things(message: Message) -> str:
    """The words of the message without the things that it names: "reopen the account" is one."""
    if not text_of(message):
        return ""
    words = list(str(message.get("text") or ""))
    for entity in message.get("entities") or []:
        if entity.get("entity") == "item" and "start" in entity and "end" in entity:
            words[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    return "".join(words)
