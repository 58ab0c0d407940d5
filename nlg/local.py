"""Other words from a language model on this machine, any in Hugging Face form."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from nlg.prompt import Request, write

MOST_NEW_TOKENS = 96


class ModelError(Exception):
    """A language model that cannot be used; the message names the folder and the mend."""


class LocalModel:
    """A causal or seq2seq model, with its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        """Takes both; `load` reads them from a folder."""
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.is_seq2seq = bool(model.config.is_encoder_decoder)
        # One sentence at a time: two would share the cores, and each come later.
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: str | Path) -> LocalModel:
        """Loads a model from a folder; nothing is downloaded, no code of the folder's is run.

        Raises:
            ModelError: If it is not there or not in Hugging Face form.
        """
        try:
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            family = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
            model = family.from_pretrained(folder, local_files_only=True, use_safetensors=True)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"'{folder}' holds no language model that can be loaded: give a folder with "
                f"config.json, model.safetensors and a tokenizer ({error})."
            ) from error
        return cls(model, tokenizer)

    def save(self, folder: str | Path) -> None:
        """Writes model and tokenizer, for `load`."""
        self.model.save_pretrained(folder, safe_serialization=True)
        self.tokenizer.save_pretrained(folder)

    def rephrase(self, request: Request) -> str:
        """Other words, the likeliest; the first line of them."""
        with self._lock, torch.inference_mode():
            inputs: Any = self.tokenizer(write(request), return_tensors="pt", truncation=True)
            length = inputs["input_ids"].shape[1]
            output = self.model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=MOST_NEW_TOKENS,
                do_sample=False,
                pad_token_id=self.padding,
            )
        new = output[0] if self.is_seq2seq else output[0, length:]
        text = str(self.tokenizer.decode(new, skip_special_tokens=True)).strip()
        return text.splitlines()[0].strip() if text else ""

    @property
    def padding(self) -> int:
        """The token that fills batches up."""
        token = self.tokenizer.pad_token_id
        return int(token if token is not None else self.tokenizer.eos_token_id)
