"""What the forms of the reminders skill take from a message, what they ask, when they give up."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.forms import MOST_ATTEMPTS
from actions.reminder_forms import (
    ValidateCancelReminderForm,
    ValidateChangeReminderForm,
    ValidateSetReminderForm,
)
from actions.reminders import ActionAskConfirmCancelReminders, ActionAskReminderWhen
from actions.settings import DATABASE_URL_VARIABLE
from actions.storage.database import Database
from actions.storage.reminders import Reminder, ReminderRepository
from tests.actions.conftest import USER
from tests.actions.hearing import NOW, ZONE, hear

now = datetime.fromisoformat(NOW)
SET, CHANGE, CANCEL = "set_reminder_form", "change_reminder_form", "cancel_reminder_form"


@pytest.fixture
def kept(database_url: str) -> ReminderRepository:
    """Ada's reminders."""
    return ReminderRepository(Database(database_url, 5.0), USER)


def reminder(what: str | None, minutes: float, kind: str = "timer", **more: Any) -> Reminder:
    due = now + timedelta(minutes=minutes)
    return Reminder(kind, due, ZONE, "callback", now, what, **more)


def due(slot: Any) -> list[str]:
    """The moments in a slot, short."""
    return [f"{datetime.fromisoformat(entry['due']):%d %H:%M}" for entry in slot]


# ------------------------------------------------------------------ to set


async def test_everything_in_one_message(talk: Any) -> None:
    hear(talk, "remind me to call mum at six", "set_reminder", ("reminder_text", "call mum"))
    slots = await talk.form(SET).run(ValidateSetReminderForm())
    assert slots["reminder_what"] == ["call mum"]
    assert due(slots["reminder_when"]) == ["20 18:00"]
    assert slots["reminder_kind"] == "reminder"
    assert "requested_slot" not in slots


async def test_a_timer_needs_no_words(talk: Any) -> None:
    hear(talk, "set a timer", "set_reminder").form(SET)
    slots = await talk.run(ValidateSetReminderForm())
    assert (slots["reminder_what"], slots["reminder_when"]) == ([], None)


async def test_a_reminder_needs_words(talk: Any) -> None:
    slots = await hear(talk, "remind me at six", "set_reminder").form(SET).run(
        ValidateSetReminderForm()
    )  # fmt: skip
    assert slots["reminder_what"] is None
    assert due(slots["reminder_when"]) == ["20 18:00"]


@pytest.mark.parametrize(
    ("text", "intent", "what"),
    [
        ("call mum", "nlu_fallback", ["call mum"]),
        ("buy milk", "add_items", ["buy milk"]),
        ("to take the bread out of the oven", "out_of_scope", ["take the bread out of the oven"]),
        ("call mum at six", "set_reminder", ["call mum"]),
    ],
)
async def test_nearly_anything_answers_of_what(
    talk: Any, text: str, intent: str, what: list[str]
) -> None:
    hear(talk, "remind me", "set_reminder").waiting(SET, "reminder_what")
    slots = await hear(talk, text, intent).run(ValidateSetReminderForm())
    assert slots["reminder_what"] == what


@pytest.mark.parametrize(
    ("text", "intent"),
    [("how are you?", "ask_how_are_you"), ("never mind", "cancel"), ("bye", "goodbye"),
     ("what's on my list?", "show_list"), ("is it raining", "nlu_question")],
)  # fmt: skip
async def test_something_else_is_no_answer(talk: Any, text: str, intent: str) -> None:
    hear(talk, "remind me", "set_reminder").waiting(SET, "reminder_what")
    assert await hear(talk, text, intent).run(ValidateSetReminderForm()) == {}


async def test_a_time_instead_of_the_words_is_taken_and_not_counted(talk: Any) -> None:
    hear(talk, "remind me", "set_reminder").waiting(SET, "reminder_what")
    slots = await hear(talk.slot("form_attempts", 0), "at six", "nlu_fallback").run(
        ValidateSetReminderForm()
    )
    assert due(slots["reminder_when"]) == ["20 18:00"]
    assert slots["form_attempts"] == 0


@pytest.mark.parametrize(
    ("text", "moment"), [("at six", "20 18:00"), ("6", "20 18:00"), ("tomorrow", "21 09:00")]
)
async def test_answers_to_when(talk: Any, text: str, moment: str) -> None:
    hear(talk, "remind me to call mum", "set_reminder", ("reminder_text", "call mum"))
    talk.slot("reminder_kind", "reminder").waiting(SET, "reminder_when")
    slots = await hear(talk, text, "nlu_fallback").run(ValidateSetReminderForm())
    assert due(slots["reminder_when"]) == [moment]


