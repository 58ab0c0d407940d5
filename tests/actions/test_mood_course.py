"""How anger gathers over messages, and passes."""

from typing import Any

import pytest

from actions.mood_course import ANGRY, COOL, follow


def message(
    mood: str | None, intent: str = "add_items", confidence: float = 0.9, **more: Any
) -> dict[str, Any]:
    sentiment = {"name": mood, "confidence": confidence} if mood else {}
    parsed = {"intent": {"name": intent}, "sentiment": sentiment}
    return {"event": "user", "text": "so", "message_id": "1", "parse_data": parsed, **more}


CROSS, CALM, KIND = message("negative"), message("neutral"), message("positive")
APOLOGY = {"event": "bot", "text": "sorry", "metadata": {"utter_action": "utter_apologise"}}
NEW_SESSION = {"event": "session_started"}
RESTART = {"event": "restart"}
SAD = message("negative", "mood_unhappy")
BUTTON = message(None, "affirm")
SAID_FOR_THE_USER = message("negative", message_id=None)
HARDLY_CROSS = message("negative", confidence=0.4)
DRY_COMPLAINT = message("neutral", "complain")


@pytest.mark.parametrize(
    ("events", "course"),
    [
        ([], "steady"),
        ([CALM, KIND, CALM], "steady"),
        ([CROSS], "souring"),
        ([CROSS, CALM], "souring"),
        ([CROSS, CALM, CALM], "steady"),
        ([CROSS, KIND], "steady"),
        ([CROSS, CROSS], "angry"),
        ([DRY_COMPLAINT, DRY_COMPLAINT], "angry"),
        ([CROSS, DRY_COMPLAINT], "angry"),
        ([CROSS, CALM, CROSS], "souring"),
        ([CROSS, CALM, CROSS, CROSS], "angry"),
        ([CROSS, CROSS, CALM], "angry"),
        ([CROSS, CROSS, CALM, CROSS], "angry"),
        ([CROSS, CROSS, CALM, CALM], "recovered"),
        ([*[CROSS] * 20, CALM], "angry"),
        ([*[CROSS] * 20, CALM, CALM], "recovered"),
        ([CROSS, CROSS, KIND], "recovered"),
        ([CROSS, CROSS, KIND, *[CALM] * 5], "recovered"),
        ([CROSS, CROSS, KIND, CROSS], "souring"),
        ([CROSS, CROSS, KIND, CROSS, CROSS], "angry"),
        ([CROSS, CROSS, NEW_SESSION], "steady"),
        ([CROSS, NEW_SESSION, CROSS], "souring"),
        ([CROSS, RESTART, CROSS], "souring"),
        # neither anger nor calm:
        ([SAD, SAD, SAD], "steady"),
        ([CROSS, SAD, CROSS], "angry"),
        ([CROSS, BUTTON, CROSS], "angry"),
        ([CROSS, SAID_FOR_THE_USER], "souring"),
        ([CROSS, HARDLY_CROSS], "souring"),
    ],
)
def test_course(events: list[dict[str, Any]], course: str) -> None:
    assert follow(events).course == course


def test_the_heat_stays_below_two_and_decays_to_nothing() -> None:
    assert ANGRY <= follow([CROSS] * 50).heat < 2
    assert follow([*[CROSS] * 50, *[CALM] * 30]).heat < COOL / 1000


@pytest.mark.parametrize(
    ("event", "cross"),
    [(CROSS, True), (DRY_COMPLAINT, True), (CALM, False), (SAD, False), (BUTTON, False)],
)
def test_whether_the_latest_message_is_cross(event: dict[str, Any], cross: bool) -> None:
    assert follow([CROSS, event]).cross is cross


def test_an_apology_holds_for_one_anger() -> None:
    once = [CROSS, CROSS, APOLOGY]
    assert not follow(once[:2]).apologised
    assert follow(once).apologised
    assert follow([*once, CROSS]).apologised
    assert follow([*once, CALM, CROSS]).apologised
    assert not follow([*once, KIND, CROSS, CROSS]).apologised
    assert not follow([*once, NEW_SESSION, CROSS, CROSS]).apologised


def test_an_apology_to_somebody_who_is_not_angry_does_not_count() -> None:
    assert not follow([CROSS, APOLOGY, CROSS]).apologised
