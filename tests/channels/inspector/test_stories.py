"""Turns as stories, rules and test stories: what is written, and that Rasa reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUtteranceReverted, UserUttered
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import RuleStep, StoryStep

from channels.inspector.annotating import annotated
from channels.inspector.state import Event
from channels.inspector.stories import Kind, Model, NotTellableError, write
from scripts.project import ROOT
from tests.channels.inspector.conversation import (
    did,
    entity,
    excerpt,
    filled,
    listens,
    loop,
    said,
    session,
    stored,
)

ADD = "add milk and two loaves of bread"


@pytest.fixture(scope="module")
def model() -> Model:
    rule_only = frozenset({"sentiment", "mood_course", "apology_due", "handoff_offered"})
    return Model(Domain.load(str(ROOT / "domain.yml")), rule_only)


@pytest.fixture(scope="module")
def shopping() -> list[Event]:
    """Greeting, a form that asks once and is left once, something taken back, a correction."""
    return stored(
        session(),
        said("hello", "greet", sentiment="neutral"),
        *(filled("sentiment", "neutral"), did("utter_greet"), listens()),
        said(
            ADD,
            "add_items",
            [
                entity(ADD, "milk", "item"),
                entity(ADD, "two", "number", 2),
                entity(ADD, "two loaves", "amount", {"value": 2, "unit": "loaf"}),
                entity(ADD, "loaves", "unit", "loaf", processors=["EntitySynonymMapper"]),
            ],
        ),
        *(did("add_items_form"), loop("add_items_form"), filled("requested_slot", "list_name")),
        listens(),
        said("what is the weather like?", "ask_weather"),
        *(did("action_tell_weather"), did("add_items_form"), listens()),
        said("the packing one", "inform_list", [entity("the packing one", "packing", "list_name")]),
        *(did("add_items_form"), filled("requested_slot", None), loop(None)),
        *(did("action_add_items"), listens()),
        *(said("blorp", "nlu_fallback"), did("action_ask_back"), listens()),
        *(UserUtteranceReverted(), listens()),
        said("no, the party list", "correct", sentiment="negative"),
        *(filled("sentiment", "negative"), did("action_correct"), listens()),
        said("/add_items", "add_items", [{"entity": "item", "value": "milk"}], message_id=None),
        *(did("add_items_form"), loop("add_items_form"), loop(None), did("action_add_items")),
        listens(),
    )


def read(text: str, kind: Kind, model: Model, folder: Path) -> list[StoryStep]:
    """Has Rasa read a file; what it warns of is an error in these tests."""
    path = folder / ("test_it.yml" if kind == "test" else "it.yml")
    path.write_text(text, encoding="utf-8")
    steps: list[StoryStep] = YAMLStoryReader(model.domain).read_from_file(path)
    return steps


def test_a_story_tells_what_people_would_write(
    shopping: list[Event], model: Model, tmp_path: Path
) -> None:
    written = write(excerpt(shopping), "story", "add, after all", model)
    assert (
        written.yaml
        == """\
version: "3.1"

stories:
  - story: add, after all
    steps:
      - intent: greet
      - action: utter_greet
      - intent: add_items
      - action: add_items_form
      - active_loop: add_items_form
      - intent: ask_weather
      - action: action_tell_weather
      - action: add_items_form
      - active_loop: null
      - action: action_add_items
      - intent: correct
      - action: action_correct
      - intent: add_items
      - action: add_items_form
      - active_loop: add_items_form
      - active_loop: null
      - action: action_add_items
"""
    )
    assert written.notes == []
    (step,) = read(written.yaml, "story", model, tmp_path)
    actions = [event.action_name for event in step.events if isinstance(event, ActionExecuted)]
    assert "action_ask_back" not in actions
    assert set(actions) <= set(model.domain.action_names_or_texts)


def test_a_test_story_has_the_words_and_what_policies_saw(
    shopping: list[Event], model: Model, tmp_path: Path
) -> None:
    written = write(excerpt(shopping), "test", "", model)
    (step,) = read(written.yaml, "test", model, tmp_path)
    told = [event for event in step.events if isinstance(event, UserUttered)]
    assert [event.text for event in told] == [
        "hello",
        ADD,
        "what is the weather like?",
        "the packing one",
        "no, the party list",
        '/add_items{"item": "milk"}',
    ]
    assert [(e["entity"], e["value"]) for e in told[1].entities] == [
        ("item", "milk"),
        ("unit", "loaf"),
    ]
    assert [(e["entity"], e["value"]) for e in told[-1].entities] == [("item", "milk")]
    assert "[milk](item)" in written.yaml
    # A neutral mood is to policies what no mood is.
    assert written.yaml.count("sentiment:") == 1
    assert "          - sentiment: negative\n" in written.yaml
    # In a test, the turns that fill a form are said.
    assert written.yaml.count("- action: add_items_form") == 4


def test_a_rule_is_about_one_turn(shopping: list[Event], model: Model, tmp_path: Path) -> None:
    written = write(excerpt(shopping, 4, 4), "rule", "what was gathered", model)
    assert (
        written.yaml
        == """\
