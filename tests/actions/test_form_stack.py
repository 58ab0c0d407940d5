"""Forms within forms: what waits, what goes on, what is forgotten and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions import calendar, home, weather  # noqa: F401  (their actions end forms, too)
from actions.ending_forms import ABOUT, GATHERS, PENDING, EndsForm
from actions.fallback import ActionCancel, ActionDropSuggestion, ActionForgetPending
from actions.form_stack import form_stack
from actions.list_forms import ValidateAddItemsForm, ValidateClearListForm
from actions.lists import ActionAddItems, ActionRemoveItems
from actions.reminder_forms import ValidateSetReminderForm
from actions.reminders import ActionSetReminder
from actions.repeating import ActionStartOver
from actions.storage.lists import ListRepository
from tests.actions.conftest import ROOT, Talk

MILK = [{"name": "milk", "quantity": "2", "unit": "litre"}]
EGGS = [{"name": "eggs", "quantity": None, "unit": None}]


def adding(talk: Talk) -> Talk:
    talk.user("add 2 litres of milk", "add_items")
    return talk.asks("add_items_form", "list_name", list_items=MILK, list_name=None)


def timing(talk: Talk) -> Talk:
    talk.user("set a timer", "set_reminder")
    return talk.asks("set_reminder_form", "reminder_when", reminder_kind="timer", reminder_what=[])


def loops(talk: Talk) -> list[str | None]:
    return [event["name"] for event in talk.returned if event["event"] == "active_loop"]


def test_every_form_can_wait(domain: dict[str, Any]) -> None:
    assert set(GATHERS) == set(ABOUT) == set(domain["forms"])
    for form, settings in domain["forms"].items():
        assert set(settings["required_slots"]) <= set(GATHERS[form])


def test_all_that_a_form_gathers_is_forgotten_but_what_is_talked_of() -> None:
    gathered = {slot for slots in GATHERS.values() for slot in slots}
    assert gathered - set(PENDING) == {"list_name", "weather_in_talk"}


def test_nothing_waits_below_the_first_form(talk: Talk) -> None:
    assert form_stack(adding(talk).tracker()).waiting == []


def test_the_form_that_was_interrupted_waits_with_what_it_had(talk: Talk) -> None:
    stack = form_stack(timing(adding(talk)).tracker())
    assert stack.active == "set_reminder_form"
    [(form, slots)] = stack.waiting
    assert (form, slots["list_items"], slots["requested_slot"]) == (
        "add_items_form",
        MILK,
        "list_name",
    )


def test_what_a_session_before_left_open_does_not_wait(talk: Talk) -> None:
    adding(talk).events.append({"event": "session_started"})
    assert form_stack(timing(talk).tracker()).waiting == []


def test_what_has_ended_does_not_wait(talk: Talk) -> None:
    adding(talk).ends("add_items_form").bot("action_add_items")
    assert form_stack(timing(talk).tracker()).waiting == []


async def test_the_second_is_done_and_the_first_goes_on(talk: Talk) -> None:
    when = [{"due": "2030-01-01T12:00:00+00:00", "rrule": None}]
    timing(adding(talk)).user("ten minutes", "set_reminder")
    talk.ends("set_reminder_form", reminder_when=when)
    slots = await talk.run(ActionSetReminder())
    assert loops(talk) == ["add_items_form"]
    assert talk.said[-1] == "utter_back_to"
    assert talk.filled["what"] == "adding to your list"
    assert (slots["list_items"], slots["requested_slot"]) == (MILK, "list_name")
    assert slots["reminder_kind"] is slots["reminder_when"] is None


async def test_a_form_that_goes_on_leaves_alone_the_message_that_ended_the_other(
    talk: Talk,
) -> None:
    timing(adding(talk)).user("never mind", "cancel")
    await talk.goes_on(ActionCancel())
    assert await talk.run(ValidateAddItemsForm()) == {}
    talk.bot("add_items_form").user("shopping", "inform_list", ("list_name", "shopping"))
    assert (await talk.run(ValidateAddItemsForm()))["list_name"] == "shopping"


async def test_two_forms_of_lists_keep_apart_what_they_gather(
    talk: Talk, lists: ListRepository
) -> None:
    lists.add("packing", [])
    adding(talk).user("take the eggs off the packing list", "remove_items")
    # The form begins and ends within one message.
    talk.events.append({"event": "action", "name": "remove_items_form"})
    talk.form("remove_items_form").slot("list_items", EGGS).slot("list_name", "packing").form(None)
    slots = await talk.run(ActionRemoveItems())
    assert (slots["list_items"], slots["list_name"]) == (MILK, None)
    assert talk.said == ["utter_items_missing", "utter_back_to"]


async def test_the_list_in_talk_stays_where_another_skill_waits(
    talk: Talk, lists: ListRepository
) -> None:
    timing(talk).user("add eggs to the shopping list", "add_items")
    talk.asks("add_items_form", "list_name", list_items=EGGS)
    talk.user("shopping", "inform_list").ends("add_items_form", list_name="shopping")
    slots = await talk.run(ActionAddItems())
    assert slots["list_name"] == "shopping"
    assert slots["reminder_kind"] == "timer"
    assert loops(talk) == ["set_reminder_form"]
    assert [item.name for item in lists.items("shopping")] == ["eggs"]


@pytest.mark.parametrize("action", [ActionCancel, ActionDropSuggestion])
async def test_never_mind_leaves_one_after_the_other(talk: Talk, action: type[Any]) -> None:
    timing(adding(talk)).user("never mind", "cancel")
    await talk.goes_on(action())
    assert loops(talk) == [None, "add_items_form"]
    assert talk.said == ["utter_cancelled", "utter_back_to"]
    talk.bot("add_items_form").user("never mind", "cancel")
    slots = await talk.run(action())
    assert loops(talk) == [None]
    assert talk.said == ["utter_cancelled"]
    assert slots["list_items"] is None


async def test_three_deep_each_goes_on_in_turn(talk: Talk) -> None:
    timing(adding(talk)).user("clear the packing list", "clear_list")
    talk.asks("clear_list_form", "confirm_clear", list_name="packing", list_items=None)
    await talk.user("never mind", "cancel").goes_on(ActionCancel())
    assert loops(talk)[-1] == "set_reminder_form"
    assert talk.tracker().get_slot("reminder_kind") == "timer"
    await talk.bot("set_reminder_form").user("never mind", "cancel").goes_on(ActionCancel())
    assert loops(talk)[-1] == "add_items_form"
    assert talk.tracker().get_slot("list_items") == MILK
    assert talk.tracker().get_slot("list_name") is None


async def test_a_form_may_wait_for_another_of_its_kind(talk: Talk) -> None:
    timing(adding(talk)).user("add eggs to a list", "add_items")
    talk.asks("add_items_form", "list_name", list_items=EGGS)
    await talk.user("never mind", "cancel").goes_on(ActionCancel())
    await talk.bot("set_reminder_form").user("never mind", "cancel").goes_on(ActionCancel())
    assert talk.tracker().get_slot("list_items") == MILK


async def test_who_takes_leave_hears_all_that_is_not_done(talk: Talk) -> None:
    timing(adding(talk)).user("bye", "goodbye")
    await talk.run(ActionForgetPending())
    assert loops(talk) == [None]
    assert talk.filled["what"] == "adding to your list and setting the timer"


async def test_starting_over_leaves_them_all(talk: Talk) -> None:
    timing(adding(talk)).user("start over", "start_over")
    await talk.goes_on(ActionStartOver())
    assert (loops(talk), talk.said) == ([None], ["utter_started_over"])
    talk.bot("action_start_over")
    assert form_stack(timing(talk).tracker()).waiting == []


async def test_what_interrupted_can_be_put_right_while_the_first_asks_again(
    talk: Talk, lists: ListRepository
) -> None:
    timing(talk).user("add eggs to the shopping list", "add_items")
    talk.asks("add_items_form", "list_name", list_items=EGGS)
    talk.user("shopping", "inform_list").ends("add_items_form", list_name="shopping")
    await talk.goes_on(ActionAddItems())
    talk.bot("set_reminder_form")
    talk.user("no, the packing list", "correct", ("list_name", "packing"))
    assert await talk.run(ValidateSetReminderForm()) == {}


async def test_a_correction_after_that_is_for_the_form_that_asks(
    talk: Talk, lists: ListRepository
) -> None:
    timing(adding(talk)).user("never mind", "cancel")
    await talk.goes_on(ActionCancel())
    talk.bot("add_items_form").user("no, 2 eggs", "correct", ("quantity", "2"), ("item", "eggs"))
    assert [i["name"] for i in (await talk.run(ValidateAddItemsForm()))["list_items"]] == ["eggs"]


async def test_a_yes_counts_for_a_question_that_was_asked_again(
    talk: Talk, lists: ListRepository
) -> None:
    talk.user("clear the packing list", "clear_list")
    talk.asks("clear_list_form", "confirm_clear", list_name="packing")
    timing(talk).user("never mind", "cancel")
    await talk.goes_on(ActionCancel())
    assert talk.tracker().get_slot("list_name") == "packing"
    talk.bot("clear_list_form").user("yes", "affirm")
    slots = await talk.run(ValidateClearListForm(), confirm_clear=True)
    assert slots["confirm_clear"] is True


def test_every_form_ends_by_an_action_that_lets_the_others_go_on(domain: dict[str, Any]) -> None:
    kinds = _all_below(EndsForm)
    ends = {kind().name() for kind in kinds if not getattr(kind, "__abstractmethods__", None)}
    after: set[str] = set()
    for path in sorted(Path(ROOT / "data/rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            steps = rule["steps"]
            if steps[0].get("action") in domain["forms"] and {"active_loop": None} in steps:
                after.add(steps[-1]["action"])
    assert after == ends


def _all_below(kind: type[Any]) -> set[type[Any]]:
    return {kind}.union(*(_all_below(below) for below in kind.__subclasses__()))
