"""A model is current as long as what it was made from is what is there."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.freshness import digest_sources, judge, newest_model, record_path, write_record


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "config.yml",
        "domain.yml",
        "requirements.lock",
        "data/nlu/lists.yml",
        "custom_components/part/model.py",
        "actions/lists.py",
        "endpoints.yml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return tmp_path


@pytest.fixture
def models(project: Path) -> Path:
    models = project / "models"
    models.mkdir()
    model = models / "one.tar.gz"
    model.write_bytes(b"a model")
    write_record(model, digest_sources(project))
    return models


def test_reads_what_a_training_reads(project: Path) -> None:
    assert list(digest_sources(project)) == [
        "config.yml",
        "custom_components/part/model.py",
        "data/nlu/lists.yml",
        "domain.yml",
        "requirements.lock",
    ]


def test_caches_are_no_sources(project: Path) -> None:
    before = digest_sources(project)
    for name in ("custom_components/__pycache__/a.pyc", "data/.DS_Store"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("noise", encoding="utf-8")
    assert digest_sources(project) == before


def test_model_made_from_the_same_files_is_current(project: Path, models: Path) -> None:
    os.utime(project / "config.yml")  # a fresh checkout has other times
    verdict = judge(models, digest_sources(project))
    assert verdict.model == models / "one.tar.gz"
    assert verdict.reasons == ()


def edit(project: Path) -> None:
    (project / "data/nlu/lists.yml").write_text("other words", encoding="utf-8")


def add(project: Path) -> None:
    (project / "data/stories").mkdir()
    (project / "data/stories/lists.yml").write_text("a story", encoding="utf-8")


def remove(project: Path) -> None:
    (project / "custom_components/part/model.py").unlink()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit, "data/nlu/lists.yml changed"),
        (add, "data/stories/lists.yml is new"),
        (remove, "custom_components/part/model.py is gone"),
    ],
)
def test_each_change_is_told(
    project: Path, models: Path, change: Callable[[Path], None], reason: str
) -> None:
    change(project)
    verdict = judge(models, digest_sources(project))
    assert verdict.model is None
    assert verdict.reasons == (reason,)


def test_nothing_trained(project: Path, tmp_path: Path) -> None:
    verdict = judge(tmp_path / "none", digest_sources(project))
    assert verdict.model is None
    assert verdict.reasons == ("nothing is trained yet",)


def test_newest_model_counts_even_without_a_record(project: Path, models: Path) -> None:
    newer = models / "two.tar.gz"
    newer.write_bytes(b"trained by hand")
    os.utime(newer, (2e9, 2e9))
    assert newest_model(models) == newer
    verdict = judge(models, digest_sources(project))
    assert verdict.model is None
    assert "two.tar.gz" in verdict.reasons[0]


@pytest.mark.parametrize(
    "record",
    ["", "[]", "{}", '{"version": 1, "model": "one.tar.gz", "bytes": 7, "sources": 3}'],
)
def test_unreadable_record_is_none(project: Path, models: Path, record: str) -> None:
    record_path(models / "one.tar.gz").write_text(record, encoding="utf-8")
    assert judge(models, digest_sources(project)).model is None


@pytest.mark.parametrize(("key", "value"), [("version", 2), ("model", "x"), ("bytes", 1)])
def test_record_of_something_else_is_none(
    project: Path, models: Path, key: str, value: object
) -> None:
    path = record_path(models / "one.tar.gz")
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, key: value}), encoding="utf-8")
    assert judge(models, digest_sources(project)).model is None


def test_record_without_its_model_is_nothing(project: Path, models: Path) -> None:
    (models / "one.tar.gz").unlink()
    assert judge(models, digest_sources(project)).reasons == ("nothing is trained yet",)
