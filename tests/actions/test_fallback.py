"""Asking back, and taking yes or no for an answer."""

from typing import Any

import pytest

from actions.ending_forms import PENDING
from actions.fallback import (
    GUESSES,
    ActionAskBack,
    ActionCancel,
    ActionDropSuggestion,
    ActionFollowSuggestion,
    ActionForgetPending,
    ActionTakeBareAnswer,
    best_guess,
)


def ranking(*entries: tuple[str, float]) -> list[dict[str, Any]]:
    first = {"name": "nlu_fallback", "confidence": 0.7}
    return [first, *({"name": name, "confidence": sure} for name, sure in entries)]


def unsure(talk: Any, *entries: tuple[str, float]) -> Any:
    """A message that may have been meant for adding butter."""
    return talk.user(
        "butter perhaps", "nlu_fallback", ("item", "butter"),
        intent_ranking=ranking(*entries or (("add_items", 0.3), ("greet", 0.2))),
    )  # fmt: skip


def test_every_guess_is_an_intent(domain: dict[str, Any]) -> None:
    assert set(GUESSES) <= set(domain["intents"])


@pytest.mark.parametrize(
    ("entries", "guess"),
    [
        ([("add_items", 0.3)], "add_items"),
        ([("greet", 0.3), ("show_list", 0.2)], "show_list"),
        ([("add_items", 0.05)], None),
        ([("greet", 0.2), ("thank", 0.2), ("deny", 0.2), ("add_items", 0.15)], None),
        ([], None),
    ],
)
def test_best_guess(entries: list[tuple[str, float]], guess: str | None) -> None:
    assert best_guess({"intent_ranking": ranking(*entries)}) == guess


async def test_the_best_guess_is_asked_about(talk: Any) -> None:
    slots = await unsure(talk).run(ActionAskBack())
    assert slots == {"suggested_intent": "add_items"}
    assert talk.said == ["utter_ask_back"]
    assert talk.filled["guess"] == "add something to a list"


async def test_without_a_guess_other_words_are_asked_for(talk: Any) -> None:
    slots = await unsure(talk, ("greet", 0.2)).run(ActionAskBack())
    assert slots == {"suggested_intent": None}
    assert talk.said == ["utter_ask_rephrase"]


async def test_the_second_in_a_row_helps(talk: Any) -> None:
    unsure(talk).bot("action_ask_back")
    await unsure(talk).run(ActionAskBack())
    assert talk.said == ["utter_offer_capabilities"]


async def test_two_that_are_not_in_a_row_are_two_firsts(talk: Any) -> None:
    unsure(talk).bot("action_ask_back").user("hi", "greet").bot("utter_greet")
    await unsure(talk).run(ActionAskBack())
    assert talk.said == ["utter_ask_back"]


async def test_yes_says_the_message_again_as_it_was_meant(talk: Any) -> None:
    unsure(talk).slot("suggested_intent", "add_items").bot("action_ask_back")
    slots = await talk.user("yes", "affirm").run(ActionFollowSuggestion())
    assert slots == {"suggested_intent": None}
    listen, said = talk.returned[-2:]
    assert (listen["event"], listen["name"]) == ("action", "action_listen")
    assert (said["event"], said["text"]) == ("user", "butter perhaps")
    assert said["parse_data"]["intent"] == {"name": "add_items", "confidence": 1.0}
    assert [e["value"] for e in said["parse_data"]["entities"]] == ["butter"]
    assert talk.said == []


@pytest.mark.parametrize(
    ("offer", "intent"), [("utter_console", "tell_joke"), ("utter_offer_help", "ask_capabilities")]
)
async def test_yes_takes_an_offer(talk: Any, offer: str, intent: str) -> None:
    talk.user("this is bad", "complain").bot(offer).user("yes", "affirm")
    await talk.run(ActionFollowSuggestion())
    assert talk.returned[-1]["parse_data"]["intent"]["name"] == intent
    assert talk.returned[-1]["parse_data"]["entities"] == []


async def test_yes_to_nothing(talk: Any) -> None:
    await talk.user("yes", "affirm").run(ActionFollowSuggestion())
    assert (talk.returned, talk.said) == ([], ["utter_nothing_was_asked"])