async def test_the_words_are_corrected_while_the_time_is_asked_for(talk: Any) -> None:
    hear(talk, "remind me to call mum", "set_reminder", ("reminder_text", "call mum"))
    talk.waiting(SET, "reminder_when")
    hear(talk, "no, call dad", "correct", ("reminder_text", "call dad"))
    assert (await talk.run(ValidateSetReminderForm()))["reminder_what"] == ["call dad"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set a timer for minus five minutes", "utter_time_of_nothing"),
        ("wake me at 25:00", "utter_no_such_time"),
        ("set an alarm for yesterday", "utter_time_is_past"),
    ],
)
async def test_what_cannot_be_is_said_and_asked_for_anew(talk: Any, text: str, said: str) -> None:
    slots = await hear(talk, text, "set_reminder").form(SET).run(ValidateSetReminderForm())
    assert slots["reminder_when"] is None
    assert talk.said == [said]


async def test_too_many_words_are_refused(talk: Any) -> None:
    long = "call mum " * 500
    hear(talk, f"remind me to {long} at six", "set_reminder", ("reminder_text", long.strip()))
    slots = await talk.form(SET).run(ValidateSetReminderForm())
    assert slots["reminder_what"] is None
    assert talk.said == ["utter_reminder_text_too_long"]


async def test_it_gives_up_in_the_end(talk: Any) -> None:
    hear(talk, "set a timer", "set_reminder").slot("reminder_kind", "timer")
    talk.waiting(SET, "reminder_when").slot("form_attempts", MOST_ATTEMPTS - 1)
    slots = await hear(talk, "well", "nlu_fallback").run(ValidateSetReminderForm())
    assert slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("timer", "utter_ask_timer_length"), ("alarm", "utter_ask_alarm_when"),
     ("reminder", "utter_ask_reminder_when")],
)  # fmt: skip
async def test_when_is_asked_for_in_the_words_of_the_kind(talk: Any, kind: str, asked: str) -> None:
    await talk.slot("reminder_kind", kind).run(ActionAskReminderWhen())
    assert talk.said == [asked]


# ------------------------------------------------------------------ to cancel


async def test_a_named_one_needs_no_yes(talk: Any, kept: ReminderRepository) -> None:
    pasta, _ = kept.add([reminder("pasta", 8), reminder("tea", 4)], now)
    hear(talk, "cancel the pasta timer", "cancel_reminder", ("reminder_text", "pasta"))
    slots = await talk.form(CANCEL).run(ValidateCancelReminderForm())
    assert slots["reminder_targets"] == [pasta.id]
    assert slots["confirm_cancel_reminders"] is True


@pytest.mark.parametrize(("text", "clear"), [("cancel the timer", True), ("cancel it", None)])
async def test_the_only_one_is_clear_if_its_kind_is_named(
    talk: Any, kept: ReminderRepository, text: str, clear: bool | None
) -> None:
    (pasta,) = kept.add([reminder("pasta", 8)], now)
    slots = await hear(talk, text, "cancel_reminder").form(CANCEL).run(ValidateCancelReminderForm())
    assert slots["reminder_targets"] == [pasta.id]
    assert slots["confirm_cancel_reminders"] is clear


async def test_all_of_them_need_a_yes(talk: Any, kept: ReminderRepository) -> None:
    added = kept.add([reminder("tea", 4), reminder("pasta", 8)], now)
    hear(talk, "cancel all timers", "cancel_reminder").form(CANCEL)
    slots = await talk.run(ValidateCancelReminderForm())
    assert slots["reminder_targets"] == [r.id for r in added]
    assert slots["confirm_cancel_reminders"] is None
    await talk.slot("reminder_targets", [r.id for r in added]).run(
        ActionAskConfirmCancelReminders()
    )
    assert "tea timer" in talk.filled["things"]
    assert "pasta timer" in talk.filled["things"]


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [("yes", "affirm", True), ("no", "deny", False), ("dunno", "nlu_fallback", None)],
)
async def test_yes_no_and_neither(
    talk: Any, kept: ReminderRepository, text: str, intent: str, answer: bool | None
) -> None:
    kept.add([reminder("tea", 4), reminder("pasta", 8)], now)
    hear(talk, "cancel all timers", "cancel_reminder").waiting(CANCEL, "confirm_cancel_reminders")
    slots = await hear(talk, text, intent).run(ValidateCancelReminderForm())
    assert slots["confirm_cancel_reminders"] is answer


