"""What the reminders skill does, says and takes back; and how what is due is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.ahead import ActionTakeMessage
from actions.delivering import ActionDeliverReminder
from actions.reminder_times import When
from actions.reminders import (
    ActionCancelReminder,
    ActionChangeReminder,
    ActionListReminders,
    ActionSetReminder,
    paired,
)
from actions.settings import DATABASE_URL_VARIABLE
from actions.storage.database import Database
from actions.storage.reminders import MOST_WAITING, Reminder, ReminderRepository
from actions.undo import ActionUndo
from tests.actions.conftest import USER
from tests.actions.hearing import NOW, ZONE, hear

now = datetime.fromisoformat(NOW)


@pytest.fixture
def kept(database_url: str) -> ReminderRepository:
    """Ada's reminders."""
    return ReminderRepository(Database(database_url, 5.0), USER)


@pytest.fixture
def broken_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv(DATABASE_URL_VARIABLE, f"sqlite:///{tmp_path}/blocker/parley.db")


def reminder(what: str | None, minutes: float, kind: str = "timer", **more: Any) -> Reminder:
    due = now + timedelta(minutes=minutes)
    return Reminder(kind, due, ZONE, "callback", now, what, **more)


def gathered(
    talk: Any, kind: str, what: list[str], *minutes: float, rule: str | None = None
) -> Any:
    """The form for setting has gathered this."""
    whens = [{"due": (now + timedelta(minutes=m)).isoformat(), "rrule": rule} for m in minutes]
    return talk.slot("reminder_kind", kind).slot("reminder_what", what).slot("reminder_when", whens)


# ------------------------------------------------------------------ setting


async def test_a_timer_is_set_in_the_channel_of_the_conversation(
    talk: Any, kept: ReminderRepository
) -> None:
    hear(talk, "set a pasta timer for 8 minutes", "set_reminder", channel="telegram")
    slots = await gathered(talk, "timer", ["pasta"], 8).run(ActionSetReminder())
    assert talk.said == ["utter_timer_set"]
    assert (talk.filled["thing"], talk.filled["length"]) == ("your pasta timer", "eight minutes")
    (there,) = kept.waiting()
    assert (there.channel, there.zone, there.what) == ("telegram", ZONE, "pasta")
    assert slots["reminder_when"] is None
    again = {e["entity"]: e["value"] for e in slots["last_effect"]["again"]["entities"]}
    assert again == {"reminder_kind": "timer", "reminder_text": "pasta", "duration": 480}


async def test_what_is_set_on_the_users_behalf_keeps_the_channel(
    talk: Any, kept: ReminderRepository
) -> None:
    hear(talk, "no, fifteen", "correct", channel="telegram")
    talk.user("/set_reminder", "set_reminder")
    talk.events[-1]["metadata"] = {"model_id": "added by Rasa"}
    await gathered(talk, "timer", [], 15).run(ActionSetReminder())
    (there,) = kept.waiting()
    assert (there.channel, there.zone, there.created_at) == ("telegram", ZONE, now)


async def test_where_nothing_can_be_pushed_it_is_said_once(talk: Any) -> None:
    hear(talk, "set a timer for 8 minutes", "set_reminder", channel="rest")
    slots = await gathered(talk, "timer", [], 8).run(ActionSetReminder())
    assert talk.said == ["utter_timer_set", "utter_said_at_next_message"]
    talk.slot("last_effect", slots["last_effect"])
    await gathered(talk, "timer", [], 9).run(ActionSetReminder())
    assert talk.said == ["utter_timer_set"]


async def test_what_recurs_is_said_by_its_recurrence(talk: Any) -> None:
    hear(talk, "x", "set_reminder")
    await gathered(talk, "reminder", ["take my pills"], 960, rule="FREQ=DAILY").run(
        ActionSetReminder()
    )
    assert talk.filled["when"] == "every day at seven in the morning"
    assert talk.filled["what"] == "take your pills"


