"""The measuring of learnt policies: how stories are dealt, what counts, and one real run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import dialogue

DOMAIN = """
version: "3.1"
intents: [greet, bye, more, thank]
responses:
  utter_hello: [{text: "Hello!"}]
  utter_bye: [{text: "Bye!"}]
  utter_hello_again: [{text: "Hello again!"}]
  utter_bye_again: [{text: "Bye again!"}]
  utter_welcome: [{text: "Any time."}]
"""

RULES = """
version: "3.1"
rules:
  - rule: greet
    steps: [{intent: greet}, {action: utter_hello}]
  - rule: say goodbye
    steps: [{intent: bye}, {action: utter_bye}]
  - rule: welcome thanks
    steps: [{intent: thank}, {action: utter_welcome}]
"""

CONFIG = """
recipe: default.v1
assistant_id: little
language: en
pipeline: [{name: WhitespaceTokenizer}]
policies:
  - name: RulePolicy
  - name: AugmentedMemoizationPolicy
    max_history: 4
  - name: TEDPolicy
    max_history: 4
    epochs: 2
    evaluate_every_number_of_epochs: -1
"""

ANSWERS = {
    "greet": "utter_hello",
    "bye": "utter_bye",
    "thank": "utter_welcome",
}


def story(name: str, *intents: str) -> dict[str, Any]:
    """A story in which "more" is more of what was said before it, which no rule knows."""
    steps: list[dict[str, str]] = []
    for before, intent in zip(("", *intents), intents, strict=False):
        answer = ANSWERS.get(intent) or f"{ANSWERS[before]}_again"
        steps += [{"intent": intent}, {"action": answer}]
    return {"story": name, "steps": steps}


STORIES = [
    story("hello more", "greet", "more"),
    story("hello more thanks", "greet", "more", "thank"),
    story("hello more bye", "greet", "more", "bye"),
    story("bye more", "bye", "more"),
    story("bye more thanks", "bye", "more", "thank"),
    story("bye more hello", "bye", "more", "greet"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A little assistant: three rules, and six stories in two files."""
    folder = tmp_path / "project"
    for name in ("rules", "stories"):
        (folder / "data" / name).mkdir(parents=True)
    (folder / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "data" / "rules" / "all.yml").write_text(RULES, encoding="utf-8")
    for name, part in (("b", STORIES[3:]), ("a", STORIES[:3])):
        text = yaml.safe_dump({"version": "3.1", "stories": part}, sort_keys=False)
        (folder / "data" / "stories" / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def test_stories_are_read_in_the_order_of_their_files(project: Path) -> None:
    (project / "data" / "stories" / "empty.yml").write_text("", encoding="utf-8")
    assert dialogue.read_stories(project) == STORIES


@pytest.mark.parametrize("folds", [2, 5])
def test_every_story_is_held_out_once_and_never_trained_on_then(folds: int) -> None:
    dealt = dialogue.deal(STORIES, folds, seed=0)
    assert len(dealt) == folds
    held_out = [one["story"] for _, held in dealt for one in held]
    assert sorted(held_out) == sorted(one["story"] for one in STORIES)
    for train, held in dealt:
        assert not [one for one in held if one in train]
        assert len(train) + len(held) == len(STORIES)


def test_the_seed_says_how_they_are_dealt() -> None:
    assert dialogue.deal(STORIES, 2, seed=1) == dialogue.deal(STORIES, 2, seed=1)
    assert dialogue.deal(STORIES, 2, seed=1) != dialogue.deal(STORIES, 2, seed=2)


def test_what_is_counted() -> None:
    told = [
        {"story": "a", "right": [True, True, True, True]},
        {"story": "b", "right": [True, False, False, True]},
    ]
    by_rules = {"a": [True, False, False, True], "b": [True, False, True, False]}
    assert dialogue.figures(told, by_rules) == {
        "stories": 2,
        "actions": 8,
        "action_accuracy": 6 / 8,
        "conversation_accuracy": 1 / 2,
        # Of the four that rules get wrong: both of "a", the last of "b".
        "learnt": 3 / 4,
    }


def test_where_rules_get_all_right_nothing_is_learnt() -> None:
    told = [{"story": "a", "right": [True, False]}]
    assert dialogue.figures(told, {"a": [True, True]})["learnt"] is None


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (None, ["RulePolicy", "AugmentedMemoizationPolicy", "TEDPolicy"]),
        (("RulePolicy",), ["RulePolicy"]),
    ],
)
def test_what_is_trained_is_all_rules_and_some_stories(
    project: Path, tmp_path: Path, names: tuple[str, ...] | None, kept: list[str]
) -> None:
    folder = tmp_path / "fold"
    folder.mkdir()
    dialogue.write_project(project, STORIES[:2], names, folder)
    config = yaml.safe_load((folder / "config.yml").read_text(encoding="utf-8"))
    assert [policy["name"] for policy in config["policies"]] == kept
    assert (folder / "data" / "rules-all.yml").read_text(encoding="utf-8") == RULES
    written = yaml.safe_load((folder / "data" / "stories.yml").read_text(encoding="utf-8"))
    assert written["stories"] == STORIES[:2]


@pytest.mark.parametrize("folds", ["1", "7"])
def test_folds_of_no_use_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str], folds: str
) -> None:
    assert dialogue.main(["--project", str(project), "--folds", folds]) == 2
    assert f"6 stories cannot be dealt into {folds} folds" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_stories_teach_what_rules_do_not_know(project: Path, tmp_path: Path) -> None:
    """Rasa trains its own policies here; in each fold the other stories show what "more" is."""
    records = tmp_path / "dialogue.json"
    arguments = ["--project", str(project), "--folds", "2", "--seed", "1", "--json", str(records)]
    assert dialogue.main(arguments) == 0
    policies, rules = json.loads(records.read_text(encoding="utf-8"))
    assert (policies["system"], rules["system"]) == ("policies", "rules alone")
    for record in (policies, rules):
        assert (record["folds"], record["stories"]) == (2, 6)
        # What is done, and that Parley listens after it.
        assert record["actions"] == sum(len(one["steps"]) for one in STORIES)
    assert rules["conversation_accuracy"] == 0.0
    assert rules["learnt"] == 0.0
    assert policies["learnt"] > 0.5
    assert policies["action_accuracy"] > rules["action_accuracy"]
