"""What is replaced in Rasa does what Rasa's own does, on conversations of all sorts."""

from __future__ import annotations

import inspect
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.memoization import AugmentedMemoizationPolicy, MemoizationPolicy
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.policies.ted_policy import TEDPolicy
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

from custom_components.quick_turns import conversations, events, policies, rules, states
from custom_components.quick_turns.component import install

DOMAIN = Domain.from_dict(
    {
        "intents": ["greet", "ask", "inform"],
        "actions": ["action_a", "action_b"],
        "forms": {"some_form": {"required_slots": ["place"]}},
        "slots": {
            "place": {"type": "text", "mappings": [{"type": "custom"}]},
            "mood": {
                "type": "categorical",
                "values": ["good", "bad"],
                "mappings": [{"type": "custom"}],
            },
            "quiet": {
                "type": "any",
                "influence_conversation": False,
                "mappings": [{"type": "custom"}],
            },
        },
        "responses": {"utter_x": [{"text": "x"}]},
    }
)

_REPLACED = (
    (Event, "resolve_by_type"),
    (DialogueStateTracker, "past_states"),
    (RulePolicy, "_get_possible_keys"),
    (DefaultPolicyPredictionEnsemble, "_best_policy_prediction"),
    (MemoizationPolicy, "predict_action_probabilities"),
    (TEDPolicy, "predict_action_probabilities"),
    (SQLTrackerStore, "_retrieve"),
    (SQLTrackerStore, "_additional_events"),
)


@pytest.fixture(autouse=True)
def rasas_own() -> Iterator[None]:
    own = [(owner, name, owner.__dict__[name]) for owner, name in _REPLACED]
    yield
    for owner, name, method in own:
        setattr(owner, name, method)
    if hasattr(Policy, "_quick_predictions"):
        delattr(Policy, "_quick_predictions")


def begin() -> list[Event]:
    return [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        ActionExecuted("action_listen"),
    ]


def turn(draw: random.Random, number: int) -> list[Event]:
    """One turn: a message, slots, actions, now and then a form."""
    intent = draw.choice(["greet", "ask", "inform"])
    found: list[Event] = [
        UserUttered(f"text {number}", {"name": intent, "confidence": 0.9}, message_id=str(number))
    ]
    if draw.random() < 0.5:
        found.append(SlotSet("mood", draw.choice(["good", "bad", None])))
    if draw.random() < 0.3:
        found.append(SlotSet("quiet", {"number": number}))
    if draw.random() < 0.2:
        found += [
            ActionExecuted("some_form"),
            ActiveLoop("some_form"),
            SlotSet("place", f"place {number}"),
            ActiveLoop(None),
        ]
    found += [ActionExecuted(draw.choice(["action_a", "action_b", "utter_x"]))]
    return [*found, BotUttered("x"), ActionExecuted("action_listen")]