version: "3.1"

rules:
  - rule: what was gathered
    condition:
      - active_loop: add_items_form
    steps:
      - action: add_items_form
      - active_loop: null
      - action: action_add_items
"""
    )
    (step,) = read(written.yaml, "rule", model, tmp_path)
    assert isinstance(step, RuleStep)
    with pytest.raises(NotTellableError, match="one turn"):
        write(excerpt(shopping, 1, 2), "rule", "", model)


def test_what_cannot_be_told_is_said(shopping: list[Event], model: Model) -> None:
    with pytest.raises(NotTellableError, match="taken back"):
        write(excerpt(shopping, 5, 5), "story", "", model)
    within = write(excerpt(shopping, 3, 3), "story", "", model)
    assert any("add_items_form" in note for note in within.notes)
    asks_on = stored(
        *(said("add", "add_items"), did("add_items_form"), loop("add_items_form"), listens()),
        *(said("hm", "inform_list"), did("add_items_form"), listens()),
    )
    with pytest.raises(NotTellableError, match="went on asking"):
        write(excerpt(asks_on, 2, 2), "rule", "", model)


def test_no_story_goes_on_behind_a_new_session(model: Model, tmp_path: Path) -> None:
    events = stored(
        *(session(), said("hello", "greet"), did("utter_greet"), listens()),
        *(session(), said("bye", "goodbye"), did("utter_goodbye"), listens()),
    )
    written = write(excerpt(events), "story", "twice", model)
    names = [step.block_name for step in read(written.yaml, "story", model, tmp_path)]
    assert names == ["twice (1)", "twice (2)"]


def test_slots_of_rules_are_kept_from_stories_alone(model: Model) -> None:
    events = stored(
        *(said("you again", "complain"), filled("sentiment", "negative")),
        *(did("utter_take_complaint"), filled("handoff_offered", True), did("utter_offer_help")),
        listens(),
    )
    assert "slot_was_set" not in write(excerpt(events), "story", "", model).yaml
    # What Rasa reads off a message comes before the rule; what an action sets is a part of it.
    rule = write(excerpt(events), "rule", "", model).yaml
    assert "handoff_offered: true" in rule and "sentiment" not in rule
    test = write(excerpt(events), "test", "", model).yaml
    assert "handoff_offered: true" in test and "sentiment: negative" in test


def test_what_the_domain_does_not_know_is_noted(model: Model) -> None:
    events = stored(said("fly me to Rome", "book_flight"), did("action_book"), listens())
    notes = write(excerpt(events), "story", "", model).notes
    assert [("book_flight" in note, "action_book" in note) for note in notes] == [
        (True, False),
        (False, True),
    ]


def test_a_turn_from_outside_is_told_by_its_intent(model: Model, tmp_path: Path) -> None:
    due = UserUttered.create_external("EXTERNAL_reminder_due", [{"entity": "number", "value": 7}])
    events = stored(due, did("action_remind"), listens())
    written = write(excerpt(events), "test", "", model)
    (step,) = read(written.yaml, "test", model, tmp_path)
    (message,) = (event for event in step.events if isinstance(event, UserUttered))
    assert message.text == '/EXTERNAL_reminder_due{"number": 7}'
    assert message.intent["name"] == "EXTERNAL_reminder_due"


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(
        st.characters(blacklist_categories=("Cs", "Cc", "Cn")) | st.sampled_from("[](){}:|\n'\"#"),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_was_said_is_read_back(text: str, model: Model) -> None:
    events = stored(said(text, "greet"), did("utter_greet"), listens())
    written = write(excerpt(events), "test", "any", model)
    (step,) = YAMLStoryReader(model.domain).read_from_string(written.yaml)
    (message,) = (event for event in step.events if isinstance(event, UserUttered))
    expected, _ = annotated(events[0], "greet")
    assert message.text == expected.strip()
    if not any(sign in text for sign in "[]"):
        assert message.text == " ".join(text.split())
