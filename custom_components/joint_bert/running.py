"""Running an encoder in parts while it is trained: the frozen layers once, the others anew."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from custom_components.joint_bert import layers
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.sampling import EncodedExample, chunks
from custom_components.joint_bert.tokenization import Batch, collate

_AT_ONCE = 64


class PartialRunner:
    """Runs examples through a model's encoder."""

    def __init__(
        self, model: JointBert, frozen_layers: int, keeps_lower: bool, uses_bf16: bool
    ) -> None:
        """Prepares to run.

        Args:
            model: Its lowest `frozen_layers` do not change.
            frozen_layers: Their number.
            keeps_lower: Whether what they say is kept with each example: only where the
                embeddings do not change either.
            uses_bf16: Whether matrix products are made in bfloat16.
        """
        self.model = model
        self.frozen_layers = frozen_layers
        self.keeps_lower = keeps_lower
        self.uses_bf16 = uses_bf16
        self.device = model.intent_prototypes.device

    def hidden(self, examples: Sequence[EncodedExample], batch: Batch) -> Tensor:
        """Returns what the last layer says of a batch, (P, H)."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.uses_bf16):
            if not self.keeps_lower:
                return self.model.encode(batch)
            packing = layers.Packing.of(batch.lengths, self.device)
            upper = self.model.stack()[self.frozen_layers :]
            return layers.run_layers(upper, self._lower(examples), packing)

    def _lower(self, examples: Sequence[EncodedExample]) -> Tensor:
        """Returns what the frozen layers say of a batch, (P, H), from memory where possible."""
        missing = [one for one in examples if one.lower is None]
        if missing:
            part = collate([one.text for one in missing], self.device)
            inner = layers.Packing.of(part.lengths, self.device)
            with torch.no_grad():
                hidden = layers.embed(self.model.encoder, part.piece_ids, inner)
                hidden = layers.run_layers(self.model.stack()[: self.frozen_layers], hidden, inner)
            for one, lower in zip(missing, hidden.split(part.lengths), strict=True):
                # A copy, so that the memory of the whole batch is not kept for it.
                one.lower = lower.clone()
        return torch.cat([one.lower for one in examples if one.lower is not None])

    @torch.no_grad()
    def pooled(self, encoded: Sequence[EncodedExample]) -> Tensor:
        """Returns the examples' unit vectors, (M, H)."""
        self.model.eval()
        found = torch.zeros(len(encoded), self.model.encoder.config.hidden_size, device=self.device)
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place].text.piece_ids))
        for chunk in chunks(order, _AT_ONCE):
            members = [encoded[place] for place in chunk]
            batch = collate([one.text for one in members], self.device)
            hidden = self.hidden(members, batch).float()
            found[chunk] = functional.normalize(self.model.pool(hidden, batch), dim=-1)
        return found
