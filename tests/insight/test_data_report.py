"""The report on training data: every planted fault is found where it is, and none where none is."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from insight.conversations.turns import Session, Step
from insight.data_report import __main__ as command
from insight.data_report.estimate import ExamplePlaces, estimate
from insight.data_report.findings import KINDS
from insight.data_report.paths import Taken, check_paths
from insight.training_data.code_use import CodeUse, read_code
from insight.training_data.elements import TrainingData
from insight.training_data.reading import read_training_data
from tests.insight.talking import Talk, keep

PROJECTS = Path(__file__).parent / "projects"
MEMBER = "components/train_custom_components.joint_bert.JointBertClassifier2/diagnosis.json"

DOMAIN, NLU, RULES = "domain.yml", "data/nlu.yml", "data/rules.yml"

PLANTED = {
    ("unreadable", "data/with_tabs.yml", "\texamples"),
    ("contradiction", NLU, "see you later"),
    ("label", NLU, "will it be sunny in Lisbon tomorrow"),
    ("overlap", NLU, "intent: ask_weather"),
    ("few", NLU, "intent: complain"),
    ("few", DOMAIN, "ask_opening_hours"),
    ("alike", NLU, "intent: book_table"),
    ("one_value", NLU, "[two](guests) people on Monday"),
    ("never_set", DOMAIN, "  street:"),
    ("never_set", DOMAIN, "  counted:"),
    ("never_asked", DOMAIN, "      - size"),
    ("never_read", DOMAIN, "  forgotten:"),
    ("response", DOMAIN, "utter_that_nobody_says"),
    ("action", DOMAIN, "action_that_nobody_calls"),
    ("action", DOMAIN, "table_form"),
    ("path", RULES, "begin an order"),
    ("not_taken", RULES, "that nobody took"),
}
"""Kind, file, and what stands in the line; of several such lines the first."""


def at(project: str, file: str, text: str) -> str:
    lines = (PROJECTS / project / file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


def ordered(talk: Talk, *, ended_by: tuple[str, ...] = ("action_order", "utter_ordered")) -> Talk:
    talk.say("a pizza", "order_pizza").do("pizza_form").loop("pizza_form").answer().listen()
    talk.say("olives", "nlu_fallback").do("pizza_form").loop(None)
    return talk.do(*ended_by).answer().listen()


def asked(talk: Talk) -> Talk:
    return talk.say("rain?", "ask_weather").do("action_tell_weather").answer().listen()


def left(talk: Talk) -> Talk:
    return talk.say("bye", "goodbye").do("utter_goodbye").answer().listen()


def found_in(project: str, store: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    status = command.main(["--project", str(PROJECTS / project), "--store", str(store), "--json"])
    assert status == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_planted_fault_is_found_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "talks.db"
    # What follows the order stands in no story.
    keep(store, ordered(Talk("ann"), ended_by=("action_order", "utter_goodbye", "utter_ordered")))
    found = found_in("faulty", store, capsys)
    places = {(one["kind"], one["place"]) for one in found["findings"]}
    for kind, file, text in PLANTED:
        assert (kind, at("faulty", file, text)) in places, (kind, text)
    assert {kind for kind, _, _ in PLANTED} == {kind.key for kind in KINDS} - {"repeated"}
    (repeated,) = (one for one in found["findings"] if one["kind"] == "repeated")
    lines = (PROJECTS / "faulty" / NLU).read_text(encoding="utf-8").splitlines()
    numbers = [number for number, line in enumerate(lines, 1) if "I would like a pizza" in line]
    assert repeated["related"][0][1] == f"{NLU}:{numbers[0]}"
    assert repeated["place"] == f"{NLU}:{numbers[1]}"


def test_no_more_is_found_than_was_planted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "talks.db"
    keep(store, ordered(Talk("ann")))
    found = found_in("faulty", store, capsys)
    # A doubt is no verdict, and of each pair that overlaps come many.
    certain = {kind.key for kind in KINDS} - {"label", "not_taken", "path"}
    expected = [one for one in PLANTED if one[0] in certain]
    told = [one for one in found["findings"] if one["kind"] in certain]
    assert len(told) == len(expected) + 1, told  # the sentence that is there twice
    assert not [one for one in found["findings"] if one["kind"] == "path"]


def test_nothing_is_found_in_a_clean_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "talks.db"
    keep(store, asked(left(ordered(Talk("ann")))), left(ordered(Talk("bob"))))
    found = found_in("clean", store, capsys)
    assert found["findings"] == [] and found["left_out"] == []


def test_without_conversations_the_rest_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    output = tmp_path / "page.html"
    project = str(PROJECTS / "clean")
    assert command.main(["--project", project, "--output", str(output)]) == 0
    told = capsys.readouterr().out
    assert "Nothing was found." in told and "Left out: stories beside conversations" in told
    assert "Left out: stories beside conversations" in output.read_text(encoding="utf-8")


def test_a_folder_without_training_data_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main(["--project", str(tmp_path)])
    told = capsys.readouterr().err
    assert "no training data" in told and told.count("\n") == 1


def test_what_is_in_the_data_is_text_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    (tmp_path / "nlu.yml").write_text(
        "nlu:\n- intent: <img src=x>\n  examples: |\n    - <script>\n    - <script>\n",
        encoding="utf-8",
    )
    command.main(["--project", str(tmp_path), "--data", "nlu.yml", "--output", "page.html"])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;img src=x&gt;" in page and "<img" not in page and page.count("<script>") == 1


@pytest.mark.parametrize(
    "content",
    [
        "nlu: 7",
        "nlu:\n- intent: {a: b}\n  examples: [1, {text: 3}, {no: text}]\n- 5\n- null",
        "stories:\n- story: a\n  steps: {intent: b}\n- steps: []\n- story: c\n  steps: [null, 3]",
        "rules:\n- rule: a\n  condition: x\n  steps:\n  - or: 3\n  - slot_was_set: 4",
        "intents: {a: b}\nslots: [c]\nforms: {f: {required_slots: 3}}\nresponses: {utter_x: y}",
        "- a\n- b",
        "",
        "a: &a {b: 1}\nintents: [*a]",
    ],
)
def test_data_of_any_shape_is_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "any.yml").write_text(content, encoding="utf-8")
    data = read_training_data(tmp_path, [tmp_path])
    assert isinstance(data, TrainingData)


def test_figures_of_a_trained_model_are_taken_over(tmp_path: Path) -> None:
    data = read_training_data(PROJECTS / "clean", [PROJECTS / "clean"])
    names = ["ask_weather", "order_pizza"]
    score = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 10}
    listed = {
        "text": "will it rain in Oslo tomorrow",
        "intent": 0,
        "intent_confidence": 0.1,
        "predicted": 1,
        "confidence": 0.9,
        "alternatives": [],
    }
    diagnosis = {
        "version": 1,
        "epochs": [],
        "entities": [],
        "estimate": {
            **{"folds": 5, "examples": 20, "examples_in_all": 20, "accuracy": 0.95},
            **{"macro_f1": 0.95, "intents_left_out": [], "contradictions": []},
            "intents": [{"name": name, **score} for name in names],
            "confusions": [[0, 0, 9], [1, 1, 10], [0, 1, 1]],
            "reliability": {"bins": [], "ece": 0.0},
            **{"listed": [listed], "misread": 1, "label_errors": [0]},
        },
    }
    content = json.dumps(diagnosis).encode()
    with tarfile.open(tmp_path / "fox.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    found = estimate(data, tmp_path)
    assert "fox.tar.gz" in found.told and found.estimate is not None
    assert found.estimate.errors is not None
    assert [one.place for one in found.estimate.errors] == [at("clean", NLU, "will it rain in")]


def test_without_a_model_what_would_take_long_is_left_out(tmp_path: Path) -> None:
    data = read_training_data(PROJECTS / "clean", [PROJECTS / "clean"])
    data.examples *= 100
    found = estimate(data, tmp_path)
    assert found.estimate is None and "--estimate" in found.told
    (tmp_path / "broken.tar.gz").write_bytes(b"no archive")
    assert "cannot be read" in estimate(data, tmp_path).told


def test_places_know_sentences_whatever_their_case() -> None:
    data = read_training_data(PROJECTS / "clean", [PROJECTS / "clean"])
    places = ExamplePlaces(data)
    assert places.find("SEE  you later", "goodbye") == at("clean", NLU, "see you later")
    assert places.find("see you later", "ask_weather") is None


STORIES = """
stories:
- story: greets and asks
  steps:
  - intent: greet
  - action: utter_greet
  - or:
    - intent: rain
    - intent: sun
  - action: action_tell
