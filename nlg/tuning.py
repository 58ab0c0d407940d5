"""Fine-tunes a wording model on the assistant's own responses and stories.

`python -m nlg.tuning --model FOLDER --output FOLDER`: supervised fine-tuning, the loss on the
other words only. A tenth of the responses is kept apart; the loss on them is told before and
after, and the epoch with the least is what is written.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from nlg.local import LocalModel, ModelError
from nlg.pairs import Pair, make_pairs
from nlg.prompt import write

logger = logging.getLogger(__name__)

IGNORED = -100
"""The label of tokens that do not count in the loss (torch's)."""


@dataclass(frozen=True)
class Tuning:
    """How it is tuned."""

    epochs: int = 3
    batch_size: int = 8
    learning_rate: float = 5e-5
    longest: int = 192
    """Tokens; what is longer is cut."""

    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of it: mean loss a token on the responses kept apart, in nats."""

    before: float
    after: float
    best_epoch: int
    """From 1; 0 where no epoch was better than the model as it came."""


def tune(local: LocalModel, pairs: Sequence[Pair], tuning: Tuning) -> Outcome:
    """Tunes a model in place.

    Args:
        local: The model.
        pairs: What it learns from, and is measured on.
        tuning: How.

    Returns:
        The losses; the model is left as it was after its best epoch.

    Raises:
        ValueError: If there are too few responses to keep some apart.
    """
    torch.manual_seed(tuning.seed)
    draw = random.Random(tuning.seed)
    training, apart = split(pairs, draw)
    model = local.model
    optimizer = torch.optim.AdamW(model.parameters(), lr=tuning.learning_rate, weight_decay=0.01)
    steps = tuning.epochs * math.ceil(len(training) / tuning.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / max(1, steps))
    before = least = evaluate(local, apart, tuning)
    best, best_epoch = _copied(model), 0
    for epoch in range(1, tuning.epochs + 1):
        model.train()
        draw.shuffle(training)
        with tqdm(total=len(training), desc=f"epoch {epoch}", file=sys.stderr) as progress:
            for batch in _batches(training, tuning.batch_size):
                loss = model(**encode(local, batch, tuning.longest)).loss
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                progress.update(len(batch))
        loss = evaluate(local, apart, tuning)
        logger.info("Epoch %d: %.3f nats a token on what was kept apart.", epoch, loss)
        if loss < least:
            least, best, best_epoch = loss, _copied(model), epoch
    model.load_state_dict(best)
    model.eval()
    return Outcome(before, least, best_epoch)


def split(pairs: Sequence[Pair], draw: random.Random) -> tuple[list[Pair], list[Pair]]:
    """Keeps a tenth of the responses apart, whole: their words are in no training pair.

    Raises:
        ValueError: If there are fewer than two responses.
    """
    actions = sorted({pair.action for pair in pairs})
    if len(actions) < 2:
        raise ValueError("Fewer than two responses have variations: there is nothing to learn.")
    kept = set(draw.sample(actions, max(1, len(actions) // 10)))
    return (
        [pair for pair in pairs if pair.action not in kept],
        [pair for pair in pairs if pair.action in kept],
    )


@torch.inference_mode()
def evaluate(local: LocalModel, pairs: Sequence[Pair], tuning: Tuning) -> float:
    """The mean loss a token of the other words, in nats."""
    local.model.eval()
    total, tokens = 0.0, 0
    for batch in _batches(pairs, tuning.batch_size):
        inputs = encode(local, batch, tuning.longest)
        labels = inputs["labels"]
        # A causal model predicts each token from those before it, so not the first.
        number = int((labels if local.is_seq2seq else labels[:, 1:]).ne(IGNORED).sum())
        total += float(local.model(**inputs).loss) * number
        tokens += number
    return total / max(1, tokens)


def encode(local: LocalModel, pairs: Sequence[Pair], longest: int) -> dict[str, torch.Tensor]:
    """Puts pairs into numbers.

    Args:
        local: The model, whose tokenizer is used.
        pairs: A batch.
        longest: Most tokens of a sequence.

    Returns:
        `input_ids`, `attention_mask` and `labels`, each (pairs, tokens); only the other words
        have labels.
    """
    tokenizer: Any = local.tokenizer
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    inputs, labels = [], []
    for pair in pairs:
        prompt = tokenizer(write(pair.request), add_special_tokens=local.is_seq2seq)["input_ids"]
        target = tokenizer(f" {pair.target}", add_special_tokens=False)["input_ids"] + end
        if local.is_seq2seq:
            inputs.append(prompt[:longest])
            labels.append(target[:longest])
        else:
            # The prompt is cut, from its beginning, rather than what is to be learnt.
            prompt = prompt[-max(1, longest - len(target)) :]
            inputs.append((prompt + target)[:longest])
            labels.append(([IGNORED] * len(prompt) + target)[:longest])
    ids = _padded(inputs, local.padding)
    mask = _padded([[1] * len(row) for row in inputs], 0)
    return {"input_ids": ids, "attention_mask": mask, "labels": _padded(labels, IGNORED)}


def _padded(rows: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows])


def _batches(pairs: Sequence[Pair], size: int) -> Iterator[Sequence[Pair]]:
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]


def _copied(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def main() -> int:
    """Tune, tell the losses, write the model."""
    parser = argparse.ArgumentParser(prog="python -m nlg.tuning", description=__doc__)
    parser.add_argument("--model", required=True, help="a folder in Hugging Face form")
    parser.add_argument("--output", required=True, help="where the tuned model goes")
    parser.add_argument("--project", default=".", help="the folder with domain.yml and data/")
    parser.add_argument("--epochs", type=int, default=Tuning.epochs)
    parser.add_argument("--learning-rate", type=float, default=Tuning.learning_rate)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        local = LocalModel.load(options.model)
        pairs = make_pairs(Path(options.project))
        outcome = tune(local, pairs, Tuning(options.epochs, learning_rate=options.learning_rate))
    except (ModelError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    local.save(options.output)
    logger.info(
        "%d pairs. On responses kept apart: %.3f nats a token before, %.3f after epoch %d. "
        "Written to %s; serve it with python -m nlg.server --model %s",
        *(len(pairs), outcome.before, outcome.after, outcome.best_epoch),
        *(options.output, options.output),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
