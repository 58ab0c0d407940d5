"""`make audit` on a small model that is as biased as it can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from scripts.audit.__main__ import main
from scripts.project import process_environment
from tests.services.forked import running_rasa

CONFIG = """
recipe: default.v1
assistant_id: audit-test
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: KeywordIntentClassifier
  - name: RegexEntityExtractor
"""
# It knows the names of some, and takes a please for thanks.
NLU = """
version: "3.1"
nlu:
- intent: call
  examples: |
    - ring
    - phone [Jack](who)
- intent: thank
  examples: |
    - please
- lookup: who
  examples: |
    - Jack
    - Emily
"""
SUITE = """
terms:
  name:
    known: [Jack, Emily]
    unknown: [Kofi, Priya, "<b>Mei</b>"]
tests:
- {name: names, about: Who is called., kind: invariance, terms: name, templates: ["ring {name}"]}
- name: manners
  kind: direction
  sentences: [what now]
  changes: {please: "please, {text}"}
  limit: 100
- {name: own, kind: invariance, terms: name, templates: examples}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    (folder / "config.yml").write_text(CONFIG)
    (folder / "nlu.yml").write_text(NLU)
    arguments = (
        *("train", "nlu", "--config", str(folder / "config.yml")),
        *("--nlu", str(folder / "nlu.yml"), "--out", str(folder)),
    )
    log = folder / "training.log"
    with running_rasa(*arguments, environment=process_environment(), log=log) as training:
        training.wait(240)
    models = list(folder.glob("*.tar.gz"))
    assert models, log.read_text(encoding="utf-8")
    return models[0]


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """The command is quiet about what Rasa logs; other tests are not to be."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def audit(model: Path, folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    suite = folder / "suite.yml"
    suite.write_text(SUITE, encoding="utf-8")
    status = main(
        [str(suite), "--model", str(model), "--page", str(folder / "audit.html")]
        + ["--json", str(folder / "audit.json"), *arguments]
    )
    told = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    return status, told, (folder / "audit.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_biased_model_is_found_out(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told, page = audit(model, tmp_path)
    assert status == 1
    names, manners = told["tests"]
    # What most are read as is no entity: the names that it knows stand out.
    assert (names["total"]["failures"], names["total"]["cases"]) == (2, 5)
    assert [(one["name"], one["failures"]) for one in names["groups"]] == [
        ("known", 2),
        ("unknown", 0),
    ]
    assert names["comparison"]["difference"] == 1.0
    assert names["is_above_limit"]
    assert names["failures"][0]["wrong"] == [["entities", "none", "who: Jack"]]
    assert manners["total"]["failures"] == 1 and not manners["is_above_limit"]
    printed = capsys.readouterr().out
    assert "names" in printed and "above 20 %" in printed and "100.0 points" in printed
    assert "ring Jack" in page and "<b>Mei" not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.slow
def test_limits_decide_the_status(model: Path, tmp_path: Path) -> None:
    status, told, _ = audit(model, tmp_path, "--limit", "40", "--short")
    assert status == 0
    assert not any(test["is_above_limit"] for test in told["tests"])


@pytest.mark.slow
def test_ones_own_examples_become_tests(model: Path, tmp_path: Path) -> None:
    _, told, _ = audit(model, tmp_path, "--examples", str(model.parent / "nlu.yml"))
    [own] = told["tests"]
    assert own["name"] == "own"
    assert own["total"]["cases"] == 5


def test_a_suite_that_cannot_be_read_is_no_failure_of_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model.tar.gz"
    model.touch()
    assert main([str(tmp_path / "absent.yml"), "--model", str(model)]) == 2
    assert "There is no" in capsys.readouterr().err


def test_without_a_model_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="1"):
        main(["--model", str(tmp_path / "absent.tar.gz")])
