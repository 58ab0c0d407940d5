"""The training loop. PyTorch only: it knows nothing of Rasa."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from custom_components.joint_bert import layers, memory, rules
from custom_components.joint_bert.augmentation import augment, intent_names, misspell
from custom_components.joint_bert.exchange import Values, exchange, known_values
from custom_components.joint_bert.labels import Example, LabelSpace
from custom_components.joint_bert.losses import contrastive_loss
from custom_components.joint_bert.model import JointBert, Outputs
from custom_components.joint_bert.running import PartialRunner
from custom_components.joint_bert.sampling import (
    IGNORED,
    EncodedExample,
    batches,
    chunks,
    hold_out,
    number,
    warn_of_misaligned,
)
from custom_components.joint_bert.settings import JointBertSettings
from custom_components.joint_bert.tagging import step_worths
from custom_components.joint_bert.tokenization import TextEncoder, collate

_JUDGES = 200
"""Examples on which ways to answer are compared."""


@dataclass
class EpochReport:
    """Mean losses of one epoch, and of what was held out, if anything was."""

    epoch: int
    losses: dict[str, float]
    held_out: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training leaves besides the model."""

    reports: list[EpochReport]
    examples: list[Example]
    """What was learnt from, without what was made up or held out."""
    held_out: list[Example]
    """What was held out (`validation_fraction`)."""
    vectors: Tensor | None
    """(M, H): these examples as the untouched encoder sees them, if that was asked."""


def train(
    model: JointBert,
    text_encoder: TextEncoder,
    examples: Sequence[Example],
    labels: LabelSpace,
    settings: JointBertSettings,
    device: torch.device,
    from_scratch: bool = True,
    on_epoch: Callable[[EpochReport], None] | None = None,
    more_values: Mapping[str, Iterable[str]] | None = None,
) -> TrainingOutcome:
    """Fine-tunes a model on labelled examples; the model is changed in place.

    Args:
        model: Heads of the sizes of `labels` on a pretrained encoder, on `device`.
        text_encoder: The encoder's tokenizer.
        examples: At least one; labels may be missing, each head learns from those that it has.
        labels: Numbers of the labels.
        settings: How to learn.
        device: Where to learn.
        from_scratch: Whether the heads are new: then intent prototypes start as class means.
        on_epoch: Called after each epoch.
        more_values: What entities may be called besides what the examples call them.

    Returns:
        A report for each epoch, and what the untouched encoder says of the data. With a held-out
        part, the model ends as it was in its best epoch.
    """
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(settings.seed)
        return _Trainer(model, text_encoder, labels, settings, device).run(
            examples, from_scratch, on_epoch, more_values or {}
        )


