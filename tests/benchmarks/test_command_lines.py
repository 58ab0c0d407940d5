"""What the commands say and return where they cannot measure."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks import encoders, intents, latency, sentiment, suite
from benchmarks.datasets import DatasetError, LabelledText
from benchmarks.intents import best, best_intent, in_scope_confidence, quality, scope
from benchmarks.runner import ROOT
from benchmarks.systems import BASELINE, COMPONENT, pipeline
from tests.benchmarks.conftest import WriteSplit, intent_rows, sentiment_rows


def test_missing_data_is_a_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for main in (intents.main, sentiment.main, latency.main):
        assert main(["--data", str(tmp_path / "nowhere")]) == 2
        said = capsys.readouterr().err
        assert "nowhere" in said
        assert len(said.splitlines()) == 1


def test_a_missing_split_of_sentiment_names_the_way_out(
    write_split: WriteSplit, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_split("valid", sentiment_rows())
    assert sentiment.main(["--data", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "no train and no test" in said
    assert "--holdout 0.25" in said


def test_one_file_is_parted(write_split: WriteSplit) -> None:
    folder = write_split("valid", sentiment_rows())
    parts = sentiment.read_parts(folder, "train", "test", 0.25, None)
    assert (len(parts.train), len(parts.test)) == (8, 4)
    assert (parts.train_name, parts.test_name) == ("valid, 75 %", "valid, 25 %")
    assert sentiment.classes_of(parts) == ["negative", "positive"]
    write_split("other", sentiment_rows())
    with pytest.raises(DatasetError, match="2 other files"):
        sentiment.read_parts(folder, "train", "test", 0.25, None)


def test_texts_without_labels_are_refused(
    write_split: WriteSplit, capsys: pytest.CaptureFixture[str]
) -> None:
    write_split("train", [{"text": "a", "label": "x"}, {"text": "b"}])
    folder = write_split("test", [{"text": "a", "label": "x"}])
    assert sentiment.main(["--data", str(folder)]) == 2
    assert "has no label" in capsys.readouterr().err


def test_unknown_systems_are_refused(
    write_split: WriteSplit, capsys: pytest.CaptureFixture[str]
) -> None:
    write_split("train", intent_rows(0, 6))
    folder = write_split("test", intent_rows(6, 8))
    assert intents.main(["--data", str(folder), "--systems", "parley,deit"]) == 2
    assert "'deit'" in capsys.readouterr().err


@pytest.mark.parametrize("bad", [["--seeds", "0"], ["--limit", "x"], ["--set", "[1]"]])
def test_bad_values_are_refused(bad: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        intents.main(["--data", "x", *bad])
    assert caught.value.code == 2
    assert bad[0] in capsys.readouterr().err


def test_encoders_with_settings_of_their_own() -> None:
    name, settings = encoders.read_encoder("a/b@pooling=cls,learning_rate=5e-5,epochs=3")
    assert name == "a/b"
    assert settings == {"pooling": "cls", "learning_rate": 5e-5, "epochs": 3}
    assert encoders.read_encoder("plain") == ("plain", {})
    with pytest.raises(ValueError, match="key=value"):
        encoders.read_encoder("a@cls")


def test_only_the_component_that_learns_is_changed() -> None:
    found = pipeline("parley", 7, {"epochs": 1})
    assert found[0] == {"name": COMPONENT, "seed": 7, "epochs": 1}
    assert all("epochs" not in one and "seed" not in one for one in found[1:])
    diet = pipeline("diet", 7, {"epochs": 1, "encoder": "x"})
    assert diet[5]["random_seed"] == 7
    assert diet[5]["epochs"] == 1
    assert all("encoder" not in one for one in diet)


def result(*ranking: tuple[str, float]) -> dict[str, object]:
    named = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return {"intent": named[0], "intent_ranking": named, "entities": []}


def test_the_fallback_is_looked_behind() -> None:
    declined = result(("nlu_fallback", 0.7), ("greet", 0.4), ("bye", 0.3))
    assert best_intent(declined) == "greet"
    assert best({"intent": {"name": None}, "intent_ranking": []})["name"] is None


def test_out_of_scope_may_be_an_intent_like_any_other() -> None:
    refused = result(("out_of_scope", 0.6), ("greet", 0.4))
    found = quality([LabelledText("x", "out_of_scope")], [refused])
    assert found["accuracy"] == 1.0
    assert in_scope_confidence(refused) == 0.4


def test_a_system_without_fallback_has_no_figures_of_it() -> None:
    inside, outside = [result(("greet", 0.9))], [result(("greet", 0.2))]
    assert scope(inside, outside, "", has_fallback=False).keys() == {"oos_auroc", "oos_fpr95"}
    assert scope(inside, outside, "")["oos_recall"] == 0.0


def test_the_suite_names_the_sources_of_missing_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(tmp_path / "no"), "--results", str(tmp_path / "results")]
    assert suite.main([*arguments, "--only", "sentiment", "--only", "banking77-10"]) == 2
    said = capsys.readouterr().err
    assert "banking77-10, sentiment" in said
    assert "github.com" in said


def test_a_try_does_not_overwrite_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert suite.main(["--limit", "5"]) == 2
    assert "--results" in capsys.readouterr().err


def test_parley_falls_back_as_the_project_does() -> None:
    written = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (of_project,) = [one for one in written if one["name"] == "FallbackClassifier"]

    assert pipeline("parley", 0)[-1] == of_project


def test_the_suite_names_known_systems_only() -> None:
    for part in suite.PARTS:
        if "--systems" in part.arguments:
            names = part.arguments[part.arguments.index("--systems") + 1].split(",")
            assert set(names) <= {"parley", "diet", BASELINE}