async def test_an_answer_that_names_one_is_for_that_one(
    talk: Any, kept: ReminderRepository
) -> None:
    tea, _ = kept.add([reminder("tea", 4), reminder("pasta", 8)], now)
    hear(talk, "cancel all timers", "cancel_reminder").waiting(CANCEL, "confirm_cancel_reminders")
    hear(talk, "no, the tea timer", "correct", ("reminder_text", "tea"))
    slots = await talk.run(ValidateCancelReminderForm())
    assert slots["reminder_targets"] == [tea.id]
    assert slots["confirm_cancel_reminders"] is True


async def test_several_are_left_to_the_action(talk: Any, kept: ReminderRepository) -> None:
    kept.add([reminder("tea", 4), reminder("pasta", 8)], now)
    hear(talk, "cancel a timer", "cancel_reminder").form(CANCEL)
    slots = await talk.run(ValidateCancelReminderForm())
    assert slots["requested_slot"] is None
    assert slots["confirm_cancel_reminders"] is None


# ------------------------------------------------------------------ to change


@pytest.mark.parametrize(
    ("text", "texts", "expected"),
    [
        ("move the dentist reminder to 4", ["dentist"], "27 16:00"),
        ("move the dentist reminder to Monday at ten", ["dentist"], "23 10:00"),
        ("add two minutes to the tea timer", ["tea"], "20 15:06"),
        ("take a minute off the tea timer", ["tea"], "20 15:03"),
        ("one more minute for the tea timer", ["tea"], "20 15:05"),
        ("five more minutes", [], "20 15:09"),
    ],
)
async def test_which_one_and_to_when(
    talk: Any, kept: ReminderRepository, text: str, texts: list[str], expected: str
) -> None:
    week = 7 * 24 * 60
    kept.add([reminder("tea", 4), reminder("go to the dentist", week, "reminder")], now)
    hear(talk, text, "change_reminder", *(("reminder_text", part) for part in texts)).form(CHANGE)
    slots = await talk.run(ValidateChangeReminderForm())
    assert due(slots["reminder_new_time"]) == [expected]


async def test_the_new_time_is_asked_for(talk: Any, kept: ReminderRepository) -> None:
    (tea,) = kept.add([reminder("dentist", 4000, "reminder")], now)
    hear(talk, "move the dentist reminder", "change_reminder", ("reminder_text", "dentist"))
    slots = await talk.form(CHANGE).run(ValidateChangeReminderForm())
    assert (slots["reminder_targets"], slots["reminder_new_time"]) == ([tea.id], None)
    talk.slot("reminder_targets", [tea.id]).waiting(CHANGE, "reminder_new_time")
    slots = await hear(talk, "tomorrow at ten", "nlu_fallback").run(ValidateChangeReminderForm())
    assert due(slots["reminder_new_time"]) == ["21 10:00"]


async def test_less_time_than_is_left_cannot_be(talk: Any, kept: ReminderRepository) -> None:
    kept.add([reminder("tea", 4)], now)
    hear(talk, "take ten minutes off the timer", "change_reminder").form(CHANGE)
    slots = await talk.run(ValidateChangeReminderForm())
    assert slots["reminder_new_time"] is None
    assert talk.said == ["utter_time_is_past"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("snooze", "20 15:10"), ("snooze for twenty minutes", "20 15:20"),
     ("five more minutes", "20 15:05"), ("remind me again at four", "20 16:00")],
)  # fmt: skip
async def test_what_went_off_just_now_is_meant_to_be_snoozed(
    talk: Any, kept: ReminderRepository, text: str, expected: str
) -> None:
    kept.add([reminder("call mum", -1, "reminder"), reminder("tea", 30)], now)
    (rang,) = kept.claim_due(now)
    kept.confirm([(rang.id, rang.due_at)], now)
    slots = await hear(talk, text, "change_reminder").form(CHANGE).run(ValidateChangeReminderForm())
    assert slots["reminder_targets"] == [rang.id]
    assert due(slots["reminder_new_time"]) == [expected]


@pytest.mark.parametrize(
    ("form", "text", "intent"),
    [
        (ValidateCancelReminderForm, "cancel the timer", "cancel_reminder"),
        (ValidateChangeReminderForm, "five more minutes", "change_reminder"),
    ],
)
async def test_a_database_that_is_away_is_left_to_the_action(
    talk: Any, form: Any, text: str, intent: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv(DATABASE_URL_VARIABLE, f"sqlite:///{tmp_path}/blocker/parley.db")
    slots = await hear(talk, text, intent).form(form().form_name()).run(form())
    assert slots["requested_slot"] is None
    assert talk.said == []
