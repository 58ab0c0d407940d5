"""The training report: well-formed, self-contained, safe with anyone's sentences, and right."""

import base64
import hashlib
import io
import json
import re
import sys
import tarfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from scripts import report, train
from scripts.report import __main__ as command
from scripts.report import charts, figures, svg
from scripts.report.archive import UnreadableDiagnosisError, read_diagnosis
from scripts.report.places import Places

EVIL = "<script>alert('intent')</script>"
MEMBER = "components/train_custom_components.joint_bert.JointBertClassifier1/diagnosis.json"
NLU = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - say [hello](word) to [Ann]{"entity": "person", "role": "to"}
- intent: bye/formal
  examples:
  - text: |
      Hello
    metadata:
      sentiment: neutral
- synonym: hi
  examples: |
    - hi there
"""
VOID = {"meta", "link", "br", "hr", "img", "input"}

MakeModel = Callable[..., Path]


class Page(HTMLParser):
    """Reads a page, holds that every element is closed, and keeps text and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.scripts if self.open and self.open[-1] in {"script", "style"} else self.text).append(
            data
        )

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def all(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name))]


def listed(text: str, intent: int, predicted: int, confidence: float = 0.8) -> dict[str, Any]:
    return {
        "text": text,
        "intent": intent,
        "intent_confidence": 0.1,
        "predicted": predicted,
        "confidence": confidence,
        "alternatives": [[intent, 0.1], [2, 0.06]],
    }


def diagnosis_of(names: list[str], **changes: Any) -> dict[str, Any]:
    """Figures of ten examples an intent, with four mistakes."""
    score = {"precision": 0.8, "recall": 0.9, "f1": 0.85, "support": 10}
    estimate = {
        "folds": 5,
        "examples": 10 * len(names),
        "examples_in_all": 10 * len(names),
        "intents_left_out": [],
        "contradictions": [{"text": "hello", "intents": ["bye", "greet"]}],
        "accuracy": 0.9,
        "macro_f1": 0.85,
        "intents": [{"name": name, **score} for name in names],
        "confusions": [[number, number, 9] for number in range(len(names))]
        + [[2, 0, 1], [0, 1, 2], [1, 0, 1]],
        "reliability": {
            "bins": [{"from": 0.8, "to": 0.9, "count": 40, "confidence": 0.85, "accuracy": 0.75}],
            "ece": 0.1,
        },
        "listed": [
            listed("hello", 0, 1),
            listed("<img src=x onerror=alert(1)>", 0, 1, 0.9),
            listed("say hello to Ann", 1, 0),
            listed("& so on", 2, 0),
        ],
        "misread": 4,
        "label_errors": [0],
    }
    return {
        "version": 1,
        "epochs": [
            {"epoch": 1, "losses": {"loss": 2.5, "intent": None}, "held_out": {}},
            {"epoch": 2, "losses": {"loss": 1.5, "intent": 0.2}, "held_out": {}},
        ],
        "entities": [],
        "estimate": {**estimate, **changes},
    }


@pytest.fixture
def make_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeModel:
    """Makes an archive as Rasa does, in a project with some training data."""
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/nlu.yml").write_text(NLU, encoding="utf-8")
    Path("models").mkdir()

    def make(found: object | None, name: str = "quick-fox") -> Path:
        model = Path("models") / f"{name}.tar.gz"
        contents = {"metadata.json": b"{}"}
        if found is not None:
            contents[MEMBER] = json.dumps(found).encode()
        with tarfile.open(model, "w:gz") as archive:
            for path, data in contents.items():
                member = tarfile.TarInfo(path)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return model

    return make


def page_of(model: Path) -> Page:
    written = report.write_report(model)
    assert written == report.report_path(model)
    return Page(written.read_text(encoding="utf-8"))


def test_tells_what_the_training_found(make_model: MakeModel) -> None:
    page = page_of(make_model(diagnosis_of(["greet", "bye", EVIL])))
    assert "90.0\u00a0%" in " ".join(page.text)
    assert "not a test of the trained model" in page.words
    assert "data/nlu.yml:4" not in page.words
    assert "data/nlu.yml:5" in page.words  # hello, greet
    assert "data/nlu.yml:10" in page.words  # the same sentence under bye
    assert "Nothing was held out" in page.words
    assert {"labels", "pairs", "matrix", "intents", "reliability", "curves"} <= set(page.all("id"))
    assert "entities" not in page.all("id")


