"""Each benchmark once for real, with an encoder made in code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import encoders, intents, latency, runner, sentiment, tables
from benchmarks.stages import ENCODER, OTHERS, RASA, TOKENISE
from tests.benchmarks.conftest import WriteSplit, intent_rows, make_encoder, sentiment_rows

# Rasa takes its time to start, twice a system, and machines are busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def settings(encoder: Path) -> str:
    return json.dumps({"encoder": str(encoder), "epochs": 1, "device": "cpu"})


def read(path: Path) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return records


def test_intents(
    write_split: WriteSplit, tiny_encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_split("train", intent_rows(0, 6))
    write_split("test", intent_rows(5, 8))
    write_split("id-oos-test", [{"text": "great day"}])
    folder = write_split("ood-oos-test", [{"text": "i am sad"}])
    out = folder / "out" / "intents.json"
    arguments = ["--data", str(folder), "--seeds", "1", "--systems", "parley,tfidf"]
    assert intents.main([*arguments, "--json", str(out), "--set", settings(tiny_encoder)]) == 0
    parley, tfidf = read(out)
    for record in (parley, tfidf):
        assert 0.0 <= record["accuracy"] <= 1.0
        assert 0.0 <= record["ood_oos_auroc"] <= 1.0
        assert record["parse_ms_p50"] > 0.0
        assert record["test_texts"] == 9
    assert parley["through_rasa"] and not tfidf["through_rasa"]
    assert tfidf["accuracy"] > 0.5
    assert "oos_recall" in parley and "oos_recall" not in tfidf
    assert parley["settings"]["epochs"] == 1 and tfidf["settings"] == {}
    assert tfidf["peak_rss_mb"] < parley["peak_rss_mb"]
    shown = capsys.readouterr().out
    assert shown.startswith("| system")
    assert tables.render(read(out), out).startswith(shown.strip())


def test_sentiment(write_split: WriteSplit, tiny_encoder: Path) -> None:
    folder = write_split("valid", sentiment_rows())
    out = folder / "sentiment.json"
    arguments = ["--data", str(folder), "--seeds", "1", "--holdout", "0.25", "--json", str(out)]
    assert sentiment.main([*arguments, "--set", settings(tiny_encoder)]) == 0
    parley, tfidf = read(out)
    for record in (parley, tfidf):
        assert record["classes"] == ["negative", "positive"]
        assert 0.0 <= record["macro_recall"] <= 1.0
        assert record["train_texts"] == 8
    # Whatever it learnt in one epoch: each text got one of the two.
    assert parley["ece"] <= 0.6


def test_encoders(
    write_split: WriteSplit,
    tiny_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    folder = write_split("train", intent_rows(0, 8))
    broken = make_encoder(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"nothing")
    out = folder / "encoders.json"
    names = [f"{tiny_encoder}@pooling=cls", "no-such/encoder", str(broken)]
    arguments = ["--data", str(folder), "--json", str(out), "--holdout", "0.25"]
    chosen = json.dumps({"epochs": 1, "device": "cpu"})
    assert encoders.main(["--encoders", *names, *arguments, "--set", chosen]) == 0
    found, absent, damaged = read(out)
    assert found["artifact_mb"] > 0 and found["accuracy"] >= 0.0
    assert found["settings"] == {"epochs": 1, "device": "cpu", "pooling": "cls"}
    assert "no-such/encoder" in absent["note"]
    assert "failed" in damaged["note"]
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_latency(write_split: WriteSplit, tiny_encoder: Path) -> None:
    write_split("train", intent_rows(0, 6))
    folder = write_split("test", intent_rows(5, 8))
    out = folder / "latency.json"
    arguments = ["--data", str(folder), "--systems", "parley", "--rounds", "1", "--json", str(out)]
    assert latency.main([*arguments, "--set", settings(tiny_encoder)]) == 0
    records = read(out)
    pipeline = records[0]
    assert pipeline["part"] == "pipeline" and pipeline["parse_ms_p50"] > 0.0
    stages = {one["stage"]: one["stage_ms"] for one in records if one["part"] == "stage"}
    assert {TOKENISE, ENCODER, OTHERS, RASA} <= stages.keys()
    whole = stages.pop("whole parse")
    assert sum(stages.values()) == pytest.approx(whole, rel=0.3)
    assert [one["pieces"] for one in records if one["part"] == "bound"] == [12, 14]
    assert tables.render(records, out)


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(runner.WorkerFailedError, match="FileNotFoundError|No such file"):
        runner.run_job("train", {"pipeline": [], "texts": "x", "folder": "/nowhere"}, tmp_path)