async def test_several_at_a_time(talk: Any, kept: ReminderRepository) -> None:
    hear(talk, "x", "set_reminder")
    await gathered(talk, "timer", [], 5, 10).run(ActionSetReminder())
    assert talk.said == ["utter_several_set"]
    assert len(kept.waiting()) == 2


@pytest.mark.parametrize(
    ("texts", "times", "pairs"),
    [
        ([], [1, 2], [(None, 1), (None, 2)]),
        (["a", "b"], [1, 2], [("a", 1), ("b", 2)]),
        (["a", "b"], [1], [("a", 1), ("b", 1)]),
        (["a"], [1, 2], [("a", 1), ("a", 2)]),
        (["a", "b"], [1, 2, 3], [("a and b", 1), ("a and b", 2), ("a and b", 3)]),
    ],
)
def test_what_goes_with_which_time(
    texts: list[str], times: list[int], pairs: list[tuple[str | None, int]]
) -> None:
    whens = {number: When(now + timedelta(hours=number)) for number in times}
    assert paired(texts, list(whens.values())) == [(what, whens[n]) for what, n in pairs]


async def test_there_is_a_limit(talk: Any, kept: ReminderRepository) -> None:
    kept.add([reminder("tea", 5)] * MOST_WAITING, now)
    hear(talk, "x", "set_reminder")
    await gathered(talk, "timer", [], 5).run(ActionSetReminder())
    assert talk.said == ["utter_too_many_reminders"]
    assert len(kept.waiting()) == MOST_WAITING


async def test_a_form_that_gave_up_sets_nothing(talk: Any, kept: ReminderRepository) -> None:
    hear(talk, "x", "set_reminder")
    await gathered(talk, "timer", []).run(ActionSetReminder())
    assert talk.said == ["utter_given_up"]
    assert kept.waiting() == []


@pytest.mark.usefixtures("broken_database")
@pytest.mark.parametrize(
    "action",
    [ActionSetReminder, ActionListReminders, ActionChangeReminder, ActionCancelReminder],
)
async def test_a_database_that_is_away_is_said(talk: Any, action: Any) -> None:
    hear(talk, "x", "set_reminder")
    await gathered(talk, "timer", [], 5).slot("reminder_targets", [1]).run(action())
    assert talk.said == ["utter_reminders_unavailable"]


# ------------------------------------------------------------------ listing


@pytest.mark.parametrize(
    ("text", "texts", "response", "filled"),
    [
        ("how long is left on the pasta timer", ["pasta"], "utter_time_left", "Eight minutes"),
        ("show my reminders", [], "utter_reminders_listed", '"call mum" at four this afternoon'),
        ("show all my alarms", [], "utter_no_reminders", "alarms"),
        ("how long is left on the egg timer", ["egg"], "utter_unknown_reminder", "a pasta timer"),
    ],
)
async def test_listing(
    talk: Any, kept: ReminderRepository, text: str, texts: list[str], response: str, filled: str
) -> None:
    kept.add([reminder("pasta", 8), reminder("call mum", 60, "reminder")], now)
    hear(talk, text, "list_reminders", *(("reminder_text", part) for part in texts))
    await talk.run(ActionListReminders())
    assert talk.said == [response]
    assert any(filled in str(value) for value in talk.filled.values())


async def test_what_was_listed_can_be_chosen(talk: Any, kept: ReminderRepository) -> None:
    pasta, tea = kept.add([reminder("pasta", 8), reminder("tea", 20)], now)
    slots = await hear(talk, "what timers are running", "list_reminders").run(ActionListReminders())
    ids = [choice["entities"][0]["value"] for choice in slots["choices"]]
    assert ids == [str(pasta.id), str(tea.id)]


# ------------------------------------------------------------------ changing, cancelling, undoing


async def test_a_change_is_taken_back(talk: Any, kept: ReminderRepository) -> None:
    (tea,) = kept.add([reminder("tea", 4)], now)
    hear(talk, "add two minutes to the tea timer", "change_reminder", ("reminder_text", "tea"))
    later = {"due": (now + timedelta(minutes=6)).isoformat(), "rrule": None}
    talk.slot("reminder_targets", [tea.id]).slot("reminder_new_time", [later])
    slots = await talk.run(ActionChangeReminder())
    assert talk.said == ["utter_timer_changed"]
    assert kept.waiting()[0].due_at == now + timedelta(minutes=6)
    await talk.slot("last_effect", slots["last_effect"]).run(ActionUndo())
    assert talk.said == ["utter_reminder_as_before"]
    assert kept.waiting()[0].due_at == now + timedelta(minutes=4)