def test_training_data_is_text_and_nothing_else(make_model: MakeModel) -> None:
    model = make_model(diagnosis_of(["greet", "bye", EVIL]), name="<b>model")
    page = page_of(model)
    assert EVIL in page.words and "<img src=x onerror=alert(1)>" in page.words
    assert len(page.scripts) == 2  # our own style sheet and script
    assert "alert" not in "".join(page.scripts)
    assert not {"img", "b", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]


def test_asks_nothing_of_the_network(make_model: MakeModel) -> None:
    model = make_model(diagnosis_of(["greet", "bye", EVIL]))
    html = report.report_path(model)
    page = page_of(model)
    assert not page.all("src")
    assert all(link.startswith("#") or link == "data:," for link in page.all("href"))
    assert "url(" not in html.read_text(encoding="utf-8")
    (policy,) = (value for value in page.all("content") if "default-src" in value)
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_the_policy_lets_our_own_script_run(make_model: MakeModel) -> None:
    page = page_of(make_model(diagnosis_of(["greet", "bye", EVIL])))
    (policy,) = (value for value in page.all("content") if "default-src" in value)
    for text in page.scripts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_inner_links_lead_somewhere(make_model: MakeModel) -> None:
    page = page_of(make_model(diagnosis_of(["greet", "bye", EVIL])))
    identifiers = page.all("id")
    assert len(identifiers) == len(set(identifiers))
    targets = {link[1:] for link in page.all("href") if link.startswith("#")}
    assert {"pair-1", "pair-2"} <= targets <= set(identifiers)


def test_pairs_are_sorted_by_their_mistakes() -> None:
    found = figures.figures_of(diagnosis_of(["greet", "bye", "thank"]), Places(Path("no"), Path()))
    assert found.estimate is not None
    first, second = found.estimate.pairs
    assert (first.first, first.second, first.forth, first.back) == ("greet", "bye", 2, 1)
    assert [one.confidence for one in first.sentences] == [0.9, 0.8, 0.8]
    assert (second.first, second.second, second.total) == ("thank", "greet", 1)


@pytest.mark.parametrize("count", [3, 15, 150])
def test_matrix_stays_readable(count: int) -> None:
    names = [f"intent_{number}" for number in range(count)]
    wrong = [[number, (number + 1) % count, 1] for number in range(count)]
    right = [[number, number, 9] for number in range(count)]
    found = diagnosis_of(names, confusions=[*right, *wrong])
    estimate = figures.figures_of(found, Places(Path("no"), Path())).estimate
    assert estimate is not None
    matrix = estimate.matrix
    assert len(matrix.names) == min(count, figures.MOST_INTENTS)
    assert (matrix.others is None) == (count <= figures.ALL_INTENTS)
    others = matrix.others or [0] * len(matrix.names)
    rows = zip(matrix.counts, others, strict=True)
    assert [sum(row) + other for row, other in rows] == matrix.supports
    chart = charts.confusion_matrix(matrix, {})
    width = re.search(r'width="(\d+)"', chart)
    assert width is not None and int(width[1]) < 900


def test_confused_intents_stand_side_by_side() -> None:
    names = [f"intent_{number}" for number in range(10)]
    right = [[number, number, 5] for number in range(10)]
    found = diagnosis_of(names, confusions=[*right, [1, 8, 5]])
    estimate = figures.figures_of(found, Places(Path("no"), Path())).estimate
    assert estimate is not None
    assert set(estimate.matrix.names[:2]) == {"intent_1", "intent_8"}


def test_reliability_diagram_has_the_bars_of_the_bins() -> None:
    bins = [{"from": 0.8, "to": 0.9, "count": 40, "confidence": 0.85, "accuracy": 0.75}]
    chart = charts.reliability_diagram(bins)
    heights = [
        float(height) for height in re.findall(r' height="([\d.]+)" class="(?:bar|gap)', chart)
    ]
    assert heights == [0.75 * 320, pytest.approx(0.1 * 320)]
    assert "gap over" in chart


