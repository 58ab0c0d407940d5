"""What is kept of what was said, and for how long."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from channels.voice.keeping import Recordings
from voice.asr import Recognition

SAMPLES = np.arange(1600).astype(np.int16)
HEARD = Recognition("add milk", 0.9, accepted=True)


def names(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


def test_recordings_go_when_their_time_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "said"
    Recordings(folder, timedelta(days=1)).keep(SAMPLES, HEARD, "voice~ada")
    Recordings(folder, timedelta(days=1)).expire()
    assert names(folder) == [".json", ".wav"]
    assert folder.stat().st_mode & 0o777 == 0o700
    Recordings(folder, timedelta(0)).expire()
    assert names(folder) == []


def test_a_conversation_that_is_forgotten_takes_its_recordings_along(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "said", timedelta(days=1))
    recordings.keep(SAMPLES, HEARD, "web~one")
    recordings.keep(SAMPLES, HEARD, "web~another")
    recordings.forget("web~one")
    assert names(tmp_path / "said") == [".json", ".wav"]
    recordings.forget("web~another")
    assert names(tmp_path / "said") == []


def test_what_is_not_ours_stays_and_what_is_broken_goes_in_time(tmp_path: Path) -> None:
    folder = tmp_path / "said"
    recordings = Recordings(folder, timedelta(days=1))
    (folder / "notes.json").write_text('{"at": 0}')
    broken = folder / f"{'0' * 32}.json"
    broken.write_text('{"at": ')
    broken.with_suffix(".wav").write_bytes(b"RIFF")
    recordings.expire()
    assert names(folder) == [".json", ".json", ".wav"]
    old = time.time() - timedelta(days=2).total_seconds()
    os.utime(broken, (old, old))
    recordings.expire()
    assert [path.name for path in folder.iterdir()] == ["notes.json"]
