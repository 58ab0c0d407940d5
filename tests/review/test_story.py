"""A conversation becomes a story, a rule or a test, and what contradicts it is shown."""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path

import pytest
import yaml
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered

from review import story
from review.conflicts import find_place, side_by_side
from review.story_text import StoryTextError, append, free_name, names_in
from tests.review.conversations import keep, said

DOMAIN = """\
version: "3.1"
intents: [greet, add_items, thank]
responses:
  utter_greet: [{text: Hello!}]
  utter_other: [{text: Oh!}]
  utter_welcome: [{text: You are welcome.}]
actions: [action_add_items]
"""
STORIES = """\
version: "3.1"

# Talks about lists.
stories:
  - story: greet and add
    steps:
      - intent: greet
      - action: utter_greet
      - intent: add_items
      - action: action_add_items
"""
RULES = """\
version: "3.1"

rules:
  - rule: thank
    steps:
      - intent: thank
      - action: utter_welcome
"""


def turn(text: str, intent: str, action: str) -> list[Event]:
    listen = ActionExecuted("action_listen", "RulePolicy", 1.0)
    return [said(text, intent), ActionExecuted(action, "TEDPolicy", 0.9), BotUttered("…"), listen]


@pytest.fixture
def talked(project: Path) -> Path:
    """A project in which several people have talked."""
    for path, text in (
        ("domain.yml", DOMAIN),
        ("config.yml", "policies: [{name: RulePolicy}, {name: TEDPolicy, max_history: 6}]\n"),
        ("data/stories/lists.yml", STORIES),
        ("data/rules/greeting.yml", RULES),
    ):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    store = {"type": "SQL", "dialect": "sqlite", "db": "conversations.db"}
    Path("endpoints.yml").write_text(yaml.safe_dump({"tracker_store": store}), encoding="utf-8")
    keep(
        {
            "fine": [
                *turn("hello", "greet", "utter_greet"),
                *turn("call 020 7946 0958, add milk", "add_items", "action_add_items"),
                *turn("thanks", "thank", "utter_welcome"),
            ],
            "other": [
                *turn("hello", "greet", "utter_greet"),
                *turn("add milk", "add_items", "utter_other"),
            ],
            "rude": turn("thanks", "thank", "utter_other"),
            "silent": [ActionExecuted("action_listen")],
        },
        dialect="sqlite",
        db="conversations.db",
    )
    return project


def tell(
    conversation: str, kind: str | None, first: int = 1, last: int = -1, **more: object
) -> int:
    chosen = argparse.Namespace(
        conversation=conversation,
        first=first,
        last=last,
        kind=kind,
        name=more.get("name", ""),
        skill="",
        endpoints=Path("endpoints.yml"),
        dry=more.get("dry", False),
    )
    return story.tell(chosen, force=bool(more.get("force")))


def test_lists_and_shows(talked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell("", None) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["silent", "rude"]
    assert tell("fine", None) == 0
    shown = capsys.readouterr().out
    assert "  2  call [phone], add milk  (add_items)" in shown and "020" not in shown


def test_a_part_becomes_a_story_behind_the_others(
    talked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell("fine", "story", 2, 3) == 0
    text = Path("data/stories/lists.yml").read_text(encoding="utf-8")
    assert text.startswith(STORIES)
    assert text.removeprefix(STORIES) == (
        "\n  - story: add items, thank\n    steps:\n      - intent: add_items\n"
        "      - action: action_add_items\n      - intent: thank\n      - action: utter_welcome\n"
    )
    # Once more, under a name of its own.
    assert tell("fine", "story", 2, 3) == 0
    names = names_in(Path("data/stories/lists.yml").read_text(encoding="utf-8"))
    assert names == ["greet and add", "add items, thank", "add items, thank, 2"]


def test_a_test_has_the_words_without_personal_data(talked: Path) -> None:
    assert tell("fine", "test", 2, 2, name="adding") == 0
    text = Path("tests/stories/test_lists.yml").read_text(encoding="utf-8")
    assert "call [phone], add milk" in text and "- story: adding" in text


def test_a_contradiction_shows_both_places_and_writes_nothing(
    talked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path("data/stories/lists.yml").read_bytes()
    assert tell("other", "story") == story.CONTRADICTS
    said = capsys.readouterr().err
    assert "'greet, add items' goes on with utter_other, and 'greet and add' with" in said
    assert "(new):4" in said and "| data/stories/lists.yml:5" in said
    assert "- action: utter_other" in said and "| " in said
    assert Path("data/stories/lists.yml").read_bytes() == before
    assert tell("other", "story", force=True) == 0
    assert Path("data/stories/lists.yml").read_bytes() != before


@pytest.mark.parametrize("kind", ["story", "rule"])
def test_a_rule_that_says_otherwise_is_shown(
    talked: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell("rude", kind) == story.CONTRADICTS
    told = capsys.readouterr().err
    assert "contradicts rule" in told and "data/rules/greeting.yml:4" in told


def test_says_what_cannot_be(talked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for conversation, first, words in (
        ("nobody", 1, "no conversation 'nobody'"),
        ("silent", 1, "Nothing was said"),
        ("fine", 9, "has 3 turns"),
    ):
        with pytest.raises(SystemExit):
            tell(conversation, "story", first)
        assert words in capsys.readouterr().err
    with pytest.raises(SystemExit):
        tell("fine", "rule")
    assert "A rule is about one turn" in capsys.readouterr().err


def test_broken_events_are_passed_over(talked: Path) -> None:
    with sqlite3.connect("conversations.db") as database:
        database.execute("UPDATE events SET data = '{' WHERE type_name = 'bot'")
    assert tell("fine", "story", 3, 3, dry=True) == 0


def test_an_entry_goes_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stories.yml"
    new = 'version: "3.1"\n\nstories:\n  - story: new\n    steps:\n      - intent: a\n'
    path.write_text(STORIES.replace("\n", "\r\n"), encoding="utf-8", newline="")
    append(path, new)
    text = path.read_bytes().decode()
    assert text.count("\r\n") == text.count("\n") and names_in(text) == ["greet and add", "new"]
    path.write_text("stories:\n- story: other\n  steps: []\n", encoding="utf-8")
    with pytest.raises(StoryTextError, match="no YAML|indented otherwise"):
        append(path, new)
    path.write_text("stories: []\nrules: []\n", encoding="utf-8")
    with pytest.raises(StoryTextError, match="does not end with its stories"):
        append(path, new)
    path.write_text("\tstories: []\n", encoding="utf-8")
    with pytest.raises(StoryTextError, match="line 1 is no YAML"):
        append(path, new)
    assert free_name("  - rule: a\n", {"a", "a, 2"}) == '  - rule: "a, 3"\n'


def test_two_places_side_by_side(talked: Path) -> None:
    files = [Path("data/stories/lists.yml"), Path("data/rules/greeting.yml")]
    one, other = (find_place(name, files, Path()) for name in ("greet and add", "thank"))
    assert one is not None and other is not None
    lines = side_by_side(one, other, 80)
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].split() == ["data/stories/lists.yml:5", "|", "data/rules/greeting.yml:4"]
    assert len(lines) == 2 + len(one.text)
    assert find_place("nothing", files, Path()) is None


def test_a_message_on_somebodys_behalf_is_no_reason_to_fail(talked: Path) -> None:
    payload = UserUttered("/thank", {"name": "thank", "confidence": 1.0})
    keep({"quick": [payload, ActionExecuted("utter_welcome")]}, db="conversations.db")
    assert tell("quick", "story", dry=True) == 0
