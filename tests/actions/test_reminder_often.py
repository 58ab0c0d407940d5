"""Reminders several times a day or a week: the times that are said, and the question for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actions.reminder_forms import ValidateSetReminderForm
from actions.reminder_often import OFTEN, Often, often_from_slot, often_in, times_of
from actions.reminders import ActionAskReminderWhen
from tests.actions.hearing import NOW, ZONE, hear, values_in

SET = "set_reminder_form"


def whens(slot: Any) -> list[tuple[str, str]]:
    return [(f"{datetime.fromisoformat(w['due']):%a %d %H:%M}", w["rrule"]) for w in slot]


def found(text: str, often: Often, asked: bool = False) -> list[tuple[str, str | None]]:
    message = {"text": text, "entities": values_in(text)}
    now = datetime.fromisoformat(NOW).astimezone(ZoneInfo(ZONE))
    said = times_of(often, message, now, asked=asked)
    return [(f"{when.due:%a %d %H:%M}", when.rrule) for when in said.whens]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("take my pills three times a day at 8, 1 and 6", ["08:00", "13:00", "18:00"]),
        ("twice a day at 9 and 5", ["09:00", "17:00"]),
        ("twice a day at 9am and 9pm", ["09:00", "21:00"]),
        ("twice a day at 9 and at 9", ["09:00", "21:00"]),
        ("twice daily, at noon and at half past seven", ["12:00", "19:30"]),
        ("twice a day at 10:30 and 16:30", ["10:30", "16:30"]),
    ],
)
async def test_times_in_the_same_breath(talk: Any, text: str, hours: list[str]) -> None:
    hear(talk, f"remind me to stretch {text}", "set_reminder", ("reminder_text", "stretch"))
    slots = await talk.form(SET).run(ValidateSetReminderForm())
    said = whens(slots["reminder_when"])
    assert [moment[-5:] for moment, _ in said] == hours
    assert {rule for _, rule in said} == {"FREQ=DAILY"}
    # At three in the afternoon, what is over today is for tomorrow.
    assert all((day[:6] == "Fri 20") == (day[-5:] > "15:00") for day, _ in said)


async def test_without_times_they_are_asked_for(talk: Any) -> None:
    hear(talk, "remind me twice a day to drink", "set_reminder", ("reminder_text", "drink"))
    slots = await talk.form(SET).run(ValidateSetReminderForm())
    assert slots["reminder_when"] is None
    assert slots[OFTEN] == {"rule": "FREQ=DAILY", "times": 2}

    for name, value in slots.items():
        talk.slot(name, value)
    await talk.run(ActionAskReminderWhen())
    assert talk.said == ["utter_ask_reminder_times"]
    assert talk.filled["times"] == "two"

    talk.waiting(SET, "reminder_when")
    hear(talk, "at eight and at six", "inform_list")
    slots = await talk.run(ValidateSetReminderForm())
    assert whens(slots["reminder_when"]) == [
        ("Sat 21 08:00", "FREQ=DAILY"),
        ("Fri 20 18:00", "FREQ=DAILY"),
    ]


async def test_too_few_times_are_asked_for_and_then_taken(talk: Any) -> None:
    hear(talk, "remind me to eat three times a day at 8", "set_reminder", ("reminder_text", "eat"))
    slots = await talk.form(SET).run(ValidateSetReminderForm())
    assert slots["reminder_when"] is None
    assert found("at 8 and at 6", Often("FREQ=DAILY", 3), asked=True) == [
        ("Sat 21 08:00", "FREQ=DAILY"),
        ("Fri 20 18:00", "FREQ=DAILY"),
    ]


async def test_days_of_a_week_are_asked_for(talk: Any) -> None:
    talk.slot(OFTEN, Often("FREQ=WEEKLY", 3).to_slot()).slot("reminder_kind", "reminder")
    await talk.run(ActionAskReminderWhen())
    assert talk.said == ["utter_ask_reminder_days"]


@pytest.mark.parametrize(
    ("rule", "answer", "expected"),
    [
        ("FREQ=WEEKLY", "Monday and Thursday at six pm", ("Mon 23 18:00", "MO,TH")),
        ("FREQ=WEEKLY", "on Saturdays", ("Sat 21 09:00", "SA")),
        ("FREQ=WEEKLY", "every Monday and Friday at 7", ("Mon 23 07:00", "MO,FR")),
        ("FREQ=MONTHLY", "on the 1st and the 15th", ("Tue 01 09:00", "1,15")),
    ],
)
def test_the_days_that_are_answered(rule: str, answer: str, expected: tuple[str, str]) -> None:
    ((due, said),) = found(answer, Often(rule, 2), asked=True)
    assert due == expected[0]
    assert said is not None and said.startswith(rule) and said.endswith(f"={expected[1]}")


@pytest.mark.parametrize("answer", ["whenever you like", "often", "three times a week"])
def test_what_is_no_time_is_none(answer: str) -> None:
    assert found(answer, Often("FREQ=WEEKLY", 3), asked=True) == []
    assert found(answer, Often("FREQ=DAILY", 3), asked=True) == []


def test_how_often_is_kept() -> None:
    message = {"text": "twice a week", "entities": values_in("twice a week")}
    often = often_in(message)
    assert often == Often("FREQ=WEEKLY", 2)
    assert often_from_slot(often.to_slot()) == often
    assert often_from_slot(None) is None
    assert often_in({"text": "every week", "entities": values_in("every week")}) is None
