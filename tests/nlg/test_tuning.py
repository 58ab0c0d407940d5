"""Pairs out of a project, and a tiny model that learns from them."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nlg.local import LocalModel, ModelError
from nlg.pairs import Pair, make_pairs
from nlg.prompt import Request
from nlg.tuning import IGNORED, Tuning, encode, split, tune
from tests.nlg.conftest import tiny_model

ROOT = Path(__file__).resolve().parents[2]
MadeModel = Callable[[list[Pair]], LocalModel]

WORDS = {"Hello.": "Hi!", "Done.": "That's done!", "Bye.": "See you!", "Yes.": "Sure!"}
PAIRS = [
    Pair(f"utter_{i}", Request(text, message), other)
    for i, (text, other) in enumerate(WORDS.items())
    for message in ("hello", "well then", "so be it")
]


def test_pairs_keep_values_moods_and_circumstances(project: Path) -> None:
    pairs = make_pairs(project)
    assert {pair.action for pair in pairs} == {"utter_greet", "utter_added"}
    greetings = {(p.request, p.target) for p in pairs if p.action == "utter_greet"}
    assert greetings == {
        (Request("Hello!", "good morning", "positive"), "Hi there!"),
        (Request("Hi there!", "good morning", "positive"), "Hello!"),
    }
    added = {(p.request.text, p.target) for p in pairs if p.action == "utter_added"}
    done, has = "Done: milk on your shopping list.", "Your shopping list now has milk."
    assert added == {(done, has), (has, done)}


def test_the_projects_own_responses_give_pairs() -> None:
    pairs = make_pairs(ROOT)
    assert len(pairs) > 100
    assert not [p for p in pairs if "{" in p.request.text + p.target]
    assert any(p.request.message for p in pairs)
    assert make_pairs(ROOT) == pairs, "the same seed draws the same"


def test_only_the_other_words_count(made: MadeModel) -> None:
    local = made(PAIRS)
    inputs = encode(local, PAIRS[:3], longest=64)
    assert inputs["input_ids"].shape == inputs["attention_mask"].shape
    for labels, pair in zip(inputs["labels"], PAIRS, strict=False):
        counted = labels[labels != IGNORED]
        said = local.tokenizer.decode(counted, skip_special_tokens=True).strip()
        assert said == pair.target


def test_what_is_too_long_is_cut_and_keeps_its_target(made: MadeModel) -> None:
    local = made(PAIRS)
    long = Pair("utter_x", Request("Hello.", "so " * 100), "Hi!")
    inputs = encode(local, [long], longest=48)
    assert inputs["input_ids"].shape[1] <= 48
    assert (inputs["labels"] != IGNORED).any()


def test_responses_kept_apart_are_in_no_training_pair() -> None:
    training, apart = split(PAIRS, random.Random(0))
    assert {p.action for p in training} & {p.action for p in apart} == set()
    assert len(training) + len(apart) == len(PAIRS)
    with pytest.raises(ValueError, match="nothing to learn"):
        split(PAIRS[:2], random.Random(0))


def test_it_learns_and_comes_back_from_its_folder(made: MadeModel, tmp_path: Path) -> None:
    local = made(PAIRS)
    # The pair that is kept apart ends as the others do: some of it can be learnt.
    outcome = tune(local, PAIRS, Tuning(epochs=12, batch_size=4, learning_rate=5e-3))
    assert outcome.best_epoch > 0
    assert outcome.after < outcome.before
    local.save(tmp_path / "tuned")
    loaded = LocalModel.load(tmp_path / "tuned")
    for pair in PAIRS:
        assert loaded.rephrase(pair.request) == local.rephrase(pair.request)
    assert not list((tmp_path / "tuned").glob("*.bin")), "safetensors only"


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=str(tmp_path)):
        LocalModel.load(tmp_path)


@pytest.mark.slow
def test_the_command_line(project: Path, tmp_path: Path) -> None:
    tiny_model(make_pairs(project), seq2seq=False).save(tmp_path / "model")
    command = [
        *(sys.executable, "-m", "nlg.tuning", "--model", str(tmp_path / "model")),
        *("--output", str(tmp_path / "tuned"), "--project", str(project), "--epochs", "1"),
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert ran.returncode == 0, ran.stderr
    assert "4 pairs" in ran.stderr
    LocalModel.load(tmp_path / "tuned")
    command[4] = str(tmp_path / "nowhere")
    failed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert failed.returncode == 1 and "nowhere" in failed.stderr
