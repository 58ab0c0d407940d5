"""A trained selector on disk: `answers.json` with the index, `answers.safetensors`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError  # type: ignore[attr-defined]
from safetensors.numpy import load, save

from custom_components.response_retrieval.answers import Answers

ARTIFACT_VERSION = 1
"""Counts the changes of what is written, apart from the versions of the software."""

_INDEX = "answers.json"
_TENSORS = "answers.safetensors"


class ArtifactError(Exception):
    """A trained selector on disk is incomplete, damaged, or of another version."""


@dataclasses.dataclass(frozen=True)
class TrainedSelector:
    """All that a trained selector needs."""

    answers: Answers
    retrieval_intents: tuple[str, ...]
    """All of the training data's, also those of other selectors."""

    responses: dict[str, list[dict[str, Any]]]
    """The training data's responses of the answers, where it has any, by their names."""

    encoder_digest: str
    """Of the encoder that made the vectors: another's would mean something else."""


def write(folder: Path, trained: TrainedSelector) -> None:
    """Writes a trained selector into a folder, the index last."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = save(
        {
            "vectors": np.ascontiguousarray(trained.answers.vectors),
            "answers": np.ascontiguousarray(trained.answers.answers),
        }
    )
    (folder / _TENSORS).write_bytes(tensors)
    index = {
        "artifact": "response_retrieval",
        "version": ARTIFACT_VERSION,
        "names": list(trained.answers.names),
        "temperature": trained.answers.temperature,
        "retrieval_intents": list(trained.retrieval_intents),
        "responses": trained.responses,
        "encoder": trained.encoder_digest,
        "sha256": hashlib.sha256(tensors).hexdigest(),
    }
    (folder / _INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False), encoding="utf-8")


def read(folder: Path) -> TrainedSelector:
    """Reads what `write` wrote.

    Raises:
        ArtifactError: A file is missing, altered, foreign or of another version; it is named.
    """
    index = _read_index(folder)
    try:
        content = (folder / _TENSORS).read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"The trained selector in {folder} lacks its file '{_TENSORS}': train again."
        ) from error
    if hashlib.sha256(content).hexdigest() != index.get("sha256"):
        raise ArtifactError(
            f"The file '{_TENSORS}' of the trained selector in {folder} is damaged: train again."
        )
    try:
        tensors = load(content)
        answers = Answers(
            tuple(map(str, index["names"])),
            tensors["vectors"],
            tensors["answers"],
            float(index["temperature"]),
        )
        _check(answers)
        return TrainedSelector(
            answers,
            tuple(map(str, index["retrieval_intents"])),
            dict(index["responses"]),
            str(index["encoder"]),
        )
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise ArtifactError(
            f"The trained selector in {folder} cannot be read ({error}): train again."
        ) from error


def _check(answers: Answers) -> None:
    if answers.vectors.ndim != 2 or answers.answers.shape != answers.vectors.shape[:1]:
        raise ValueError("vectors and answers do not fit together")
    if set(answers.answers.tolist()) != set(range(len(answers.names))):
        raise ValueError("names and answers do not fit together")
    if not (math.isfinite(answers.temperature) and answers.temperature > 0):
        raise ValueError("the temperature is not above 0")


def _read_index(folder: Path) -> dict[str, Any]:
    path = folder / _INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"The file '{_INDEX}' of the trained selector in {folder} cannot be read ({error}): "
            "train again."
        ) from error
    if not isinstance(index, dict) or index.get("artifact") != "response_retrieval":
        raise ArtifactError(f"What lies in {folder} is not a trained response selector.")
    if index.get("version") != ARTIFACT_VERSION:
        raise ArtifactError(
            f"The trained selector in {folder} has artifact version {index.get('version')}, "
            f"this software reads version {ARTIFACT_VERSION}: train again."
        )
    return index
