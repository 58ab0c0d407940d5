"""Documents to be asked about: a folder that a test may empty and fill again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

DOCUMENTS = Path(__file__).resolve().parents[1] / "data" / "knowledge"


class Documents:
    """A folder with the documents of the tests; stopped, it is empty."""

    def __init__(self, folder: Path) -> None:
        """Takes a folder of its own."""
        self._documents = folder / "documents"
        self._vectors = folder / "vectors"

    @property
    def environment(self) -> Mapping[str, str]:
        """Where the documents are; the first question waits for the encoder to be loaded."""
        return {
            "PARLEY_KNOWLEDGE": str(self._documents),
            "PARLEY_KNOWLEDGE_VECTORS": str(self._vectors),
            "PARLEY_KNOWLEDGE_TIMEOUT": "60",
        }

    def start(self) -> None:
        """Puts the documents there."""
        shutil.copytree(DOCUMENTS, self._documents, dirs_exist_ok=True)

    def stop(self) -> None:
        """Takes them away."""
        shutil.rmtree(self._documents, ignore_errors=True)
