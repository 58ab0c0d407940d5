"""A digest of the component's own source, so that changed code means a new model."""

from __future__ import annotations

import hashlib
from pathlib import Path


def source_digest(folder: Path | None = None) -> str:
    """Returns a digest of all Python modules in a folder, by default the component's own."""
    digest = hashlib.sha256()
    root = folder or Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