@pytest.mark.parametrize(
    ("share", "count", "low", "high"), [(0.5, 100, 0.404, 0.596), (1.0, 10, 0.722, 1.0)]
)
def test_wilson_interval(share: float, count: int, low: float, high: float) -> None:
    assert figures.wilson_interval(share, count) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.parametrize("top", [1e-9, 0.003, 0.07, 1.0, 4.2, 950.0])
def test_ticks_are_few_and_hold_everything(top: float) -> None:
    ticks = svg.round_ticks(top)
    assert ticks[0] == 0 and ticks[-1] >= top * 0.999 and 3 <= len(ticks) <= 6


def test_says_why_there_is_no_estimate(make_model: MakeModel) -> None:
    found = diagnosis_of([EVIL, "a", "b"])
    del found["estimate"]
    page = page_of(make_model({**found, "no_estimate": f"only {EVIL} is there."}))
    assert f"There is no estimate of accuracy: only {EVIL} is there." in page.words
    assert "curves" in page.all("id") and "labels" not in page.all("id")


def test_nothing_misread_nothing_learnt(make_model: MakeModel) -> None:
    perfect = {"confusions": [[0, 0, 10], [1, 1, 10]], "listed": [], "misread": 0}
    found = diagnosis_of(["greet", "bye"], label_errors=[], contradictions=[], **perfect)
    page = page_of(make_model({**found, "epochs": []}))
    assert "None was found." in page.words and "No example was misread." in page.words
    assert "no epochs" in page.words


def test_held_out_curves_and_entities(make_model: MakeModel) -> None:
    found = diagnosis_of(["greet", "bye", "thank"])
    found["epochs"][1]["held_out"] = {"loss": 1.7, "intent_accuracy": 0.8}
    score = {"precision": 1.0, "recall": 0.5, "f1": 0.667, "support": 2}
    found["entities"] = [{"name": "city / to", **score}]
    page = page_of(make_model(found))
    assert "Held out: intent accuracy" in page.words
    assert "city / to" in page.words and "entities" in page.all("id")


def test_a_model_without_figures_has_no_report(make_model: MakeModel) -> None:
    model = make_model(None)
    assert report.write_report(model) is None
    assert not report.report_path(model).exists()


@pytest.mark.parametrize("found", [{"version": 99}, [], {}])
def test_other_versions_are_refused_by_name(make_model: MakeModel, found: object) -> None:
    with pytest.raises(UnreadableDiagnosisError, match="quick-fox.*version"):
        read_diagnosis(make_model(found))


def test_a_damaged_archive_is_refused_by_name(make_model: MakeModel) -> None:
    model = make_model(diagnosis_of(["a", "b", "c"]))
    model.write_bytes(model.read_bytes()[:200])
    with pytest.raises(UnreadableDiagnosisError, match="quick-fox"):
        read_diagnosis(model)


def test_places_know_annotation_and_intent(make_model: MakeModel) -> None:
    places = Places(Path("data"), Path())
    assert places.find("say hello to Ann", "greet") == "data/nlu.yml:6"
    assert places.find("hello", "bye") == "data/nlu.yml:10"
    assert places.find("hi there", "greet") is None
    assert places.find("neutral", "bye") is None


@pytest.mark.parametrize("trouble", ["nothing", "damaged", "none"])
def test_a_training_never_fails_for_its_report(
    make_model: MakeModel, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(None if trouble == "none" else diagnosis_of(["a", "b", "c"]))
    if trouble == "damaged":
        model.write_bytes(b"no archive")
    train.report(model)
    told = capsys.readouterr()
    if trouble == "nothing":
        assert told.out == "Report: models/quick-fox.html (`make report` opens it).\n"
    else:
        assert told.out == ""
    assert ("could not be written" in told.err) == (trouble == "damaged")


def test_make_report_opens_the_newest(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(command, "ROOT", Path.cwd())
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SystemExit):
        command.main()
    assert "Nothing is trained yet" in capsys.readouterr().err
    model = make_model(None)
    with pytest.raises(SystemExit):
        command.main()
    assert "make train FORCE=1" in capsys.readouterr().err
    make_model(diagnosis_of(["a", "b", "c"]))
    assert command.main() == 0
    path = report.report_path(model).resolve()
    assert capsys.readouterr().out == f"The report is {path}\n" and not opened
    monkeypatch.setenv("DISPLAY", ":0")
    assert command.main() == 0
    assert opened == [path.as_uri()]