- story: in words
  steps:
  - user: hello there
  - action: utter_wave
- story: first half
  steps:
  - intent: order
  - action: action_order
  - checkpoint: ordered
- story: second half
  steps:
  - checkpoint: ordered
  - action: utter_ordered
"""


def sessions(*told: str) -> Taken:
    """Sessions as `intent action action; intent action`."""
    intents = {"greet", "rain", "sun", "order", "odd"}
    return Taken().add_all(
        Session(str(number), 0.0, [Step(name in intents, name) for name in one.split()])
        for number, one in enumerate(told)
    )


def paths(tmp_path: Path, kind: str, *told: str) -> list[str]:
    (tmp_path / "stories.yml").write_text(STORIES, encoding="utf-8")
    data = read_training_data(tmp_path, [tmp_path])
    found = check_paths(data.stories, {"a_form"}, sessions(*told))
    return [one.what for one in found if one.kind == kind]


def untaken(tmp_path: Path, *told: str) -> list[str]:
    return [one.split("“")[1].rstrip("”") for one in paths(tmp_path, "not_taken", *told)]


def test_a_story_was_taken_where_its_steps_follow_each_other(tmp_path: Path) -> None:
    rest = ["in words", "first half", "second half"]
    assert untaken(tmp_path, "greet utter_greet sun action_tell") == rest
    assert untaken(tmp_path, "odd x greet utter_greet rain action_tell odd x") == rest
    assert "greets and asks" in untaken(tmp_path, "greet utter_greet odd x rain action_tell")
    # No two conversations together took it.
    assert "greets and asks" in untaken(tmp_path, "greet utter_greet", "rain action_tell")
    assert untaken(tmp_path, "odd utter_wave", "order action_order utter_ordered") == [
        "greets and asks"
    ]


def test_a_way_that_no_story_has_is_told_once(tmp_path: Path) -> None:
    def ways(*told: str) -> list[str]:
        return paths(tmp_path, "path", *told)

    assert ways("greet utter_greet sun action_tell") == []
    # In another order of turns nothing is new: what follows each of them is told.
    assert ways("sun action_tell greet utter_greet") == []
    assert ways("order action_order utter_ordered") == []
    assert ways("greet utter_wave") == []
    # After anything else, Rasa goes back to a form by itself.
    assert ways("greet utter_greet a_form") == ["greet → utter_greet → a_form (once)"]
    assert ways("sun utter_greet", "sun utter_greet", "sun action_tell") == [
        "sun → utter_greet (in 2 sessions)"
    ]
    assert ways("odd action_odd rain utter_greet greet utter_greet") == [
        "odd → action_odd; rain → utter_greet (once)"
    ]
    assert ways("sun action_tell utter_greet") == ["sun → action_tell → utter_greet (once)"]


CODE = '''
"""utter_docstring"""
from rasa_sdk.events import SlotSet

SET = "slot_by_constant"


class One:
    def name(self):
        return "action_one"

    def run(self, kind):
        x = f"utter_{kind}_made"
        y = "utter_asked_" + kind
        z = "utter_{}_formatted".format(kind)
        return [SlotSet("slot_set", "value"), SlotSet(key=SET), "small", "very_large"]
'''


def test_code_is_read_for_names_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def (", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("x = 'utter_tested'", encoding="utf-8")
    use = read_code([tmp_path])
    assert use.files == 1 and use.slots_set == {"slot_set", "slot_by_constant"}

    def mentioned(names: Iterable[str]) -> list[str]:
        return [name for name in names if use.mentions(name, {"filling"})]

    made = [
        *("utter_small_made", "utter_very_large_made", "utter_asked_small"),
        *("utter_small_formatted", "utter_filling_made", "value"),
    ]
    assert mentioned(made) == made
    assert not mentioned(
        ["utter_docstring", "action_one", "utter_other_made", "utter_tested", "slot_set"]
    )


def test_a_pattern_of_everything_is_no_pattern() -> None:
    use = CodeUse()
    use.add_text("{}_{}")
    use.add_text("a")
    assert not use.mentions("a_a")
