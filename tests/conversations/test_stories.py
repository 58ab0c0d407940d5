"""Rasa's own story tests, against the trained model."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.project import ROOT, process_environment, python_module

pytestmark = [pytest.mark.slow, pytest.mark.conversation]


def test_every_story_is_predicted_as_written(model: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        python_module(
            "scripts.rasa_program",
            *("test", "core", "--model", str(model), "--stories", "tests/stories"),
            *("--out", str(tmp_path), "--fail-on-prediction-errors"),
        ),
        cwd=ROOT,
        env=process_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "None of the test stories failed" in failed