async def test_a_suggestion_is_over_with_the_next_message(talk: Any) -> None:
    unsure(talk).slot("suggested_intent", "clear_list").bot("action_ask_back")
    talk.user("hello", "greet").bot("utter_greet").user("yes", "affirm")
    await talk.run(ActionFollowSuggestion())
    assert talk.said == ["utter_nothing_was_asked"]


async def test_a_suggestion_does_not_outlive_its_session(talk: Any) -> None:
    unsure(talk).slot("suggested_intent", "add_items").bot("action_ask_back")
    talk.events.append({"event": "session_started"})
    talk.slot("suggested_intent", "add_items").user("yes", "affirm")
    await talk.run(ActionFollowSuggestion())
    assert talk.said == ["utter_nothing_was_asked"]


async def test_no_to_a_guess_asks_for_other_words(talk: Any) -> None:
    unsure(talk).slot("suggested_intent", "add_items").bot("action_ask_back")
    slots = await talk.user("no", "deny").run(ActionDropSuggestion())
    assert slots == {"suggested_intent": None}
    assert talk.said == ["utter_ask_rephrase"]


async def test_no_to_an_offer_or_to_nothing(talk: Any) -> None:
    await talk.user("no", "deny").run(ActionDropSuggestion())
    assert talk.said == ["utter_all_right"]
    talk.bot("utter_console").user("no", "deny")
    await talk.run(ActionDropSuggestion())
    assert talk.said == ["utter_all_right"]


@pytest.mark.parametrize("action", [ActionDropSuggestion, ActionCancel])
async def test_no_and_never_mind_leave_a_form(talk: Any, action: type[Any]) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    slots = await talk.user("no", "deny").run(action())
    assert {"event": "active_loop", "name": None, "timestamp": None} in talk.returned
    assert slots["requested_slot"] is slots["list_items"] is slots["form_attempts"] is None
    assert "list_name" not in slots
    assert talk.said == ["utter_cancelled"]


async def test_never_mind_what(talk: Any) -> None:
    await talk.user("never mind", "cancel").run(ActionCancel())
    assert talk.said == ["utter_nothing_to_cancel"]
    unsure(talk).slot("suggested_intent", "add_items").bot("action_ask_back")
    await talk.user("never mind", "cancel").run(ActionCancel())
    assert talk.said == ["utter_cancelled"]


async def test_who_takes_leave_hears_what_is_not_done(talk: Any) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    slots = await talk.run(ActionForgetPending())
    assert (talk.said, talk.filled["what"]) == (["utter_dropped"], "adding to your list")
    assert set(slots) == {"requested_slot", *PENDING}


async def test_things_out_of_the_blue(talk: Any) -> None:
    talk.user("milk and eggs", "inform_list", ("item", "milk"), ("item", "eggs"))
    assert await talk.run(ActionTakeBareAnswer()) == {"suggested_intent": "add_items"}
    assert (talk.said, talk.filled["items"]) == (["utter_ask_add_these"], "milk and eggs")
    assert talk.filled["where"] == "a list"
    talk.bot("action_take_bare_answer").slot("suggested_intent", "add_items")
    await talk.user("yes", "affirm").run(ActionFollowSuggestion())
    assert talk.returned[-1]["text"] == "milk and eggs"


async def test_things_out_of_the_blue_go_with_the_list_in_talk(talk: Any) -> None:
    talk.user("add tea", "add_items").slot("list_name", "shopping").bot("action_add_items")
    talk.user("thanks", "thank").bot("utter_welcome").user("salt", "inform_list", ("item", "salt"))
    await talk.run(ActionTakeBareAnswer())
    assert talk.filled["where"] == "your shopping list"


async def test_a_list_out_of_the_blue(talk: Any) -> None:
    talk.user("the packing list", "inform_list", ("list_name", "packing"))
    assert await talk.run(ActionTakeBareAnswer()) == {"suggested_intent": "show_list"}
    assert talk.said == ["utter_ask_show_this"]


async def test_a_bare_answer_with_nothing_in_it(talk: Any) -> None:
    await talk.user("on it", "inform_list").run(ActionTakeBareAnswer())
    assert talk.said == ["utter_ask_rephrase"]
