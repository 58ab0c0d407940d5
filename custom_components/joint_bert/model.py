"""One encoder, three heads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel

from custom_components.joint_bert import layers
from custom_components.joint_bert.neighbours import Neighbours
from custom_components.joint_bert.ngrams import NgramClassifier
from custom_components.joint_bert.scope import Scope
from custom_components.joint_bert.tokenization import Batch


@dataclass(frozen=True)
class Outputs:
    """What the model says of a batch. N texts, U units in all of them, H the encoder's width."""

    pooled: Tensor
    """(N, H): one vector a text, of length one."""
    intent_logits: Tensor
    """(N, intents)."""
    sentiment_logits: Tensor
    """(N, sentiment classes)."""
    tag_logits: Tensor
    """(U, tags)."""


class JointBert(nn.Module):
    """A BERT-like encoder with heads for intent, sentiment and entity tags.

    The intent head compares directions: its rows are the classes' prototypes, its logits the
    cosines times `intent_scale` (as in few-shot classification, Gidaris and Komodakis 2018).
    Rows that start as class means make a classifier before the first step of training.
    Sentiment and tags have linear heads (as in JointBERT, Chen et al. 2019, arXiv 1902.10909).
    A head with no classes has no rows and gives empty logits.

    After training, there may be further opinions on the intent: the examples that are remembered
    (`neighbours`), which `answer` asks, and what is written (`ngrams`), which `Verdict` does.
    """

    temperature: Tensor
    step_worths: Tensor

    def __init__(
        self,
        encoder: PreTrainedModel,
        intents: int,
        sentiments: int,
        tags: int,
        pooling: str = "mean",
        intent_scale: float = 20.0,
        dropout: float = 0.1,
        neighbour_weight: float = 0.0,
        ngram_weight: float = 0.0,
    ) -> None:
        """Builds the heads with random weights on a given encoder."""
        super().__init__()
        width = int(encoder.config.hidden_size)
        self.encoder = encoder
        self.pooling = pooling
        self.intent_scale = intent_scale
        self.dropout = nn.Dropout(dropout)
        self.neighbours: Neighbours | None = None
        self.neighbour_weight = neighbour_weight
        self.ngrams: NgramClassifier | None = None
        self.ngram_weight = ngram_weight
        self.register_buffer("temperature", torch.ones(()))
        self.scope = Scope(intents)
        self.intent_prototypes = nn.Parameter(torch.randn(intents, width) / width**0.5)
        self.sentiment_head = _linear(width, sentiments)
        self.tag_head = _linear(width, tags)
        self.sentiments = sentiments
        self.tags = tags
        self.register_buffer("step_worths", torch.zeros(tags, tags))

    def forward(self, batch: Batch) -> Outputs:
        """Runs encoder and heads over a batch."""
        return self.read(self.encode(batch), batch)

    def answer(self, batch: Batch) -> Outputs:
        """Runs encoder and heads over a batch, and adds what the neighbours say of the intent."""
        outputs = self.forward(batch)
        if self.neighbours is None:
            return outputs
        said = self.neighbour_weight * self.neighbours(outputs.pooled)
        return replace(outputs, intent_logits=outputs.intent_logits + said)

    def encode(self, batch: Batch) -> Tensor:
        """Runs the encoder: what its last layer says of each piece, (P, H)."""
        if layers.can_pack(self.encoder):
            packing = layers.Packing.of(batch.lengths, batch.piece_ids.device)
            hidden = layers.embed(self.encoder, batch.piece_ids, packing)
            return layers.run_layers(self.stack(), hidden, packing)
        pieces = batch.piece_ids.split(batch.lengths)
        padded = nn.utils.rnn.pad_sequence(list(pieces), batch_first=True)
        lengths = torch.tensor(batch.lengths, device=padded.device)
        real = torch.arange(padded.shape[1], device=padded.device)[None] < lengths[:, None]
        outputs = self.encoder(input_ids=padded, attention_mask=real.long())
        last: Tensor = outputs.last_hidden_state
        return last[real]

    def stack(self) -> list[nn.Module]:
        """Returns the encoder's layers, lowest first."""
        return list(layers.layer_stack(self.encoder) or [])

    def read(self, hidden: Tensor, batch: Batch) -> Outputs:
        """Runs the heads over the encoder's last layer, (P, H)."""
        hidden = hidden.float()
        pooled = self.pool(hidden, batch)
        units = mean_of(hidden[batch.unit_places], batch.unit_numbers, sum(batch.unit_counts))
        return Outputs(
            pooled=functional.normalize(pooled, dim=-1),
            intent_logits=self.intent_logits(self.dropout(pooled)),
            sentiment_logits=self.sentiment_head(self.dropout(pooled)),
            tag_logits=self.tag_head(self.dropout(units)),
        )

    def pool(self, hidden: Tensor, batch: Batch) -> Tensor:
        """Makes one vector of each text's pieces, (P, H) to (N, H)."""
        if self.pooling == "cls":
            return hidden[batch.first_pieces]
        return mean_of(hidden, batch.text_of_piece, len(batch.lengths))

    def intent_logits(self, pooled: Tensor) -> Tensor:
        """Scaled cosines of pooled vectors (N, H) to the prototypes, (N, intents)."""
        directions = functional.normalize(self.intent_prototypes, dim=-1)
        return self.intent_scale * functional.normalize(pooled, dim=-1) @ directions.T


class _NoHead(nn.Module):
    """The head for no classes: torch warns of linear layers without outputs."""

    def forward(self, vectors: Tensor) -> Tensor:
        return vectors[..., :0]


def _linear(width: int, classes: int) -> nn.Module:
    return nn.Linear(width, classes) if classes else _NoHead()


def mean_of(vectors: Tensor, groups: Tensor, count: int) -> Tensor:
    """Averages vectors (M, H) by the group (M,) that each belongs to: (count, H)."""
    sums = vectors.new_zeros(count, vectors.shape[-1]).index_add(0, groups, vectors)
    sizes = vectors.new_zeros(count).index_add(0, groups, vectors.new_ones(len(groups)))
    return sums / sizes.clamp(min=1.0).unsqueeze(-1)
