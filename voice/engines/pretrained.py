"""Loading of models in Hugging Face's form: from a folder or its cache, never from the network."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from safetensors import SafetensorError  # type: ignore[attr-defined]
from transformers import AutoConfig, PretrainedConfig
from transformers.utils import logging

from voice.asr import RecognizerError

_UNUSED = frozenset({"masked_spec_embed"})
"""Weights that only training needs, and that some published models lack."""


def load_config(engine: str, model: Path | None, kinds: Collection[str]) -> PretrainedConfig:
    """Reads what kind of model it is.

    Args:
        engine: As it is named to people.
        model: A folder, or the name of a model in the cache.
        kinds: Which `model_type` the engine can use.

    Raises:
        RecognizerError: There is none, or it is of another kind.
    """
    if model is None:
        raise RecognizerError(f"{engine} has no model of its own: name a folder with one.")
    if model.is_dir() and not (model / "config.json").is_file():
        raise RecognizerError(f"{model} holds no model for {engine}: it has no config.json.")
    if not model.is_dir() and (model.is_absolute() or len(model.parts) > 2 or model.exists()):
        raise RecognizerError(f"There is no folder {model} with a model for {engine}.")
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(str(model), local_files_only=True)
    except OSError as error:
        raise RecognizerError(
            f"{engine}: {model} is neither a folder nor in Hugging Face's cache."
            if not model.is_dir()
            else f"{model}/config.json is damaged: {first_line(error)}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise RecognizerError(
            f"{model}/config.json names no model that is known: {first_line(error)}"
        ) from error
    if config.model_type not in kinds:
        raise RecognizerError(
            f"{model} holds a model of the kind '{config.model_type}'; {engine} needs one of: "
            f"{', '.join(sorted(kinds))}."
        )
    return config


def load_weights(family: Any, engine: str, model: Path, **settings: Any) -> Any:
    """Loads a model's weights, all of them.

    Args:
        family: The class of the model.
        engine: As it is named to people.
        model: A folder, or the name of a model in the cache.
        settings: For the class's `from_pretrained`.

    Raises:
        RecognizerError: They are missing, damaged or not complete.
    """
    verbosity = logging.get_verbosity()
    # What it would warn of is an error below.
    logging.set_verbosity_error()
    try:
        # Plain tensors only: other forms of weights can hold code.
        loaded, report = family.from_pretrained(
            str(model),
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            **settings,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise RecognizerError(
            f"{model} has no weights for {engine} that can be read (model.safetensors): "
            f"{first_line(error)}"
        ) from error
    finally:
        logging.set_verbosity(verbosity)
    missing = sorted(
        name for name in report["missing_keys"] if name.rpartition(".")[2] not in _UNUSED
    )
    if missing or report["mismatched_keys"]:
        lacking = (missing or [name for name, *_ in report["mismatched_keys"]])[0]
        raise RecognizerError(
            f"{model} lacks weights of {engine}, {lacking} among them: not trained for "
            "recognising speech, or damaged."
        )
    return loaded.eval()


def load_part(family: Any, engine: str, model: Path, **settings: Any) -> Any:
    """Loads what belongs to a model besides its weights: a tokenizer, a feature extractor.

    Raises:
        RecognizerError: It is missing or damaged.
    """
    try:
        return family.from_pretrained(str(model), local_files_only=True, **settings)
    # The tokenizers' own errors are of no kind but `Exception`.
    except Exception as error:
        raise RecognizerError(
            f"{model} has no {family.__name__} for {engine} that can be read: {first_line(error)}"
        ) from error


def first_line(error: Exception) -> str:
    """What an error says, or its beginning."""
    lines = str(error).strip().splitlines()
    return f"{lines[0] if lines else type(error).__name__}"[:200]