def tracker_of(what: list[Event]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("anna", what, DOMAIN.slots)


# ------------------------------------------------------------------- events, states


def test_events_are_of_the_class_that_rasa_finds() -> None:
    for kind in ("user", "slot", "action", "active_loop", "session_started", "rewind", "bot"):
        # Twice: looked for, then known.
        for _ in range(2):
            assert events.resolve_by_type(kind) is events._resolve_by_rasa(kind)
    assert events.resolve_by_type("topic") is None
    assert events.resolve_by_type("unheard", ActionExecuted) is ActionExecuted
    with pytest.raises(ValueError, match="unheard"):
        events.resolve_by_type("unheard")


def test_states_are_rasas_after_each_event() -> None:
    draw = random.Random(1)
    tracker = tracker_of(begin())
    data = {"rule_only_slots": ["mood"], "rule_only_loops": ["some_form"]}
    for number in range(30):
        for event in turn(draw, number):
            tracker.update(event)
            for ignore, only in ((False, None), (True, data), (True, None)):
                expected = states._past_states_by_rasa(tracker, DOMAIN, False, ignore, only)
                found = states.past_states(tracker, DOMAIN, False, ignore, only)
                assert found == expected
                # Whoever asks may change what they get.
                for state in found:
                    state.pop("slots", None)
                    for part in state.values():
                        part.clear()
                assert states.past_states(tracker, DOMAIN, False, ignore, only) == expected


# ---------------------------------------------------------------------------- rules


def rule_state(draw: random.Random) -> dict[str, Any]:
    state: dict[str, Any] = {}
    if draw.random() < 0.8:
        state["prev_action"] = {"action_name": draw.choice(["action_listen", "a", "b"])}
    if draw.random() < 0.7:
        state["user"] = {"intent": draw.choice(["greet", "ask"])}
    if draw.random() < 0.1:
        state["user"] = {"text": "hello"}
    if draw.random() < 0.3:
        state["slots"] = {"mood": draw.choice([[1.0, 0.0], "None"])}
    if draw.random() < 0.2:
        state["active_loop"] = {"name": draw.choice(["some_form", "None"])}
    return state


def test_the_rules_that_apply_are_those_that_rasa_finds() -> None:
    draw = random.Random(2)
    policy = RulePolicy.__new__(RulePolicy)
    keys = {
        json.dumps([rule_state(draw) for _ in range(draw.randint(1, 3))], sort_keys=True): "action"
        for _ in range(400)
    }
    found_any = 0
    for _ in range(400):
        spoken = [rule_state(draw) for _ in range(draw.randint(1, 4))]
        for state in spoken:
            if "slots" in state:
                state["slots"] = {"mood": (1.0, 0.0)} if state["slots"]["mood"] != "None" else {}
        expected = rules._possible_keys_by_rasa(policy, keys, spoken)
        assert rules.possible_keys(policy, keys, spoken) == expected
        found_any += bool(expected)
    assert found_any > 100
    # A table that grows, as in a training, is indexed anew.
    more = json.dumps([{"prev_action": {"action_name": "action_listen"}}])
    keys[more] = "action"
    assert more in rules.possible_keys(policy, keys, [json.loads(more)[0]])


# ------------------------------------------------------------------------- policies


class Sayer:
    """Stands for a policy: its name and its priority are all that the ensemble sees."""

    def __init__(self, priority: int) -> None:
        self.priority = priority


def predictions(
    draw: random.Random,
) -> tuple[list[PolicyPrediction], list[PolicyPrediction], list[int]]:
    """The same predictions made at once and made later, and which of these have been made."""
    at_once, later, made = [], [], []
    for number, priority in enumerate((6, 3, 1)):
        confidence = draw.choice([0.0, 0.4, 0.9, 1.0])
        probabilities = [0.0] * DOMAIN.num_actions
        probabilities[draw.randrange(len(probabilities))] = confidence
        first = number == 0

        def predict(
            number: int = number,
            probabilities: list[float] = probabilities,
            priority: int = priority,
        ) -> PolicyPrediction:
            made.append(number)
            return PolicyPrediction(list(probabilities), "Sayer", priority)

        if first:
            special = draw.choice(
                [{}, {}, {"is_no_user_prediction": True}, {"hide_rule_turn": True}]
            )
            at_once.append(PolicyPrediction(list(probabilities), "Sayer", priority, **special))
            later.append(PolicyPrediction(list(probabilities), "Sayer", priority, **special))
        else:
            at_once.append(predict())
            made.pop()
            later.append(policies.LaterPrediction(Sayer(priority), predict))
    return at_once, later, made


def test_the_winner_is_rasas_and_who_cannot_win_is_not_asked() -> None:
    draw = random.Random(3)
    best = policies._best_by_rasa
    spared = 0
    for number in range(600):
        what = begin()
        if number % 5 == 0:
            rejected = draw.choice(DOMAIN.action_names_or_texts)
            what = [*what, ActionExecutionRejected(rejected)]
        tracker = tracker_of(what)
        at_once, later, made = predictions(draw)
        expected = best(at_once, tracker, DOMAIN)
        found = policies.best_prediction(later, tracker, DOMAIN)
        assert found == expected
        sure = at_once[0].max_confidence == 1.0 and number % 5 != 0
        if sure:
            assert made == []
        spared += 2 - len(made)
    assert spared > 300


def test_rasa_reads_the_same_parameters_off_a_policy() -> None:
    kinds: tuple[Any, ...] = (TEDPolicy, MemoizationPolicy, AugmentedMemoizationPolicy)
    before = [inspect.signature(kind.predict_action_probabilities) for kind in kinds]
    policies.install()
    policies.install()
    after = [inspect.signature(kind.predict_action_probabilities) for kind in kinds]
    assert before == after
    assert not hasattr(TEDPolicy.predict_action_probabilities.__wrapped__, "__wrapped__")


def test_a_policy_that_reads_words_is_asked_at_once() -> None:
    ted = TEDPolicy.__new__(TEDPolicy)
    ted.only_e2e, ted.fake_features = False, {}
    assert not policies._looks_at_words(ted)
    ted.fake_features = {TEXT: []}
    assert policies._looks_at_words(ted)
    ted.only_e2e, ted.fake_features = True, {}
    assert policies._looks_at_words(ted)


# -------------------------------------------------------------------- conversations

MakeStore = Callable[[], SQLTrackerStore]


@pytest.fixture
def store(tmp_path: Path) -> SQLTrackerStore:
    return SQLTrackerStore(DOMAIN, db=str(tmp_path / "conversations.db"))


async def talk(store: SQLTrackerStore, what: list[list[Event]]) -> None:
    """Has turns go the way that Rasa's processor takes: read, add, save."""
    for one in what:
        tracker = await store.get_or_create_tracker("anna", append_action_listen=False)
        for event in one:
            tracker.update(event)
        await store.save(tracker)


async def both(
    store: SQLTrackerStore, turns: int
) -> tuple[DialogueStateTracker, DialogueStateTracker]:
    """What is read of a conversation, and all of it."""
    read = conversations.read_latest(store, "anna", turns)
    whole = await conversations._retrieve_by_rasa(store, "anna", False)
    assert read is not None and whole is not None
    return read, whole


def same_now(read: DialogueStateTracker, whole: DialogueStateTracker, states_back: int = 8) -> None:
    """For policies and actions, the two stand at the same place."""
    assert read.current_slot_values() == whole.current_slot_values()
    assert read.active_loop_name == whole.active_loop_name
    assert read.latest_action_name == whole.latest_action_name
    assert read.latest_message == whole.latest_message
    assert read.is_paused() == whole.is_paused()
    assert read.past_states(DOMAIN)[-states_back:] == whole.past_states(DOMAIN)[-states_back:]


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_read_stands_where_all_of_it_stands(
    store: SQLTrackerStore, seed: int
) -> None:
    install(8)
    draw = random.Random(seed)
    await talk(store, [begin(), *(turn(draw, number) for number in range(60))])
    read, whole = await both(store, 8)
    same_now(read, whole)
    assert len(read.events) < len(whole.events) / 3
    said = [event.text for event in read.events if isinstance(event, UserUttered)]
    assert said == [f"text {number}" for number in range(52, 60)]
    # When each action was last taken is still to be seen.
    actions = {event.action_name for event in read.events if isinstance(event, ActionExecuted)}
    assert {"action_a", "action_b"} <= actions


async def test_each_event_is_stored_once(store: SQLTrackerStore) -> None:
    install(5)
    draw = random.Random(7)
    turns = [begin(), *(turn(draw, number) for number in range(40))]
    await talk(store, turns)
    whole = await store.retrieve_full_tracker("anna")
    assert whole is not None
    expected = [event.as_dict() for one in turns for event in one]
    assert [event.as_dict() for event in whole.events] == expected
    # Saved again with nothing new, nothing is added.
    tracker = await store.retrieve("anna")
    assert tracker is not None
    await store.save(tracker)
    again = await store.retrieve_full_tracker("anna")
    assert again is not None and len(again.events) == len(expected)


async def test_the_number_of_events_read_does_not_grow(store: SQLTrackerStore) -> None:
    install(6)
    draw = random.Random(8)
    await talk(store, [begin()])
    counts = []
    for number in range(90):
        await talk(store, [turn(draw, number)])
        tracker = await store.retrieve("anna")
        assert tracker is not None
        counts.append(len(tracker.events))
    assert max(counts[60:]) <= max(counts[:30])


async def test_a_form_that_goes_on_is_read_from_its_beginning(store: SQLTrackerStore) -> None:
    install(4)
    draw = random.Random(9)
    started = begin()
    before = [turn(draw, number) for number in range(20)]
    opening = [
        UserUttered("a form", {"name": "ask", "confidence": 1.0}),
        ActionExecuted("some_form"),
        ActiveLoop("some_form"),
        SlotSet("requested_slot", "place"),
        ActionExecuted("action_listen"),
    ]
    answers: list[list[Event]] = [
        [
            UserUttered(f"no {number}", {"name": "inform", "confidence": 1.0}),
            ActionExecuted("some_form"),
            ActionExecuted("action_listen"),
        ]
        for number in range(12)
    ]
    await talk(store, [started, *before, opening, *answers])
    read, whole = await both(store, 4)
    same_now(read, whole)
    assert read.active_loop_name == "some_form"
    assert any(isinstance(event, ActiveLoop) and event.name for event in read.events)


async def test_pauses_sessions_and_what_was_taken_back(store: SQLTrackerStore) -> None:
    install(4)
    draw = random.Random(10)

    def turns(count: int) -> list[list[Event]]:
        return [turn(draw, number) for number in range(count)]

    await talk(store, [begin(), *turns(10), [ConversationPaused()], *turns(10)])
    read, whole = await both(store, 4)
    same_now(read, whole)
    assert read.is_paused()
    # Another session begins with what it carries over.
    await talk(store, [[*begin(), SlotSet("mood", "bad")], *turns(12)])
    read, whole = await both(store, 4)
    same_now(read, whole)
    assert not read.is_paused()
    # A message taken back takes its slots with it: then all is read.
    back: list[Event] = [UserUtteranceReverted(), ActionExecuted("action_listen")]
    await talk(store, [back, *turns(10)])
    read, whole = await both(store, 4)
    same_now(read, whole)
    assert len(read.events) == len(whole.events) - 1 or read.events == whole.events
    await talk(store, [[Restarted(), *begin()], *turns(3)])
    read, whole = await both(store, 4)
    same_now(read, whole)


async def test_a_clock_that_was_set_back_loses_nothing(store: SQLTrackerStore) -> None:
    install(50)
    await talk(store, [begin()])
    earlier = [UserUttered("hello", {"name": "greet", "confidence": 1.0}, timestamp=1000.0)]
    await talk(store, [[*earlier, ActionExecuted("action_listen", timestamp=1001.0)]])
    await talk(store, [turn(random.Random(1), 1)])
    whole = await store.retrieve_full_tracker("anna")
    assert whole is not None
    texts = [event.text for event in whole.events if isinstance(event, UserUttered)]
    assert texts == ["hello", "text 1"]
    read = await store.retrieve("anna")
    assert read is not None
    assert [event.text for event in read.events if isinstance(event, UserUttered)] == texts


async def test_what_is_asked_is_asked_by_an_index(store: SQLTrackerStore) -> None:
    install(4)
    draw = random.Random(11)
    await talk(store, [begin(), *(turn(draw, number) for number in range(12))])
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, given, *_more: asked.append((statement, given)),
    )
    await store.retrieve("anna")
    with store.engine.connect() as connection:
        plans = [
            " ".join(
                str(row[-1])
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            )
            for statement, given in asked
            if statement.startswith("SELECT")
        ]
    assert plans
    for plan in plans:
        assert "SCAN events" not in plan, plan


async def test_rasas_own_reading_comes_back(store: SQLTrackerStore) -> None:
    install(3)
    install(None)
    draw = random.Random(12)
    await talk(store, [begin(), *(turn(draw, number) for number in range(20))])
    tracker = await store.retrieve("anna")
    assert tracker is not None
    assert sum(isinstance(event, UserUttered) for event in tracker.events) == 20
