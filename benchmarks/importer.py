"""Hands a benchmark's texts to Rasa's training exactly as they are.

Rasa's own formats would change them: in YAML, a text with `[…](…)` in it is read as an entity,
and its JSON format is deprecated and knows no metadata.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class LabelledTextImporter(RasaFileImporter):  # type: ignore[misc]
    """Reads what `benchmarks.datasets.write_texts` wrote; Rasa finds it by `importers:`."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        texts: str = "",
    ) -> None:
        """Keeps the path `texts`; the others are Rasa's."""
        super().__init__(config_file, domain_path, [])
        self._texts = Path(texts)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Returns the texts as training data, their sentiment as metadata (see parent class)."""
        texts = json.loads(self._texts.read_text(encoding="utf-8"))
        return TrainingData([as_message(fields) for fields in texts])


def as_message(fields: dict[str, Any]) -> Message:
    """Returns a `LabelledText`'s fields as Rasa's training example."""
    sentiment = fields.get("sentiment")
    return Message.build(
        fields["text"],
        fields["label"],
        fields["entities"] or None,
        example_metadata=None if sentiment is None else {"sentiment": sentiment},
    )
