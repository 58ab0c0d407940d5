"""Running a part of an encoder's layers, so that the frozen ones need to run only once."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel


def layer_stack(encoder: PreTrainedModel) -> nn.ModuleList | None:
    """Returns the encoder's layers, lowest first; None where they are not laid out as in BERT."""
    for path in (("encoder", "layer"), ("transformer", "layer")):
        module: object = encoder
        for name in path:
            module = getattr(module, name, None)
        if isinstance(module, nn.ModuleList):
            return module
    return None


def can_split(encoder: PreTrainedModel) -> bool:
    """Whether `run_lower` and `run_upper` know how to run this architecture."""
    return encoder.config.model_type in {
        "bert",
        "roberta",
        "xlm-roberta",
        "camembert",
        "electra",
    } and not hasattr(encoder, "embeddings_project")


@torch.no_grad()
def run_lower(encoder: PreTrainedModel, count: int, piece_ids: Tensor, mask: Tensor) -> Tensor:
    """Runs embeddings and the lowest `count` layers: (N, T) pieces to (N, T, H), no gradients."""
    hidden = encoder.embeddings(input_ids=piece_ids)
    return _run(encoder, 0, count, hidden, mask)


def run_upper(encoder: PreTrainedModel, count: int, hidden: Tensor, mask: Tensor) -> Tensor:
    """Runs the layers above the lowest `count` over what `run_lower` returned."""
    return _run(encoder, count, encoder.config.num_hidden_layers, hidden, mask)


def _run(encoder: PreTrainedModel, first: int, last: int, hidden: Tensor, mask: Tensor) -> Tensor:
    attention = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * torch.finfo(hidden.dtype).min
    layers = layer_stack(encoder)
    assert layers is not None
    for layer in layers[first:last]:
        output = layer(hidden, attention_mask=attention)
        hidden = output[0] if isinstance(output, tuple) else output
    return hidden


def freeze(encoder: PreTrainedModel, frozen_layers: int, embeddings: bool) -> None:
    """Takes embeddings and the lowest layers out of training; everything else is trained."""
    encoder.requires_grad_(True)
    if embeddings:
        encoder.get_input_embeddings().requires_grad_(False)
        if hasattr(encoder, "embeddings"):
            encoder.embeddings.requires_grad_(False)
    for layer in (layer_stack(encoder) or nn.ModuleList())[:frozen_layers]:
        layer.requires_grad_(False)
