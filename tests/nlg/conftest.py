"""Tiny language models made in code: real architectures with files of the real form."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
)

from nlg.local import LocalModel
from nlg.pairs import Pair
from nlg.prompt import write


def tiny_model(pairs: list[Pair], seq2seq: bool) -> LocalModel:
    """A model of two layers whose tokens are the bytes of the pairs."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<s>", "</s>", *alphabet])}
    backend = Tokenizer(models.BPE(vocabulary, []))
    words = {word for p in pairs for word in re.findall(r" ?\S+", f"{write(p.request)} {p.target}")}
    backend.add_tokens(sorted(word for word in words if word.strip()))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<s>", eos_token="</s>"
    )
    torch.manual_seed(0)
    size = len(tokenizer)
    special = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    model: BartForConditionalGeneration | GPT2LMHeadModel
    if seq2seq:
        model = BartForConditionalGeneration(
            BartConfig(
                vocab_size=size, d_model=64, encoder_layers=2, decoder_layers=2,
                encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=128,
                decoder_ffn_dim=128, max_position_embeddings=256, decoder_start_token_id=1,
                forced_eos_token_id=None, **special,
            )
        )  # fmt: skip
    else:
        model = GPT2LMHeadModel(
            GPT2Config(vocab_size=size, n_embd=64, n_layer=2, n_head=2, n_positions=256, **special)
        )
    return LocalModel(model, tokenizer)


@pytest.fixture(params=[False, True], ids=["causal", "seq2seq"])
def made(request: pytest.FixtureRequest) -> Callable[[list[Pair]], LocalModel]:
    """Makes a tiny model of either kind."""
    return lambda pairs: tiny_model(pairs, request.param)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project: responses, stories and sentences."""
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "domain.yml").write_text(
        """
responses:
  utter_greet:
    - text: "Hello!"
    - text: "Hi there!"
    - text: "Oh dear."
      condition: [{type: slot, name: sentiment, value: negative}]
  utter_added:
    - text: "Done: {items} on your {list_name} list."
    - text: "Your {list_name} list now has {items}."
  utter_alone:
    - text: "Only this."
""",
        encoding="utf-8",
    )
    (tmp_path / "data" / "nlu" / "all.yml").write_text(
        """
version: "3.1"
nlu:
- intent: greet
  metadata: {sentiment: positive}
  examples: |
    - good morning
- intent: add
  examples: |
    - put [milk](items) on the [shopping](list_name) list
""",
        encoding="utf-8",
    )
    (tmp_path / "data" / "rules.yml").write_text(
        """
version: "3.1"
rules:
- rule: greet
  steps: [{intent: greet}, {action: utter_greet}]
""",
        encoding="utf-8",
    )
    return tmp_path
