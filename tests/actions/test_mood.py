"""The slot `sentiment`."""

from typing import Any

import pytest

from actions.mood import ActionTrackSentiment


@pytest.mark.parametrize("name", ["negative", "neutral", "positive"])
async def test_the_mood_of_the_message_is_kept(talk: Any, name: str) -> None:
    talk.user("oh", "greet", sentiment={"name": name, "confidence": 0.9, "ranking": []})
    assert await talk.run(ActionTrackSentiment()) == {"sentiment": name}


@pytest.mark.parametrize("sentiment", [None, {}, {"name": None}])
async def test_a_message_without_one_forgets_the_last(talk: Any, sentiment: object) -> None:
    talk.slot("sentiment", "negative").user("/affirm", "affirm", sentiment=sentiment)
    assert await talk.run(ActionTrackSentiment()) == {"sentiment": None}


async def test_before_any_message_there_is_none(talk: Any) -> None:
    assert await talk.run(ActionTrackSentiment()) == {"sentiment": None}
