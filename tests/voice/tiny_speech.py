"""Tiny recognisers made in code, and trained in seconds to tell a few spoken words apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    GenerationConfig,
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizerFast,
)

from voice import vad
from voice.audio import RATE, Samples
from voice.engines.clips import as_floats

TEXTS = ("turn on the lamp", "what time is it", "please turn off the fan")
"""What the tiny models are taught; words that are in several of them have to be told apart."""

SECONDS = 4
_VERSIONS = 4
_TONE, _PAUSE = 1280, 640
"""Samples."""
_MARKS = (
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|startofprev|>"),
    *("<|nospeech|>", "<|notimestamps|>"),
)


def save_tiny_whisper(folder: Path, width: int = 64) -> Path:
    """Saves an untrained Whisper that knows a few bytes and hears four seconds at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator([f" {text}" for text in TEXTS] * 3, vocab_size=300)
    trained.save_model(str(folder))
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    vocabulary["<|endoftext|>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer: Any = WhisperTokenizerFast(
        str(folder / "vocab.json"), str(folder / "merges.txt"), unk_token="<|endoftext|>"
    )
    tokenizer.add_special_tokens({"additional_special_tokens": list(_MARKS[1:])})
    tokenizer.save_pretrained(folder)
    marks = dict(zip(_MARKS, tokenizer.convert_tokens_to_ids(list(_MARKS)), strict=True))
    WhisperFeatureExtractor(chunk_length=SECONDS).save_pretrained(folder)
    start, end = marks["<|startoftranscript|>"], marks["<|endoftext|>"]
    torch.manual_seed(0)
    model: Any = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=len(tokenizer),
            d_model=width,
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=2 * width,
            decoder_ffn_dim=2 * width,
            max_source_positions=SECONDS * 50,
            max_target_positions=64,
            decoder_start_token_id=start,
            **{name: end for name in ("bos_token_id", "eos_token_id", "pad_token_id")},
        )
    )
    model.generation_config = GenerationConfig(
        decoder_start_token_id=start,
        **{name: end for name in ("bos_token_id", "eos_token_id", "pad_token_id")},
        is_multilingual=True,
        lang_to_id={"<|en|>": marks["<|en|>"]},
        task_to_id={"transcribe": marks["<|transcribe|>"]},
        no_timestamps_token_id=marks["<|notimestamps|>"],
        prev_sot_token_id=marks["<|startofprev|>"],
        max_length=64,
    )
    model.save_pretrained(folder)
    return folder


