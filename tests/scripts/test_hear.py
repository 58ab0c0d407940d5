"""What the program that hears a recording says where it cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts import hear
from voice.audio import write_wave


def test_hearing_says_what_is_lacking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"no audio")
    assert hear.main([str(path), "--models", str(tmp_path)]) == 2
    assert "a.wav is not a WAV file." in capsys.readouterr().err
    write_wave(np.zeros(16000, np.int16), path)
    assert hear.main([str(path), "--models", str(tmp_path)]) == 2
    assert "make train" in capsys.readouterr().err
    (tmp_path / "a.tar.gz").write_bytes(b"no model")
    assert hear.main([str(path), "--models", str(tmp_path)]) == 2
    assert "a.tar.gz cannot be read" in capsys.readouterr().err
