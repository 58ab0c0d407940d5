"""From changed data to another model in use: with models that Rasa trained, and asks."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from promotion import __main__ as program
from promotion.shelf import promote
from scripts import train
from scripts.freshness import digest_sources, newest_model, write_record
from scripts.project import ROOT, process_environment
from tests.services.forked import running_rasa

pytestmark = [pytest.mark.slow, pytest.mark.services]

DATA = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
{more}
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
"""
KNOWS_HI = """\
    - hi
"""
HELD_OUT = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello there
    - hi there
"""
STORIES = """\
version: "3.1"
stories:
- story: somebody says hi
  steps:
  - user: hi
    intent: greet
  - action: utter_greet
"""
COPIES = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"


def trained(folder: Path, more: str) -> Path:
    """A model of Rasa's, in a second: it knows words by heart."""
    folder.mkdir()
    (folder / "data.yml").write_text(DATA.format(more=more), encoding="utf-8")
    (folder / "domain.yml").write_text(
        "intents: [greet]\nresponses:\n  utter_greet:\n  - text: Hello!\n", encoding="utf-8"
    )
    (folder / "config.yml").write_text(
        "recipe: default.v1\nassistant_id: promoted\nlanguage: en\n"
        "pipeline: [{name: KeywordIntentClassifier}]\npolicies: [{name: RulePolicy}]\n",
        encoding="utf-8",
    )
    command = [
        *("train", "--config", str(folder / "config.yml"), "--domain", str(folder / "domain.yml")),
        *("--data", str(folder / "data.yml"), "--out", str(folder), "--quiet"),
    ]
    log = folder / "log"
    with running_rasa(*command, environment=process_environment(), log=log) as training:
        training.wait(240)
    (model,) = folder.glob("*.tar.gz")
    return model


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in (
        ("tests/data/nlu_heldout.yml", HELD_OUT),
        ("tests/stories/test_greeting.yml", STORIES),
        ("data/nlu/greeting.yml", DATA.format(more=KNOWS_HI)),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "models").mkdir()
    # The models are asked from this folder, and their programs are found all the same.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PARLEY_API_URL", "http://127.0.0.1:9")
    return tmp_path


def test_what_is_worse_stays_a_candidate_unless_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = trained(project / "good", KNOWS_HI), trained(project / "bad", "")
    monkeypatch.chdir(project)
    models = Path("models")
    in_use = models / "good.tar.gz"
    shutil.copy(good, in_use)
    write_record(in_use, digest_sources(Path.cwd()))
    assert program.go_on(models, force=False) == 0
    assert "nothing to promote" in capsys.readouterr().out

    def copied(output: Path, *, force: bool) -> list[str]:
        return [sys.executable, "-c", COPIES, str(bad), str(output / "bad.tar.gz")]

    monkeypatch.setattr(train, "rasa_train_command", copied)
    Path("data/nlu/greeting.yml").write_text(DATA.format(more=""), encoding="utf-8")
    assert program.go_on(models, force=False) == program.REFUSED
    said = capsys.readouterr().out
    assert "intents: 2 of 2 right before, 1 now" in said
    assert "- hi there: greet 1.00 → nothing 0.00 (wanted: greet)" in said
    assert "- somebody says hi: otherwise" in said
    assert "bad.tar.gz is worse than good.tar.gz" in said
    assert newest_model(models) == in_use

    # Told to, it is taken, and can be gone back from.
    promote(models, models / "candidates" / "bad.tar.gz")
    assert newest_model(models) == models / "bad.tar.gz"
    assert program.go_back(models) == 0
    assert newest_model(models) == in_use
    assert "No server runs" in capsys.readouterr().out
    # What was gone back from is not trained and offered anew, as long as the data are the same.
    assert program.go_on(models, force=False) == 0
    assert "nothing to promote" in capsys.readouterr().out