def save_tiny_wav2vec2(folder: Path, width: int = 48) -> Path:
    """Saves an untrained wav2vec 2.0 that writes letters."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = ["<pad>", "<unk>", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    (folder / "letters.json").write_text(
        json.dumps({letter: number for number, letter in enumerate(letters)}), encoding="utf-8"
    )
    Wav2Vec2CTCTokenizer(
        str(folder / "letters.json"), bos_token=None, eos_token=None, do_lower_case=False
    ).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    torch.manual_seed(0)
    Wav2Vec2ForCTC(
        Wav2Vec2Config(
            vocab_size=len(letters),
            pad_token_id=0,
            hidden_size=width,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=2 * width,
            # As coarse in all as the real one: 320 samples a frame.
            conv_dim=(width,) * 5,
            conv_kernel=(20, 8, 4, 4, 2),
            conv_stride=(10, 4, 2, 2, 2),
            num_conv_pos_embeddings=16,
            num_conv_pos_embedding_groups=2,
            feat_extract_norm="layer",
            do_stable_layer_norm=True,
            mask_time_prob=0.0,
            ctc_loss_reduction="mean",
            **{name: 0.0 for name in ("hidden_dropout", "attention_dropout", "feat_proj_dropout")},
            layerdrop=0.0,
            final_dropout=0.0,
        )
    ).save_pretrained(folder)
    return folder


def versions(clips: Sequence[Samples], number: int, seed: int = 0) -> list[list[Samples]]:
    """Each clip as it is heard after trimming, a little earlier or later, in other noise."""
    chance = np.random.default_rng(seed)
    found = []
    for clip in clips:
        part = vad.spoken_part(clip)
        made = []
        for _ in range(number):
            begin = max(0, part.start + int(chance.integers(-1500, 1500)))
            cut = clip[begin : part.stop + int(chance.integers(-1500, 1500))]
            noisy = cut * chance.uniform(0.5, 1.0) + chance.normal(0, 80, len(cut))
            made.append(noisy.astype(np.int16))
        found.append(made)
    return found


def train_whisper(folder: Path, clips: Sequence[Samples], steps: int = 70) -> float:
    """Teaches a tiny Whisper what `TEXTS` sound like; its last loss."""
    model: Any = WhisperForConditionalGeneration.from_pretrained(folder)
    tokenizer: Any = WhisperTokenizerFast.from_pretrained(folder)
    extractor: Any = WhisperFeatureExtractor.from_pretrained(folder)
    tokenizer.set_prefix_tokens(language="en", task="transcribe", predict_timestamps=False)
    made = versions(clips, _VERSIONS)
    features = torch.cat(
        [
            extractor(as_floats(one), sampling_rate=RATE, return_tensors="pt").input_features
            for several in made
            for one in several
        ]
    )
    rows = [tokenizer(f" {text}").input_ids for text in TEXTS]
    width = max(map(len, rows))
    # The first mark is what the decoder begins with, not what it has to find.
    labels = torch.tensor([[*row[1:], *[-100] * (width - len(row))] for row in rows])
    labels = labels.repeat_interleave(_VERSIONS, 0)
    torch.manual_seed(0)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    loss = torch.zeros(())
    for _ in range(steps):
        loss = model(input_features=features, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.save_pretrained(folder)
    return float(loss)


def beeped(text: str, chance: np.random.Generator) -> Samples:
    """A text as tones, one for each letter and one between words: 80 ms each, 40 ms apart."""
    time = np.arange(_TONE) / RATE
    parts = [np.zeros(_PAUSE)]
    for letter in text:
        pitch = 300 + 130 * (26 if letter == " " else ord(letter) - ord("a"))
        parts += [8000 * np.sin(2 * np.pi * pitch * time) * np.hanning(_TONE), np.zeros(_PAUSE)]
    sound = np.concatenate(parts)
    made: Samples = (sound + chance.normal(0, 40, len(sound))).astype(np.int16)
    return made


def train_wav2vec2(folder: Path, steps: int = 100) -> float:
    """Teaches a tiny wav2vec 2.0 the tones of all letters; its last loss.

    Frame by frame, as it is known which letter each belongs to: from texts alone it would have to
    find that out first, which takes minutes.
    """
    model: Any = Wav2Vec2ForCTC.from_pretrained(folder)
    tokenizer: Any = Wav2Vec2CTCTokenizer.from_pretrained(folder)
    extractor: Any = Wav2Vec2FeatureExtractor.from_pretrained(folder)
    known = tokenizer.get_vocab()
    chance = np.random.default_rng(0)
    texts = ["".join(chance.choice(list("abcdefghijklmnopqrstuvwxyz "), 12)) for _ in range(24)]
    sounds = [as_floats(beeped(text, chance)) for text in texts]
    values = extractor(sounds, sampling_rate=RATE, return_tensors="pt").input_values
    frames = model(values[:1]).logits.shape[1]
    labels = torch.zeros(len(texts), frames, dtype=torch.long)
    for row, text in zip(labels, texts, strict=True):
        for place, letter in enumerate(text):
            begin = 2 + 6 * place
            row[begin : begin + 4] = known["|" if letter == " " else letter.upper()]
    torch.manual_seed(0)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    loss = torch.zeros(())
    for _ in range(steps):
        some = torch.randperm(len(texts))[:8]
        logits = model(values[some]).logits.transpose(1, 2)
        loss = torch.nn.functional.cross_entropy(logits, labels[some])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.save_pretrained(folder)
    return float(loss)