async def test_what_recurs_is_snoozed_by_one_more(talk: Any, kept: ReminderRepository) -> None:
    kept.add([reminder("take my pills", -1, "reminder", rrule="FREQ=DAILY")], now)
    (rang,) = kept.claim_due(now)
    kept.confirm([(rang.id, rang.due_at)], now)
    hear(talk, "snooze", "change_reminder")
    soon = {"due": (now + timedelta(minutes=10)).isoformat(), "rrule": None}
    talk.slot("reminder_targets", [rang.id]).slot("reminder_new_time", [soon])
    await talk.run(ActionChangeReminder())
    assert talk.said == ["utter_snoozed"]
    once, daily = kept.waiting()
    assert (once.rrule, once.due_at, once.what) == (
        None, now + timedelta(minutes=10), "take my pills",
    )  # fmt: skip
    assert (daily.rrule, daily.due_at) == ("FREQ=DAILY", now + timedelta(minutes=-1, days=1))


async def test_several_that_could_be_changed_are_offered(
    talk: Any, kept: ReminderRepository
) -> None:
    kept.add([reminder("tea", 4), reminder("pasta", 8)], now)
    hear(talk, "add two minutes to the timer", "change_reminder")
    slots = await talk.run(ActionChangeReminder())
    assert talk.said == ["utter_which_reminder_to_change"]
    first = {e["entity"]: e["value"] for e in slots["choices"][0]["entities"]}
    assert (first["duration"], first["reminder_change"]) == (120, "more")


async def test_nothing_to_snooze(talk: Any) -> None:
    await hear(talk, "snooze", "change_reminder").run(ActionChangeReminder())
    assert talk.said == ["utter_nothing_to_snooze"]


async def test_cancelling_and_bringing_back(talk: Any, kept: ReminderRepository) -> None:
    added = kept.add([reminder("tea", 4), reminder(None, 8), reminder(None, 9)], now)
    hear(talk, "cancel all timers", "cancel_reminder")
    talk.slot("reminder_targets", [r.id for r in added]).slot("confirm_cancel_reminders", True)
    slots = await talk.run(ActionCancelReminder())
    assert talk.filled["things"] == "the tea timer and 2 timers"
    assert kept.waiting() == []
    await talk.slot("last_effect", slots["last_effect"]).run(ActionUndo())
    assert [r.id for r in kept.waiting()] == [r.id for r in added]


async def test_without_a_yes_nothing_is_cancelled(talk: Any, kept: ReminderRepository) -> None:
    (tea,) = kept.add([reminder("tea", 4)], now)
    hear(talk, "no", "deny").slot("reminder_targets", [tea.id])
    await talk.slot("confirm_cancel_reminders", False).run(ActionCancelReminder())
    assert talk.said == ["utter_reminders_kept"]
    assert len(kept.waiting()) == 1


async def test_what_was_set_is_taken_back(talk: Any, kept: ReminderRepository) -> None:
    hear(talk, "x", "set_reminder")
    slots = await gathered(talk, "timer", ["tea"], 4).run(ActionSetReminder())
    await talk.slot("last_effect", slots["last_effect"]).run(ActionUndo())
    assert talk.said == ["utter_reminders_taken_back"]
    assert kept.waiting() == []


# ------------------------------------------------------------------ saying what is due


def delivered_by_process(talk: Any) -> Any:
    """The delivery process has just asked."""
    talk.user("EXTERNAL: EXTERNAL_reminder_due", "EXTERNAL_reminder_due")
    talk.events[-1]["metadata"] = {"is_external": True}
    talk.events[-1]["input_channel"] = "callback"
    return talk


