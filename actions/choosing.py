"""Choosing among the things that were enumerated last ("the second one")."""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz import fuzz, process
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import buttons_by_place, fitting, most_named
from actions.choices import CHOICES
from actions.reading import Message, text_of
from actions.replaying import say_for_user
from actions.speaking import join, speak_name
from actions.values import numbers, ordinals

Events = list[dict[str, Any]]

_PLACES = {"former": 1, "latter": -1, "top": 1, "bottom": -1}
_WORD = re.compile(r"[a-z]+")

_ALIKE = 85
"""How much of a title must be in the message (partial ratio, of 100) to be meant by it."""


class ActionChoose(Action):
    """Does what the chosen thing stands for."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_choose"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says the choice on the user's behalf, or what there is to choose from."""
        choices = tracker.get_slot(CHOICES) or []
        if not choices:
            dispatcher.utter_message(response="utter_nothing_to_choose")
            return []
        titles = [str(choice["title"]) for choice in choices]
        index = chosen(tracker.latest_message, titles)
        if index is None:
            spoken = join([speak_name(title) for title in titles], most_named(tracker))
            fitting(dispatcher, tracker).utter_message(
                response="utter_choose_one_of",
                choices=spoken,
                buttons=buttons_by_place(tracker, titles),
            )
            return []
        choice = choices[index]
        return [
            SlotSet(CHOICES, None),
            *say_for_user(choice["intent"], choice.get("entities") or []),
        ]


def chosen(message: Message, titles: list[str]) -> int | None:
    """Which of the titles a message means: by its place, else by its words.

    Returns:
        Its index; None where there is no such place and no such title.
    """
    places = [*ordinals(message), *(int(n) for n in numbers(message) if n == int(n))]
    places += [_PLACES[word] for word in _WORD.findall(text_of(message).lower()) if word in _PLACES]
    for place in places:
        if place == -1:
            return len(titles) - 1
        if 1 <= place <= len(titles):
            return place - 1
    if places:
        return None
    text = text_of(message).casefold()
    if not text:
        return None
    best = process.extractOne(
        text, [title.casefold() for title in titles], scorer=fuzz.token_set_ratio
    )
    return int(best[2]) if best and best[1] >= _ALIKE else None
