"""Models come into use and go, with all that belongs to them, and can be gone back to."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from promotion.shelf import commit_told, promote, roll_back
from scripts.freshness import digest_sources, judge, newest_model, pin, record_path, write_record


def model(folder: Path, name: str, age: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tar.gz"
    path.write_bytes(name.encode())
    write_record(path, digest_sources(Path.cwd()))
    record_path(path).with_suffix(".html").write_text(name, encoding="utf-8")
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("config.yml").write_text("one", encoding="utf-8")
    return tmp_path / "models"


def test_a_candidate_is_in_use_once_it_is_promoted(models: Path) -> None:
    old = model(models, "old", 0)
    candidate = model(models / "candidates", "new", 50)
    assert newest_model(models) == old
    in_use = promote(models, candidate)
    assert newest_model(models) == in_use == models / "new.tar.gz"
    assert judge(models, digest_sources(Path.cwd())).model == in_use
    assert (models / "new.html").exists() and not list((models / "candidates").iterdir())


def test_going_back_holds_until_the_data_change(models: Path) -> None:
    model(models, "old", 100)
    Path("config.yml").write_text("two", encoding="utf-8")
    model(models, "new", 0)
    sources = digest_sources(Path.cwd())
    found = roll_back(models, sources)
    assert found == (models / "old.tar.gz", models / "withdrawn" / "new.tar.gz")
    assert (models / "withdrawn" / "new.json").exists() and not (models / "new.json").exists()
    # Nothing is trained anew, though the old model is not made of these data.
    assert judge(models, sources).model == models / "old.tar.gz"
    Path("config.yml").write_text("three", encoding="utf-8")
    assert judge(models, digest_sources(Path.cwd())).model is None


def test_there_must_be_something_to_go_back_to(models: Path) -> None:
    assert roll_back(models, {}) is None
    only = model(models, "only", 0)
    assert roll_back(models, {}) is None and only.exists()


def test_a_pin_of_another_model_or_a_broken_one_says_nothing(models: Path) -> None:
    model(models, "one", 0)
    Path("config.yml").write_text("changed", encoding="utf-8")
    sources = digest_sources(Path.cwd())
    pin(models / "other.tar.gz", sources)
    assert judge(models, sources).model is None
    (models / "pinned.json").write_text("{", encoding="utf-8")
    assert judge(models, sources).model is None


def test_a_record_says_the_commit(models: Path) -> None:
    assert commit_told(model(models, "bare", 0)) == "data outside of git"

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)
        return done.stdout.decode().strip()

    git("init", "-q")
    git("add", "config.yml")
    git("commit", "-qm", "one")
    commit = git("rev-parse", "HEAD")
    clean = model(models, "clean", 0)
    assert json.loads(record_path(clean).read_text(encoding="utf-8"))["commit"] == commit
    assert commit_told(clean) == f"data of commit {commit[:12]}"
    Path("config.yml").write_text("two", encoding="utf-8")
    assert commit_told(model(models, "changed", 0)).endswith("and changes on top")
    record_path(clean).unlink()
    assert commit_told(clean) == "data of an unknown commit"