def soon(what: str | None, kind: str, seconds: float = 1) -> Reminder:
    """Due a moment ago by the clock on the wall."""
    due = datetime.now(now.tzinfo) - timedelta(seconds=seconds)
    return replace(reminder(what, 0, kind), due_at=due)


@pytest.mark.parametrize(
    ("kind", "what", "seconds", "response"),
    [
        ("timer", "tea", 1, "utter_timer_done"),
        ("alarm", None, 1, "utter_alarm_rings"),
        ("reminder", "call mum", 1, "utter_reminder_due"),
        ("reminder", "call mum", 3600, "utter_reminder_late"),
        ("timer", None, 3600, "utter_reminder_late"),
    ],
)
async def test_what_is_due_is_said(
    talk: Any, kept: ReminderRepository, kind: str, what: str, seconds: float, response: str
) -> None:
    (added,) = kept.add([soon(what, kind, seconds)], now)
    slots = await delivered_by_process(talk).run(ActionDeliverReminder())
    assert talk.said == [response]
    assert slots["reminders_said"] == [[added.id, kept.waiting()[0].due_at.isoformat()]]
    # Whether it arrived is for the process to know: it waits until it is confirmed.
    assert len(kept.waiting()) == 1


async def test_what_was_said_but_not_noted_is_not_said_twice(
    talk: Any, kept: ReminderRepository
) -> None:
    kept.add([soon("call mum", "reminder")], now)
    slots = await delivered_by_process(talk).run(ActionDeliverReminder())
    # The process ended before it could note it, and the claim ran out.
    kept.put(kept.waiting()[0])
    talk.slot("reminders_said", slots["reminders_said"])
    again = await delivered_by_process(talk).run(ActionDeliverReminder())
    assert talk.said == []
    assert again["reminders_said"] == slots["reminders_said"]


async def test_a_person_who_says_the_intent_learns_only_what_is_theirs(
    talk: Any, database_url: str
) -> None:
    other = ReminderRepository(Database(database_url, 5.0), "bob")
    other.add([soon("buy a present", "reminder")], now)
    hear(talk, "/EXTERNAL_reminder_due", "EXTERNAL_reminder_due")
    await talk.run(ActionDeliverReminder())
    assert talk.said == ["utter_ask_rephrase"]
    assert len(other.waiting()) == 1


async def test_what_is_due_is_said_at_the_next_message(talk: Any, kept: ReminderRepository) -> None:
    kept.add([reminder("call mum", 10, "reminder")], now)
    hear(talk, "hello", "greet")
    await talk.run(ActionTakeMessage())
    assert talk.said == []
    for said in (["utter_reminder_late"], []):
        hear(talk, "hello", "greet", at="2026-11-20T16:00:00+01:00")
        talk.dispatcher.messages.clear()
        tracker = talk.tracker()
        await ActionTakeMessage().run(talk.dispatcher, tracker, talk.domain)
        assert talk.said == said
    assert kept.waiting() == []


async def test_it_is_not_claimed_where_it_would_not_be_heard(
    talk: Any, kept: ReminderRepository
) -> None:
    # When a form starts, Rasa asks once more, and throws away what is said.
    kept.add([reminder("call mum", -10, "reminder")], now)
    hear(talk, "add milk", "add_items").form("add_items_form")
    await ActionTakeMessage().run(talk.dispatcher, talk.tracker(), talk.domain)
    assert talk.dispatcher.messages == []
    assert len(kept.claim_due(now)) == 1


async def test_nothing_else_is_said_ahead_of_a_delivery(
    talk: Any, kept: ReminderRepository
) -> None:
    kept.add([soon("call mum", "reminder")], now)
    for text in ("come on", "good grief"):
        talk.bot("action_add_items")
        talk.user(
            text, "add_items", sentiment={"name": "negative", "confidence": 0.9, "ranking": []}
        )
    assert (await talk.run(ActionTakeMessage()))["mood_course"] == "angry"
    await delivered_by_process(talk).run(ActionTakeMessage())
    assert talk.said == []
    await delivered_by_process(talk).run(ActionDeliverReminder())
    assert talk.said == ["utter_reminder_due"]