class _Trainer:
    def __init__(
        self,
        model: JointBert,
        text_encoder: TextEncoder,
        labels: LabelSpace,
        settings: JointBertSettings,
        device: torch.device,
    ) -> None:
        self.model = model
        self.text_encoder = text_encoder
        self.labels = labels
        self.settings = settings
        self.device = device
        self.random = random.Random(settings.seed)
        layer_count = len(layers.layer_stack(model.encoder) or [])
        wanted = settings.frozen_layers
        if wanted < 0:
            wanted = rules.derive_frozen_layers(layer_count, bool(labels.entities))
        self.frozen_layers = min(wanted, layer_count)
        # Frozen layers give the same answer each time: run them once and keep it.
        self.keeps_lower = (
            self.frozen_layers > 0 and settings.freeze_embeddings and layers.can_pack(model.encoder)
        )
        uses_bf16 = settings.mixed_precision and layers.has_quick_bf16(device)
        self.runner = PartialRunner(model, self.frozen_layers, self.keeps_lower, uses_bf16)

    def run(
        self,
        examples: Sequence[Example],
        from_scratch: bool,
        on_epoch: Callable[[EpochReport], None] | None,
        more_values: Mapping[str, Iterable[str]],
    ) -> TrainingOutcome:
        learnt, held_out = hold_out(examples, self.settings.validation_fraction, self.random)
        written = learnt
        values = known_values(learnt, more_values)
        if self.settings.learn_intent_names:
            learnt = [*learnt, *intent_names(self.labels)]
        encoded = self.encode(learnt)
        warn_of_misaligned(learnt, encoded)
        if self.labels.entities:
            seen = [one.tags for one in encoded if IGNORED not in one.tags]
            self.model.step_worths.copy_(step_worths(seen, self.labels.tag_count))
        untouched = memory.begin(self.runner, encoded, from_scratch)
        layers.freeze(self.model.encoder, self.frozen_layers, self.settings.freeze_embeddings)

        epochs = self.settings.epochs
        if epochs == 0:
            epochs = rules.derive_epochs(len(learnt), bool(self.labels.entities))
            epochs = max(1, round(epochs * self.settings.finetuning_epoch_fraction))
        steps = epochs * len(list(batches(encoded, self.settings.batch_size, random.Random(0))))
        optimizer = self.optimizer()
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: self.rate_at(step, steps)
        )

        reports: list[EpochReport] = []
        best: tuple[float, dict[str, Tensor]] | None = None
        progress = tqdm(range(0), total=steps, desc="Fine-tuning", unit="step", disable=None)
        with progress as bar:
            for epoch in range(1, epochs + 1):
                report = EpochReport(
                    epoch, self.epoch(learnt, values, encoded, optimizer, schedule, bar)
                )
                if held_out:
                    report.held_out = self.evaluate(self.encode(held_out))
                reports.append(report)
                if on_epoch is not None:
                    on_epoch(report)
                if held_out:
                    if best is None or report.held_out["loss"] < best[0]:
                        best = (report.held_out["loss"], _copy_of_state(self.model))
                    if self._is_stale(reports):
                        break
        if best is not None:
            self.model.load_state_dict(best[1])
        _round_to_half(self.model.encoder)
        memory.finish(self.runner, encoded, untouched, self.labels, self.settings, self.random)
        self.model.eval()
        vectors = None if untouched is None else untouched[: len(written)].cpu()
        return TrainingOutcome(reports, written, held_out, vectors)

    def encode(self, examples: Sequence[Example]) -> list[EncodedExample]:
        return number(examples, self.text_encoder, self.labels)

    def optimizer(self) -> torch.optim.Optimizer:
        """The optimiser, with a learning rate for each depth; only the encoder's matrices decay."""
        stack = list(layers.layer_stack(self.model.encoder) or [])
        depth_of = {
            id(p): len(stack) - i for i, layer in enumerate(stack) for p in layer.parameters()
        }
        groups: dict[tuple[float, bool], list[Tensor]] = {}
        for name, parameter in self.model.named_parameters():
            if not parameter.requires_grad or parameter.numel() == 0:
                continue
            if name.startswith("encoder."):
                depth = depth_of.get(id(parameter), len(stack) + 1)
                rate = self.settings.learning_rate * self.settings.layer_decay ** (depth - 1)
            else:
                rate = self.settings.head_learning_rate
            decays = name.startswith("encoder.") and parameter.ndim > 1
            groups.setdefault((rate, decays), []).append(parameter)
        described = [
            {
                "params": parameters,
                "lr": rate,
                "weight_decay": self.settings.weight_decay if decays else 0.0,
            }
            for (rate, decays), parameters in groups.items()
        ]
        if self.settings.optimizer == "sgd":
            return torch.optim.SGD(described, momentum=0.9)
        kind = torch.optim.AdamW if self.settings.optimizer == "adamw" else torch.optim.Adam
        return kind(described, fused=True)

    def rate_at(self, step: int, steps: int) -> float:
        """Factor of the learning rates: up in a straight line, then as the schedule says."""
        warmup = max(1, round(steps * self.settings.warmup_ratio))
        if step < warmup:
            return (step + 1) / warmup
        done = min(1.0, (step - warmup) / max(1, steps - warmup))
        if self.settings.schedule == "cosine":
            return 0.5 * (1.0 + math.cos(math.pi * done))
        return 1.0 - done if self.settings.schedule == "linear" else 1.0

    def epoch(
        self,
        examples: Sequence[Example],
        values: Values,
        encoded: Sequence[EncodedExample],
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        bar: tqdm[int],
    ) -> dict[str, float]:
        """Learns from each example once; returns the mean losses."""
        self.train_mode()
        current = self.augmented(examples, values, encoded)
        totals: dict[str, float] = {}
        count = 0
        for batch in batches(current, self.settings.batch_size, self.random):
            batch.sort(key=lambda one: len(one.text.piece_ids))
            losses = self.losses(batch, self.forward(batch))
            loss = sum(losses.values(), torch.zeros((), device=self.device))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(
                [p for p in self.model.parameters() if p.requires_grad],
                self.settings.max_gradient_norm,
            )
            optimizer.step()
            schedule.step()
            count += 1
            for name, value in {**losses, "loss": loss}.items():
                totals[name] = totals.get(name, 0.0) + float(value.detach())
            bar.update()
            bar.set_postfix(loss=f"{totals['loss'] / count:.3f}", refresh=False)
        return {name: total / count for name, total in totals.items()}

    def augmented(
        self, examples: Sequence[Example], values: Values, encoded: Sequence[EncodedExample]
    ) -> list[EncodedExample]:
        """Returns the epoch's examples, a share of them changed anew."""
        current = list(encoded)
        settings = self.settings
        changed: dict[int, Example] = {}
        for place, example in enumerate(examples):
            one = exchange(example, values, settings.value_exchange, self.random)
            if self.random.random() < settings.augmentation:
                one = augment(one, self.random)
            if one is not example:
                changed[place] = one
        for place, encoding in zip(changed, self.encode(list(changed.values())), strict=True):
            current[place] = encoding
        return current

    def train_mode(self) -> None:
        self.model.train()
        for layer in (layers.layer_stack(self.model.encoder) or torch.nn.ModuleList())[
            : self.frozen_layers
        ]:
            layer.eval()
        if self.keeps_lower:
            self.model.encoder.embeddings.eval()

    def forward(self, examples: Sequence[EncodedExample]) -> Outputs:
        batch = collate([one.text for one in examples], self.device)
        return self.model.read(self.runner.hidden(examples, batch), batch)

    def losses(self, examples: Sequence[EncodedExample], outputs: Outputs) -> dict[str, Tensor]:
        """Weighted losses by head: mean negative log-likelihoods, and the contrastive one."""
        weights = self.settings
        intents = torch.tensor([one.intent for one in examples], device=self.device)
        sentiments = torch.tensor([one.sentiment for one in examples], device=self.device)
        tags = torch.tensor([tag for one in examples for tag in one.tags], device=self.device)
        found: dict[str, Tensor] = {}
        if self.labels.intents and bool((intents != IGNORED).any()):
            found["intent"] = weights.intent_loss_weight * functional.cross_entropy(
                outputs.intent_logits, intents
            )
            if weights.contrastive_loss_weight:
                found["contrast"] = weights.contrastive_loss_weight * contrastive_loss(
                    outputs.pooled, intents, weights.contrastive_temperature
                )
        if self.labels.sentiments and bool((sentiments != IGNORED).any()):
            found["sentiment"] = weights.sentiment_loss_weight * functional.cross_entropy(
                outputs.sentiment_logits, sentiments
            )
        if self.labels.entities and bool((tags != IGNORED).any()):
            found["entities"] = weights.entity_loss_weight * functional.cross_entropy(
                outputs.tag_logits, tags
            )
        return found

    @torch.no_grad()
    def evaluate(self, encoded: Sequence[EncodedExample]) -> dict[str, float]:
        """Returns loss and shares of right answers on examples that were held out."""
        self.model.eval()
        total = 0.0
        right = {"intent": 0, "sentiment": 0, "tag": 0}
        asked = dict.fromkeys(right, 0)
        for chunk in chunks(encoded, self.settings.batch_size):
            outputs: Outputs = self.model(collate([one.text for one in chunk], self.device))
            losses = self.losses(chunk, outputs)
            losses.pop("contrast", None)
            total += float(sum(losses.values(), torch.zeros(()))) * len(chunk)
            for name, logits, targets in (
                ("intent", outputs.intent_logits, [one.intent for one in chunk]),
                (
                    "sentiment",
                    outputs.sentiment_logits,
                    [one.sentiment for one in chunk],
                ),
                ("tag", outputs.tag_logits, [tag for one in chunk for tag in one.tags]),
            ):
                if logits.shape[-1] and targets:
                    wanted = torch.tensor(targets, device=self.device)
                    right[name] += int(((logits.argmax(-1) == wanted) & (wanted != IGNORED)).sum())
                    asked[name] += int((wanted != IGNORED).sum())
        return {
            "loss": total / len(encoded),
            **{f"{name}_accuracy": right[name] / asked[name] for name in right if asked[name]},
        }

    def _is_stale(self, reports: Sequence[EpochReport]) -> bool:
        patience = self.settings.patience
        if patience == 0 or len(reports) <= patience:
            return False
        losses = [report.held_out["loss"] for report in reports]
        return min(losses[-patience:]) >= min(losses[:-patience])


def judges(
    text_encoder: TextEncoder, labels: LabelSpace, examples: Sequence[Example], seed: int
) -> list[EncodedExample]:
    """Returns examples, misspelt: known, but not seen by the model in this form."""
    source = random.Random(seed)
    chosen = source.sample(list(examples), min(len(examples), _JUDGES))
    return number([misspell(one, source) for one in chosen], text_encoder, labels)


@torch.no_grad()
def _round_to_half(encoder: torch.nn.Module) -> None:
    """Rounds weights to what 16 bits hold, which is how they are kept.

    Half precision holds more digits than the bfloat16 of the training's products; and Rasa packs
    a model of half the size two seconds sooner, most of an epoch on a few hundred examples.
    Rounded before anything is read off the encoder, the model answers the same before and after
    it was stored.
    """
    for weights in encoder.parameters():
        weights.copy_(weights.half())


def _copy_of_state(model: JointBert) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
