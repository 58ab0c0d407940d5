"""Losses that torch does not have."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from custom_components.joint_bert.sampling import IGNORED


def contrastive_loss(pooled: Tensor, classes: Tensor, temperature: float) -> Tensor:
    """Supervised contrastive loss of unit vectors (N, H) (Khosla et al. 2020, L_out).

    Texts without a partner of their class in the batch, or without a class, take no part.
    """
    labelled = classes != IGNORED
    pooled, classes = pooled[labelled], classes[labelled]
    itself = torch.eye(len(pooled), dtype=torch.bool, device=pooled.device)
    partners = (classes[:, None] == classes[None, :]) & ~itself
    counts = partners.sum(1)
    if not bool((counts > 0).any()):
        return pooled.sum() * 0.0
    similarity = (pooled @ pooled.T / temperature).masked_fill(
        itself, torch.finfo(pooled.dtype).min
    )
    log_shares = functional.log_softmax(similarity, dim=1)
    of_partners = (log_shares * partners).sum(1)[counts > 0] / counts[counts > 0]
    return -of_partners.mean()
