"""A trained model on disk: versioned JSON, safetensors, the encoder's own configuration.

artifact.json         version, settings, labels, digests of the other files
heads.safetensors     weights of the heads, remembered examples, n-grams
ngrams.json           the n-grams, in the order of their weights
words.json            the training data's words, which misspelt ones may stand for
encoder/              the fine-tuned encoder and its tokenizer, as transformers saves them
model.onnx            the compiled model, where ONNX Runtime is to answer
diagnosis.json        what the training report shows
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError  # type: ignore[attr-defined]
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import PreTrainedModel

from custom_components.joint_bert.encoder import load_encoder, load_tokenizer
from custom_components.joint_bert.labels import LabelSpace
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.neighbours import Neighbours
from custom_components.joint_bert.ngrams import NgramClassifier
from custom_components.joint_bert.settings import JointBertSettings
from custom_components.joint_bert.spelling import Speller
from custom_components.joint_bert.tokenization import TextEncoder

ARTIFACT_VERSION = 3
"""Counts the changes of what is written, apart from the versions of the software."""

_INDEX = "artifact.json"
_HEADS = "heads.safetensors"
_ENCODER = "encoder"
_COMPILED = "model.onnx"
_DIAGNOSIS = "diagnosis.json"
_NGRAMS = "ngrams.json"
_WORDS = "words.json"
_FIXED = ("pooling", "intent_scale", "neighbour_weight", "ngram_weight")
"""Settings that belong to the trained weights, whatever the configuration says later."""


class ArtifactError(Exception):
    """A trained model on disk is incomplete, damaged, or none of ours."""


class IncompatibleArtifactError(ArtifactError):
    """A trained model was written in another version than this software reads."""


@dataclasses.dataclass(frozen=True)
class TrainedModel:
    """A model with all that is needed to use it."""

    model: JointBert
    text_encoder: TextEncoder
    labels: LabelSpace
    speller: Speller | None = None
    """The words that misspelt ones may stand for."""
    compiled: bytes | None = None
    """The model for ONNX Runtime."""
    measured: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What was measured at the end of training."""
    diagnosis: dict[str, Any] | None = None
    """What `diagnosis.diagnose` says; written, not read back."""


def build_model(
    encoder: PreTrainedModel, labels: LabelSpace, settings: JointBertSettings
) -> JointBert:
    """Puts heads of the labels' sizes on an encoder."""
    return JointBert(
        encoder,
        intents=len(labels.intents),
        sentiments=len(labels.sentiments),
        tags=labels.tag_count,
        pooling=settings.pooling,
        intent_scale=settings.intent_scale,
        dropout=settings.dropout,
        neighbour_weight=settings.neighbour_weight,
        ngram_weight=settings.ngram_weight,
    )


