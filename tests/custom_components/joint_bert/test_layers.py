"""Packed layers against transformers' own code."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    PreTrainedModel,
    RobertaConfig,
    RobertaModel,
)

from custom_components.joint_bert import layers
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.tokenization import EncodedText, collate

SIZES = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
}
LENGTHS = [3, 3, 4, 7, 9, 9, 12, 15, 16, 30, 5]


def build(kind: str) -> PreTrainedModel:
    torch.manual_seed(0)
    models: dict[str, PreTrainedModel] = {
        "bert": BertModel(BertConfig(**SIZES), add_pooling_layer=False),
        "roberta": RobertaModel(RobertaConfig(**SIZES), add_pooling_layer=False),
        "electra": ElectraModel(ElectraConfig(**SIZES, embedding_size=32)),
        "electra projected": ElectraModel(ElectraConfig(**SIZES, embedding_size=16)),
        "distilbert": DistilBertModel(
            DistilBertConfig(vocab_size=50, dim=32, n_layers=3, n_heads=4, hidden_dim=48)
        ),
    }
    model = models[kind]
    model.eval()
    return model


def texts() -> list[EncodedText]:
    generator = torch.manual_seed(1)
    return [
        EncodedText(
            torch.randint(4, 50, (length,), generator=generator).tolist(),
            list(range(length)),
            [(place, place + 1) for place in range(length)],
            True,
            f"text {length}",
        )
        for length in LENGTHS
    ]


def by_transformers(encoder: PreTrainedModel, encoded: list[EncodedText]) -> Tensor:
    """Runs each text alone, without any padding."""
    return torch.cat(
        [encoder(input_ids=torch.tensor([one.piece_ids])).last_hidden_state[0] for one in encoded]
    )


@pytest.mark.parametrize(
    ("kind", "packs"),
    [
        ("bert", True),
        ("roberta", True),
        ("electra", True),
        ("electra projected", False),
        ("distilbert", False),
    ],
)
@torch.no_grad()
def test_an_encoders_answer_is_that_of_transformers(kind: str, packs: bool) -> None:
    encoder = build(kind)
    encoded = texts()
    model = JointBert(encoder, intents=2, sentiments=0, tags=0).eval()

    assert layers.can_pack(encoder) is packs
    assert torch.allclose(
        model.encode(collate(encoded)), by_transformers(encoder, encoded), atol=1e-5
    )


@torch.no_grad()
def test_lower_and_upper_layers_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = build("bert")
    encoded = texts()
    batch = collate(encoded)
    packing = layers.Packing.of(batch.lengths, torch.device("cpu"))
    stack = list(layers.layer_stack(encoder) or [])

    lower = layers.run_layers(stack[:2], layers.embed(encoder, batch.piece_ids, packing), packing)
    whole = layers.run_layers(stack[2:], lower, packing)

    assert torch.allclose(whole, by_transformers(encoder, encoded), atol=1e-5)


def test_gradients_are_those_of_transformers() -> None:
    packed, plain = build("bert"), build("bert")
    encoded = texts()
    weights = torch.randn(sum(LENGTHS), 32)

    (JointBert(packed, 2, 0, 0).eval().encode(collate(encoded)) * weights).sum().backward()
    (by_transformers(plain, encoded) * weights).sum().backward()

    expected = {name: one.grad for name, one in plain.named_parameters() if one.grad is not None}
    assert expected
    for name, parameter in packed.named_parameters():
        if name in expected:
            assert parameter.grad is not None
            assert torch.allclose(parameter.grad, expected[name], rtol=1e-3, atol=1e-3), name
