"""Running a BERT's layers over packed texts, and the frozen ones of them only once.

Packed means that the pieces of all texts follow one another without padding: everything but
attention works piece by piece, so that padding would be nothing but wasted time. Attention
runs over a few texts of like length at once. The result is that of transformers' own code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel

_SPLITTABLE = {"bert", "roberta", "xlm-roberta", "camembert", "electra"}
_TEXTS_AT_ONCE = 16
"""Texts whose attention is computed together, padded to the longest of them."""


@dataclass(frozen=True)
class _Chunk:
    """Texts whose attention is computed together: B texts, at most L pieces long."""

    start: int
    stop: int
    texts: int
    longest: int
    spread: Tensor | None
    """(B·L,) for each padded place its piece; None where no text needs padding."""
    gather: Tensor | None
    """(pieces,) for each piece its padded place."""
    mask: Tensor | None
    """(B, 1, 1, L) added to the scores: minus infinity where padded."""


@dataclass(frozen=True)
class Packing:
    """How texts of given lengths lie one after the other."""

    positions: Tensor
    """(P,) each piece's place in its text."""
    chunks: list[_Chunk]

    @classmethod
    def of(cls, lengths: Sequence[int], device: torch.device) -> Packing:
        """Plans the packing of texts; similar lengths side by side make it quick."""
        positions = torch.cat([torch.arange(length) for length in lengths])
        chunks = []
        start = 0
        for first in range(0, len(lengths), _TEXTS_AT_ONCE):
            part = torch.tensor(lengths[first : first + _TEXTS_AT_ONCE])
            stop = start + int(part.sum())
            chunks.append(_chunk(start, stop, part, device))
            start = stop
        return cls(positions.to(device), chunks)


def _chunk(start: int, stop: int, lengths: Tensor, device: torch.device) -> _Chunk:
    longest = int(lengths.max())
    if stop - start == len(lengths) * longest:
        return _Chunk(start, stop, len(lengths), longest, None, None, None)
    offsets = lengths.cumsum(0) - lengths
    places = torch.arange(longest)
    real = places[None] < lengths[:, None]
    spread = torch.where(real, offsets[:, None] + places[None], 0).flatten()
    gather = real.flatten().nonzero().flatten()
    mask = torch.zeros(real.shape).masked_fill(~real, torch.finfo(torch.float32).min)
    return _Chunk(
        start,
        stop,
        len(lengths),
        longest,
        spread.to(device),
        gather.to(device),
        mask[:, None, None].to(device),
    )


def layer_stack(encoder: PreTrainedModel) -> nn.ModuleList | None:
    """Returns the encoder's layers, lowest first; None where they are not laid out as in BERT."""
    for path in (("encoder", "layer"), ("transformer", "layer")):
        module: object = encoder
        for name in path:
            module = getattr(module, name, None)
        if isinstance(module, nn.ModuleList):
            return module
    return None


def can_pack(encoder: PreTrainedModel) -> bool:
    """Whether the functions below know how to run this architecture."""
    config = encoder.config
    return (
        config.model_type in _SPLITTABLE
        and getattr(config, "position_embedding_type", "absolute") == "absolute"
        and not getattr(config, "is_decoder", False)
        and not hasattr(encoder, "embeddings_project")
    )


def first_position(encoder: PreTrainedModel) -> int:
    """Returns the number of a text's first place: RoBERTa's begin after the padding's."""
    return int(getattr(encoder.embeddings, "padding_idx", -1)) + 1


def embed(encoder: PreTrainedModel, piece_ids: Tensor, packing: Packing) -> Tensor:
    """Returns the embeddings of packed pieces, (P,) to (P, H)."""
    found: Tensor = encoder.embeddings(
        input_ids=piece_ids[None],
        position_ids=packing.positions[None] + first_position(encoder),
        token_type_ids=torch.zeros_like(piece_ids)[None],
    )
    return found[0]


def run_layers(layers: Sequence[nn.Module], hidden: Tensor, packing: Packing) -> Tensor:
    """Runs layers over packed pieces, (P, H) to (P, H)."""
    for layer in layers:
        attended = layer.attention.output(_attend(layer.attention.self, hidden, packing), hidden)
        hidden = layer.output(layer.intermediate(attended), attended)
    return hidden


def _attend(attention: nn.Module, hidden: Tensor, packing: Packing) -> Tensor:
    query, key, value = attention.query(hidden), attention.key(hidden), attention.value(hidden)
    found = []
    for chunk in packing.chunks:
        parts = (one[chunk.start : chunk.stop] for one in (query, key, value))
        if chunk.spread is not None:
            parts = (one.index_select(0, chunk.spread) for one in parts)
        shape = (chunk.texts, chunk.longest, attention.num_attention_heads, -1)
        q, k, v = (one.reshape(shape).transpose(1, 2) for one in parts)
        scores = q @ k.transpose(-1, -2) * attention.attention_head_size**-0.5
        if chunk.mask is not None:
            scores = scores + chunk.mask
        shares = functional.dropout(
            scores.softmax(-1), attention.dropout.p, training=attention.training
        )
        mixed = (shares.to(v.dtype) @ v).transpose(1, 2).flatten(0, 1).flatten(1)
        found.append(mixed if chunk.gather is None else mixed.index_select(0, chunk.gather))
    return torch.cat(found)


def freeze(encoder: PreTrainedModel, frozen_layers: int, embeddings: bool) -> None:
    """Takes embeddings and the lowest layers out of training; everything else is trained."""
    encoder.requires_grad_(True)
    if embeddings:
        encoder.get_input_embeddings().requires_grad_(False)
        if hasattr(encoder, "embeddings"):
            encoder.embeddings.requires_grad_(False)
    for layer in (layer_stack(encoder) or nn.ModuleList())[:frozen_layers]:
        layer.requires_grad_(False)


def has_quick_bf16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are quicker than in float32, by the hardware's word."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = file.read()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
