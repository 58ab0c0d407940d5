"""Fine-tunes Whisper on recordings: the loss on what was said, given the sound.

A fifth of the recordings is held out; the word error rate on it is told before and after. The
number of epochs is fixed, not chosen by what is held out, so that the figure is a fair one.
"""

from __future__ import annotations

import logging
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from voice import vad
from voice.audio import RATE, Samples
from voice.engines.clips import as_floats
from voice.engines.whisper import WhisperRecognizer
from voice.tuning.recordings import Recording, folds
from voice.tuning.scoring import Score, score

logger = logging.getLogger(__name__)

IGNORED = -100
"""The label of tokens that do not count in the loss (torch's)."""

_PARTS = 5


@dataclass(frozen=True)
class Tuning:
    """How it is tuned."""

    epochs: int = 5
    batch_size: int = 8
    learning_rate: float = 1e-5
    """Whisper's authors advise a fortieth of what the model was trained with; this is that of
    its small one."""

    warm_up: float = 0.1
    """The share of the steps in which the rate rises."""
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    before: Score
    """On what was held out."""
    after: Score
    losses: tuple[float, ...]
    """The mean of each epoch, in nats a token."""


def tune_whisper(
    recognizer: WhisperRecognizer,
    recordings: Sequence[Recording],
    output: Path,
    tuning: Tuning | None = None,
) -> Outcome:
    """Tunes a model in place, and writes it into a folder if it is an improvement.

    Args:
        recognizer: With the model.
        recordings: What it learns from, and is measured on.
        output: Where the tuned model goes.
        tuning: How.
    """
    tuning = tuning or Tuning()
    torch.manual_seed(tuning.seed)
    draw = random.Random(tuning.seed)
    learnt, held_out = folds(recordings, _PARTS, tuning.seed)[0]
    before = score(recognizer, held_out)
    logger.info("As it is: %s.", before)
    model = recognizer.model
    examples = [(_spoken(one.samples), one.written) for one in learnt]
    optimizer = torch.optim.AdamW(model.parameters(), lr=tuning.learning_rate, weight_decay=0.01)
    steps = tuning.epochs * math.ceil(len(examples) / tuning.batch_size)
    rising = max(1, round(tuning.warm_up * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / rising, (steps - step) / max(1, steps - rising)),
    )
    losses = []
    for epoch in range(1, tuning.epochs + 1):
        model.train()
        draw.shuffle(examples)
        sums, tokens = 0.0, 0
        with tqdm(total=len(examples), desc=f"epoch {epoch}", file=sys.stderr) as progress:
            for begin in range(0, len(examples), tuning.batch_size):
                batch = encode(recognizer, examples[begin : begin + tuning.batch_size])
                loss = model(**batch).loss
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                number = int(batch["labels"].ne(IGNORED).sum())
                sums, tokens = sums + float(loss) * number, tokens + number
                progress.update(len(batch["labels"]))
        losses.append(sums / max(1, tokens))
        logger.info("Epoch %d: %.3f nats a token.", epoch, losses[-1])
    model.eval()
    after = score(recognizer, held_out)
    if after.is_better_than(before):
        recognizer.save(output)
    return Outcome(before, after, tuple(losses))


def encode(
    recognizer: WhisperRecognizer, examples: Sequence[tuple[Samples, str]]
) -> dict[str, torch.Tensor]:
    """Puts recordings and their texts into numbers.

    Returns:
        `input_features` (recording, band, frame); `decoder_input_ids` and `labels` (recording,
        token), the one a token ahead of the other. The marks before the text are given, not
        learnt.
    """
    extracted = recognizer.extractor(
        [as_floats(samples) for samples, _ in examples], sampling_rate=RATE, return_tensors="pt"
    )
    begin, end = recognizer.begin, recognizer.model.config.eos_token_id
    rows: list[list[int]] = []
    for _, text in examples:
        tokens = recognizer.tokenizer(f" {text}", add_special_tokens=False).input_ids
        rows.append([*begin, *tokens[: recognizer.most_tokens - len(begin)], end])
    width = max(map(len, rows)) - 1
    inputs = [[*row[:-1], *[end] * (width - len(row) + 1)] for row in rows]
    labels = [
        [
            *[IGNORED] * (len(begin) - 1),
            *row[len(begin) :],
            *[IGNORED] * (width - len(row) + 1),
        ]
        for row in rows
    ]
    found: dict[str, Any] = {
        "input_features": extracted.input_features,
        "decoder_input_ids": torch.tensor(inputs),
        "labels": torch.tensor(labels),
    }
    return found


def _spoken(samples: Samples) -> Samples:
    """What the recogniser would be given."""
    trimmed = vad.trim(samples)
    return trimmed if len(trimmed) else samples
