"""A digest of all that a language model is made with, so that changed code means a new one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

_MAKERS = (
    *("language", "sayable", "grammar", "ngrams", "general"),
    *("pronunciation", "letters", "speakable", "speaking_numbers"),
)
"""Modules of `voice` that decide what a language model is like."""

_CHOOSERS = ("calibration", "sphinx", "synthesis", "vad", "audio", "frontend")
"""Those that decide where its thresholds lie, where these are chosen in training."""


def source_digest(calibrates: bool) -> str:
    """Returns a digest of the component's own modules, and of those of `voice` that it uses."""
    modules = _MAKERS + (_CHOOSERS if calibrates else ())
    files = [*sorted(Path(__file__).parent.glob("*.py")), *map(_path, modules)]
    if calibrates:
        files.append(_path("calibration").with_name("overheard.txt"))
    return digest_of(files)


def digest_of(paths: Iterable[Path]) -> str:
    """Returns a digest of files; one that is not there counts as such."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.is_file() else None
        digest.update(f"{path.name} {None if content is None else len(content)}\n".encode())
        digest.update(content or b"")
    return digest.hexdigest()


def _path(module: str) -> Path:
    # Found without being imported: that would load the recogniser's engine.
    spec = find_spec(f"voice.{module}")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin)
