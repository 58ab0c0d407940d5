"""Lists, talked about with the running assistant: what it says and what it really keeps."""

from __future__ import annotations

import re

import pytest

from tests.conversations.conftest import Assistant, Talk

pytestmark = [pytest.mark.slow, pytest.mark.conversation]


def test_adds_shows_takes_off_and_clears(talk: Talk) -> None:
    said = talk.say("add milk and two loaves of bread to the shopping list")
    assert re.search(r"milk and (two|2) loaves of bread", said)
    assert talk.assistant.items(talk.sender) == {
        "shopping": [("milk", None, None), ("bread", "2", "loaf")]
    } or talk.things("shopping") == ["milk", "bread"]

    assert re.search(r"milk and (two|2) loaves of bread", talk.say("what's on it"))

    assert "milk" in talk.say("take the milk off")
    assert talk.things("shopping") == ["bread"]

    asked = talk.replies("clear it")
    assert re.search(r"really|sure", asked[-1]["text"])
    assert [button["payload"] for button in asked[-1]["buttons"]] == ["/affirm", "/deny"]
    assert talk.things("shopping") == ["bread"], "nothing goes before the answer"

    talk.say("yes")
    assert talk.things("shopping") == []
    assert re.search(r"empty|nothing", talk.say("show me the shopping list"))


def test_a_no_keeps_the_list(talk: Talk) -> None:
    talk.say("put eggs on the packing list")
    talk.say("empty the packing list")

    assert re.search(r"stays|left|kept", talk.say("no"))
    assert talk.things("packing") == ["eggs"]


def test_asks_only_for_what_is_missing(talk: Talk) -> None:
    assert re.search(r"(?i)which list|what's the list called|list shall", talk.say("add bananas"))
    talk.say("the shopping one")
    assert talk.things("shopping") == ["bananas"]

    assert re.search(
        r"(?i)what (shall|would)", talk.say("I want to add something to my packing list")
    )
    talk.say("a torch and two towels")
    assert talk.things("packing") == ["torch", "towels"]


def test_a_question_in_between_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    talk.say("add coffee")
    interrupted = talk.say("who are you?")
    assert "Parley" in interrupted
    assert re.search(r"(?i)list", interrupted), "and the question is asked again"

    talk.say("shopping")
    assert talk.things("shopping") == ["coffee"]


def test_never_mind_leaves_without_a_change(talk: Talk) -> None:
    talk.say("add sugar")
    talk.say("never mind")

    assert talk.assistant.items(talk.sender) == {}
    assert talk.slot("requested_slot") is None
    assert talk.slot("list_items") is None


def test_the_same_question_is_not_asked_for_ever(talk: Talk) -> None:
    questions = [talk.say("add something to a list")]
    for _ in range(4):
        questions.append(talk.say("hmm"))

    assert len(set(questions)) > 2
    assert talk.slot("requested_slot") is None


def test_quantities_of_the_same_thing_add_up(talk: Talk) -> None:
    talk.say("add two bottles of water to the shopping list")
    talk.say("add three bottles of water to the shopping list")

    assert [(n, q) for n, q, _ in talk.assistant.items(talk.sender)["shopping"]] == [("water", "5")]


def test_what_is_not_there_is_said(talk: Talk) -> None:
    talk.say("add milk to the shopping list")

    assert re.search(r"didn't find|doesn't have", talk.say("remove the bread from the list"))
    assert "don't have" in talk.say("show me the camping list").replace("can't find", "don't have")
    assert talk.things("shopping") == ["milk"]


def test_several_lists_are_told_apart(talk: Talk) -> None:
    talk.say("add rice to the shopping list")
    talk.say("add a passport to the packing list")
    said = talk.say("which lists do I have?")

    assert "shopping" in said and "packing" in said
    assert "passport" not in talk.say("show me the shopping list")


def test_two_people_do_not_see_each_others_lists(assistant: Assistant, talk: Talk) -> None:
    other = Talk(assistant, talk.sender + "-other")
    talk.say("add wine to the party list")
    other.say("add juice to the party list")

    assert "juice" not in talk.say("what's on the party list")
    assert "wine" not in other.say("what's on the party list")
    assert (talk.things("party"), other.things("party")) == (["wine"], ["juice"])


@pytest.mark.parametrize(
    "item", ["'); DROP TABLE lists; --", "<script>alert(1)</script>", "{sentiment}"]
)
def test_what_looks_like_code_is_a_thing_like_any_other(talk: Talk, item: str) -> None:
    talk.replies('/add_items{"item": "X", "list_name": "shopping"}'.replace("X", item))

    assert talk.things("shopping") == [item]
    assert item in talk.say("what's on the shopping list")


def test_lists_and_talk_survive_a_restart(assistant: Assistant, talk: Talk) -> None:
    talk.say("add honey to the shopping list")
    talk.say("add jam")

    assistant.restart()

    assert talk.things("shopping") == ["honey", "jam"]
    # The list in talk is still what "it" means.
    assert re.search(r"honey and jam", talk.say("what's on it"))
