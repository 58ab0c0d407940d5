"""The slots `sentiment`, `mood_course` and `apology_due`."""

from typing import Any

import pytest

from actions.mood import ActionTrackSentiment

NEGATIVE = {"name": "negative", "confidence": 0.9, "ranking": []}
NEUTRAL = {"name": "neutral", "confidence": 0.9, "ranking": []}
APOLOGY = {"event": "bot", "text": "sorry", "metadata": {"utter_action": "utter_apologise"}}


@pytest.mark.parametrize("name", ["negative", "neutral", "positive"])
async def test_the_mood_of_the_message_is_kept(talk: Any, name: str) -> None:
    talk.user("oh", "greet", sentiment={"name": name, "confidence": 0.9, "ranking": []})
    slots = await talk.run(ActionTrackSentiment())
    assert slots == {"sentiment": name, "mood_course": "steady", "apology_due": None}


@pytest.mark.parametrize("sentiment", [None, {}, {"name": None}])
async def test_a_message_without_one_forgets_the_last(talk: Any, sentiment: object) -> None:
    talk.slot("sentiment", "negative").user("/affirm", "affirm", sentiment=sentiment)
    assert (await talk.run(ActionTrackSentiment()))["sentiment"] is None


async def test_before_any_message_there_is_none(talk: Any) -> None:
    slots = await talk.run(ActionTrackSentiment())
    assert slots == {"sentiment": None, "mood_course": "steady", "apology_due": None}


def angry(talk: Any) -> Any:
    """The second cross message in a row."""
    talk.user("come on", "add_items", sentiment=NEGATIVE).bot("action_add_items")
    return talk.user("good grief", "add_items", sentiment=NEGATIVE)


async def test_two_cross_messages_make_an_apology_due(talk: Any) -> None:
    slots = await angry(talk).run(ActionTrackSentiment())
    assert (slots["mood_course"], slots["apology_due"]) == ("angry", True)


async def test_it_is_due_once(talk: Any) -> None:
    angry(talk).events.append(APOLOGY)
    slots = await talk.user("ugh", "add_items", sentiment=NEGATIVE).run(ActionTrackSentiment())
    assert (slots["mood_course"], slots["apology_due"]) == ("angry", None)


async def test_nothing_is_due_on_a_calm_message(talk: Any) -> None:
    angry(talk).bot("some_form")
    slots = await talk.user("milk", "add_items", sentiment=NEUTRAL).run(ActionTrackSentiment())
    assert (slots["mood_course"], slots["apology_due"]) == ("angry", None)