def save(folder: Path, trained: TrainedModel, settings: JointBertSettings) -> None:
    """Writes a trained model into a folder, the index last: without it nothing is there."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.half() if value.is_floating_point() else value
        for name, value in trained.model.encoder.state_dict().items()
    }
    trained.model.encoder.save_pretrained(
        folder / _ENCODER, state_dict=weights, safe_serialization=True
    )
    trained.text_encoder.tokenizer.save_pretrained(folder / _ENCODER)
    save_file(_heads(trained.model), folder / _HEADS)
    if trained.compiled is not None:
        (folder / _COMPILED).write_bytes(trained.compiled)
    if trained.model.ngrams is not None:
        ngrams = trained.model.ngrams
        _write_json(folder / _NGRAMS, {"words": ngrams.words, "letters": ngrams.letters})
    if trained.speller is not None:
        _write_json(folder / _WORDS, trained.speller.counts)
    if trained.diagnosis is not None:
        _write_json(folder / _DIAGNOSIS, trained.diagnosis)
    index = {
        "artifact": "joint_bert",
        "version": ARTIFACT_VERSION,
        "settings": {
            **dataclasses.asdict(settings),
            "sentiment_classes": list(settings.sentiment_classes),
            "out_of_scope_intents": list(settings.out_of_scope_intents),
        },
        "labels": trained.labels.as_json(),
        "measured": trained.measured,
        "sha256": {str(path.relative_to(folder)): _digest(path) for path in _files(folder)},
    }
    (folder / _INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False), encoding="utf-8")


def load(folder: Path, settings: JointBertSettings) -> TrainedModel:
    """Reads what `save` wrote. What belongs to the weights comes from the artifact.

    Raises:
        IncompatibleArtifactError: It was written in another version; both are named.
        ArtifactError: A file is missing, cut short, altered, or foreign; it is named.
    """
    index = _read_index(folder)
    for name, digest in index["sha256"].items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(
                f"The trained model in {folder} lacks its file '{name}': train again."
            )
        if _digest(path) != digest:
            raise ArtifactError(
                f"The file '{name}' of the trained model in {folder} is damaged: train again."
            )
    try:
        labels = LabelSpace.from_json(index["labels"])
        saved = JointBertSettings.from_config(index["settings"])
        settings = dataclasses.replace(settings, **{key: getattr(saved, key) for key in _FIXED})
        model = build_model(load_encoder(folder / _ENCODER, settings.dropout), labels, settings)
        heads = load_file(folder / _HEADS)
        _make_room(model, heads, folder)
        words = folder / _WORDS
        speller = Speller(_read_json(words)) if words.is_file() else None
        if heads.keys() != _heads(model).keys():
            raise ArtifactError(
                f"The file '{_HEADS}' in {folder} has other heads than the labels: train again."
            )
        model.load_state_dict(heads, strict=False)
    except (
        KeyError,
        TypeError,
        ValueError,
        RuntimeError,
        SafetensorError,
        OSError,
    ) as error:
        raise ArtifactError(
            f"The trained model in {folder} cannot be read ({error}): train again."
        ) from error
    text_encoder = TextEncoder(load_tokenizer(folder / _ENCODER), saved.max_length)
    file = folder / _COMPILED
    compiled = file.read_bytes() if file.is_file() else None
    return TrainedModel(model, text_encoder, labels, speller, compiled, dict(index["measured"]))


def _make_room(model: JointBert, heads: Mapping[str, Tensor], folder: Path) -> None:
    """Gives the model the parts whose presence and size only the files know."""
    count = len(model.intent_prototypes)
    if "neighbours.vectors" in heads:
        # Copies: what safetensors returns may lie in the file itself, which can be replaced.
        vectors, classes = (heads[f"neighbours.{name}"].clone() for name in ("vectors", "classes"))
        model.neighbours = Neighbours(vectors, classes, count)
    if "ngrams.weights" in heads:
        model.ngrams = NgramClassifier(**_read_json(folder / _NGRAMS), classes=count)


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _heads(model: JointBert) -> dict[str, Tensor]:
    """Returns the heads' weights; tensors without elements (heads without classes) are none."""
    return {
        name: value.detach().cpu().contiguous()
        for name, value in model.state_dict().items()
        if not name.startswith("encoder.") and value.numel()
    }


def _read_index(folder: Path) -> Mapping[str, Any]:
    path = folder / _INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactError(
            f"There is no trained model in {folder}: its '{_INDEX}' is missing."
        ) from None
    except (ValueError, OSError) as error:
        raise ArtifactError(
            f"The file '{_INDEX}' of the trained model in {folder} cannot be read: {error}"
        ) from error
    if not isinstance(index, dict) or index.get("artifact") != "joint_bert":
        raise ArtifactError(f"What lies in {folder} is not a trained joint_bert model.")
    if index.get("version") != ARTIFACT_VERSION:
        raise IncompatibleArtifactError(
            f"The trained model in {folder} has artifact version {index.get('version')}, "
            f"this software reads version {ARTIFACT_VERSION}: train again."
        )
    return index


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _INDEX)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
