"""Answers from the person's own documents: what is said, and when it is better not said.

A text out of a document only ever fills a placeholder of a response. It is quoted, not obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import fitting, is_heard
from actions.conversation import last_bot_action
from actions.document_search import (
    DocumentsError,
    NoDocumentsError,
    StillReadingError,
    ask_documents,
)
from actions.home_requests import is_about_volume
from actions.reading import text_of
from knowledge_base.words import terms

LOOKED_UP = "looked_up"
"""The slot: {"rest": [sentences], "source": …} of what was looked up last."""

LEAST_PROBABILITY = 0.5
"""Of an answer to somebody who wants it looked up: more likely right than not."""

LEAST_UNASKED = 0.8
"""Of an answer to a question that may not have been meant for the documents at all."""

UNASKED_PATIENCE = 0.3
"""Share of the usual wait that such a question is worth."""

MOST_AT_ONCE = 600
"""Characters of the rest that are said in one turn."""

MOST_HEARD_AT_ONCE = 30
"""Words of an answer that are said aloud in one turn; the first sentence always is."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

_ANSWERING = (
    "action_answer_question",
    "action_answer_or_decline",
    "action_answer_by_meaning",
    "action_ask_back",
)

_MORE = re.compile(
    r"\b(more|rest|remainder|further|go on|continue|carry on|keep reading|what else|anything else)"
    r"\b",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\b(where|which (page|file|document|book))\b", re.IGNORECASE)
_ABOUT_NOTHING = frozenset(
    terms("read reading rest remainder go continue carry keep page part bit")
)
_QUESTION = re.compile(
    r"^\W*((erm|uh|um|so|and|but|ok|okay|hey|hi|hello|please|parley|well|also|then)\W+)*"
    r"(who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|may|must|"
    r"should|shall|will|would|has|have|am|tell me|do you know|i wonder)\b",
    re.IGNORECASE,
)  # fmt: skip

Events = list[dict[str, Any]]


class ActionAnswerQuestion(Action):
    """Looks something up in the documents, or says the rest of what was looked up."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Says what was found and where, or that nothing was."""
        question = text_of(tracker.latest_message)
        if _is_about_the_last_answer(question):
            return _say_more(dispatcher, tracker, question)
        try:
            answer = await ask_documents(question)
        except NoDocumentsError:
            dispatcher.utter_message(response="utter_no_documents")
        except StillReadingError:
            dispatcher.utter_message(response="utter_still_reading")
        except DocumentsError:
            dispatcher.utter_message(response="utter_documents_unavailable")
        else:
            if answer.probability >= LEAST_PROBABILITY:
                return _say(dispatcher, tracker, answer.text, answer.source, answer.rest)
            dispatcher.utter_message(response="utter_not_in_documents")
        return forget_answer(tracker)


class ActionAnswerOrDecline(Action):
    """Takes what is none of Parley's skills: the documents may know, else it cannot be done."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer_or_decline"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Answers a question that the documents surely answer; declines everything else."""
        answered = await answer_unasked(dispatcher, tracker)
        if answered is not None:
            return answered
        about_volume = is_about_volume(text_of(tracker.latest_message))
        dispatcher.utter_message(
            response="utter_no_volume" if about_volume else "utter_out_of_scope"
        )
        return forget_answer(tracker)


async def answer_unasked(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events | None:
    """Answers a question that may not have been meant for the documents, if they surely do.

    Returns:
        The events of having answered; None where nothing was said.
    """
    text = text_of(tracker.latest_message)
    if not is_question(text):
        return None
    try:
        answer = await ask_documents(text, patience=UNASKED_PATIENCE)
    except DocumentsError:
        return None  # nobody asked for the documents, so nobody misses them
    if answer.probability < LEAST_UNASKED:
        return None
    return _say(dispatcher, tracker, answer.text, answer.source, answer.rest)


def forget_answer(tracker: Tracker) -> Events:
    """The events after which "tell me more" has nothing to go on with."""
    return [SlotSet(LOOKED_UP, None)] if tracker.get_slot(LOOKED_UP) else []


def is_question(text: str) -> bool:
    """Whether a text asks something that a document could answer."""
    return bool(terms(text)) and (text.rstrip().endswith("?") or bool(_QUESTION.match(text)))


def _is_about_the_last_answer(text: str) -> bool:
    """Whether it wants the rest, or the source; "more about descaling" is a new question."""
    asks = _MORE.search(text) or _WHERE.search(text)
    return bool(asks) and set(terms(text)) <= _ABOUT_NOTHING


def _say_more(dispatcher: CollectingDispatcher, tracker: Tracker, wish: str) -> Events:
    looked_up: Mapping[str, Any] = tracker.get_slot(LOOKED_UP) or {}
    if last_bot_action(tracker) not in _ANSWERING or not looked_up:
        dispatcher.utter_message(response="utter_nothing_looked_up")
        return forget_answer(tracker)
    source = str(looked_up["source"])
    dispatcher = fitting(dispatcher, tracker)
    if not _MORE.search(wish):
        dispatcher.utter_message(response="utter_found_there", source=_quoted(source))
        return []
    rest = [str(sentence) for sentence in looked_up["rest"]]
    if not rest:
        dispatcher.utter_message(response="utter_found_no_more", source=_quoted(source))
        return []
    number = _fitting(rest)
    return _say(dispatcher, tracker, " ".join(rest[:number]), source, rest[number:])


def _say(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    text: str,
    source: str,
    rest: Sequence[str],
) -> Events:
    if is_heard(tracker):
        sentences = _SENTENCE_END.split(text)
        number = _heard_at_once(sentences)
        text, rest = " ".join(sentences[:number]), [*sentences[number:], *rest]
    response = "utter_found_with_more" if rest else "utter_found"
    fitting(dispatcher, tracker).utter_message(
        response=response, answer=_quoted(text), source=_quoted(source)
    )
    return [SlotSet(LOOKED_UP, {"rest": list(rest), "source": source})]


def _heard_at_once(sentences: Sequence[str]) -> int:
    """How many sentences can be listened to at once; one always can."""
    words = 0
    for number, sentence in enumerate(sentences):
        words += len(sentence.split())
        if words > MOST_HEARD_AT_ONCE and number:
            return number
    return len(sentences)


def _fitting(sentences: Sequence[str]) -> int:
    """How many sentences can be said at once; one always can."""
    length = 0
    for number, sentence in enumerate(sentences):
        length += len(sentence) + 1
        if length > MOST_AT_ONCE and number:
            return number
    return len(sentences)


def _quoted(text: str) -> str:
    """A document's text, as it may stand in a response."""
    # Rasa's filling of responses trips over this text (core/nlg/interpolator.py).
    return text.replace("0[", "0 [")
