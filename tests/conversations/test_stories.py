"""Rasa's own story tests, against the trained model."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.project import process_environment
from tests.services.forked import running_rasa

pytestmark = [pytest.mark.slow, pytest.mark.conversation]


def test_every_story_is_predicted_as_written(model: Path, tmp_path: Path) -> None:
    log = tmp_path / "test.log"
    command = [
        *("test", "core", "--model", str(model), "--stories", "tests/stories"),
        *("--out", str(tmp_path), "--fail-on-prediction-errors"),
    ]

    with running_rasa(*command, environment=process_environment(), log=log) as testing:
        status = testing.wait()

    assert status == 0, log.read_text(encoding="utf-8")[-3000:]
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "None of the test stories failed" in failed
