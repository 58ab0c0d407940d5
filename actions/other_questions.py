"""Noticing a question of another skill where a form would take nearly any words for an answer.

The intent alone does not tell: to "when?", people say "Friday at seven" or "in two hours", which
the classifier takes for all kinds of things. So the words have to agree with it.
"""

from __future__ import annotations

import re

from actions.reading import Message, intent_of, text_of
from actions.values import measures
from actions.weather_words import GENERAL, aspect_of

_QUESTION = re.compile(
    r"(?i)^(?:(?:what|who|how|when|where|why|which)\b|tell me\b"
    # "Do the laundry" and "Will's birthday" are no questions.
    r"|(?:do|have) (?:i|you|we|they)\b"
    r"|(?:is|are|am|was|were|does|did|can|could|will|would|should|shall|has)"
    r" (?:i|you|we|they|he|she|it|there|the|this|that|my|any\w*)\b)"
)
_MEASURED = ("amount", "temperature", "money")
_WEATHER = re.compile(r"(?i)\b(?:weather|forecast)\b")
_INTO = re.compile(r"(?i)\b(?:in|into|to|as)\b")


def is_other_question(message: Message) -> bool:
    """Whether the message is plainly a question, which answers none."""
    text, intent = text_of(message), intent_of(message)
    if text.rstrip().endswith("?") or _QUESTION.match(text):
        return True
    if intent == "ask_weather":
        return bool(_WEATHER.search(text)) or aspect_of(text) != GENERAL
    if intent == "convert_units":
        return bool(_INTO.search(text)) and any(measures(message, kind) for kind in _MEASURED)
    return False
