"""A trained model compiled for ONNX Runtime: the quicker way to one answer on a CPU."""

from __future__ import annotations

import importlib.util
import logging
import math
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from custom_components.joint_bert import layers
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.neighbours import FARTHEST
from custom_components.joint_bert.sampling import IGNORED, EncodedExample
from custom_components.joint_bert.tokenization import NO_UNIT, EncodedText
from custom_components.joint_bert.verdict import Verdict

logger = logging.getLogger(__name__)

Array = NDArray[Any]

OPSET = 17
LARGEST_LOSS = 0.003
"""Share of texts that may be read wrongly in 8 bits and are read rightly in 32, beyond chance."""


def is_available() -> bool:
    """Whether ONNX Runtime is installed; without it everything runs in torch."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


def can_compile(model: JointBert) -> bool:
    """Whether the model's encoder is one whose layers are known."""
    return layers.can_pack(model.encoder)


class _OneText(nn.Module):
    """All that is computed of one text: the sums of its pieces' embeddings (T, H) in.

    Out come, as far as there are such heads, the intents' scores by head and neighbours (C,),
    the sentiments' logits (S,), and each piece's logits of the tags (T, K): their mean over a
    unit's pieces is what the head makes of the mean of the pieces.
    """

    def __init__(self, model: JointBert) -> None:
        super().__init__()
        self.model = model
        self.layers = nn.ModuleList(model.stack())
        self.norm = model.encoder.embeddings.LayerNorm
        sizes = {
            "intents": len(model.intent_prototypes),
            "sentiments": model.sentiments,
            "tags": model.tags,
        }
        self.outputs = [name for name, size in sizes.items() if size]
        neighbours = model.neighbours
        if neighbours is not None:
            self.classes = functional.one_hot(neighbours.classes, neighbours.count).float()

    def forward(self, summed: Tensor) -> tuple[Tensor, ...]:
        model = self.model
        hidden = _run(self.layers, self.norm(summed))
        pooled = hidden[:1] if model.pooling == "cls" else hidden.mean(0, keepdim=True)
        scores = model.intent_logits(pooled)
        if model.neighbours is not None:
            nearness = model.neighbours.nearness(functional.normalize(pooled, dim=-1))
            sums = (nearness @ self.classes).clamp(min=FARTHEST)
            scores = scores + model.neighbour_weight * sums.log()
        found = {
            "intents": scores[0],
            "sentiments": model.sentiment_head(pooled)[0],
            "tags": model.tag_head(hidden),
        }
        return tuple(found[name] for name in self.outputs)


def _run(stack: nn.ModuleList, hidden: Tensor) -> Tensor:
    # Not `layers.run_layers`: its plan holds the texts' lengths as numbers, and the exporter
    # would write those of the example into the model.
    for layer in stack:
        attention = layer.attention.self
        heads, size = attention.num_attention_heads, attention.attention_head_size
        query, key, value = (
            product(hidden).reshape(-1, heads, size).transpose(0, 1)
            for product in (attention.query, attention.key, attention.value)
        )
        shares = (query @ key.transpose(-1, -2) * size**-0.5).softmax(-1)
        mixed = (shares @ value).transpose(0, 1).reshape(-1, heads * size)
        attended = layer.attention.output(mixed, hidden)
        hidden = layer.output(layer.intermediate(attended), attended)
    return hidden


def compile_model(
    model: JointBert, examples: Sequence[EncodedExample]
) -> tuple[bytes, dict[str, Any]]:
    """Compiles a trained model, with 8-bit products where that costs no accuracy.

    Args:
        model: On the CPU, in evaluation mode.
        examples: What the two kinds of products are compared on. Ones that the model has not
            seen in this form are the better judges.

    Returns:
        The ONNX model, and what was measured on the way.
    """
    exact = _exported(model)
    measured: dict[str, Any] = {"products": "float32"}
    try:
        quantized = _quantized(exact)
        loss, chance = _loss(model, exact, quantized, examples)
    except Exception as error:  # whatever the quantizer stumbles over, the exact one is there
        logger.warning("No 8-bit products (%s); 32-bit ones are used.", error)
        return exact, measured
    measured["accuracy_lost_by_int8"] = round(loss, 4)
    if loss - chance > LARGEST_LOSS:
        return exact, measured
    return quantized, {**measured, "products": "int8"}


def _exported(model: JointBert) -> bytes:
    wrapper = _OneText(model).eval()
    example = torch.zeros(6, int(model.encoder.config.hidden_size))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        file = Path(folder, "exact.onnx")
        torch.onnx.export(
            wrapper,
            (example,),
            str(file),
            input_names=["summed"],
            output_names=wrapper.outputs,
            dynamic_axes={name: {0: "pieces"} for name in ("summed", "tags")},
            opset_version=OPSET,
        )
        return file.read_bytes()


def _quantized(exact: bytes) -> bytes:
    # Needs `onnx`, which only training does.
    from custom_components.joint_bert.quantization import quantize

    return quantize(exact)


def _loss(
    model: JointBert, exact: bytes, quantized: bytes, examples: Sequence[EncodedExample]
) -> tuple[float, float]:
    """Compares what both kinds of products read; see `_compared`."""
    known = [one for one in examples if one.text.is_known and one.intent != IGNORED]
    verdict = Verdict(model)

    def read(content: bytes, places: Sequence[int]) -> list[bool]:
        runner = CompiledModel(content, model, threads=0)
        return [_is_right(runner, verdict, known[place]) for place in places]

    return _compared(read(quantized, range(len(known))), lambda places: read(exact, places))


def _compared(
    right: Sequence[bool], exact: Callable[[Sequence[int]], Sequence[bool]]
) -> tuple[float, float]:
    """Says what 8 bits lose, with few questions to the exact products, which take longer.

    They are asked first what 8 bits read wrongly. What they themselves read wrongly of the rest
    speaks for 8 bits only: where these are good enough without it, nobody asks.

    Args:
        right: Which examples are read rightly in 8 bits.
        exact: Returns which of the examples at the given places are read rightly in 32.

    Returns:
        The share of examples that only the exact ones read rightly, less those that only the
        others do, and the standard error of that: they differ in a few examples only, in which
        mostly neither is sure. Of a loss that is small enough, the most that it can be.
    """
    count = max(len(right), 1)
    lost = sum(exact([place for place, is_right in enumerate(right) if not is_right]))
    loss, chance = lost / count, math.sqrt(lost) / count
    if loss - chance > LARGEST_LOSS:
        rest = exact([place for place, is_right in enumerate(right) if is_right])
        won = len(rest) - sum(rest)
        loss, chance = (lost - won) / count, math.sqrt(lost + won) / count
    return loss, chance


def _is_right(runner: CompiledModel, verdict: Verdict, example: EncodedExample) -> bool:
    scores, _, tags = runner.answer(example.text)
    shares, _ = verdict(scores, [example.text.text])
    return int(shares.argmax()) == example.intent and (
        not tags.shape[-1] or tags.argmax(-1).tolist() == example.tags
    )


class CompiledModel:
    """A compiled model, ready to answer."""

    def __init__(self, content: bytes, model: JointBert, threads: int) -> None:
        """Loads what `compile_model` made of a model; 0 threads leave their number to the runtime.

        The tables of embeddings are the model's own.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait for work give the core back.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self._outputs = [output.name for output in self._session.get_outputs()]
        embeddings = model.encoder.embeddings
        first = layers.first_position(model.encoder)
        with torch.no_grad():
            places = embeddings.position_embeddings.weight[first:]
            self._places: Array = (places + embeddings.token_type_embeddings.weight[0]).numpy()
            self._pieces: Array = embeddings.word_embeddings.weight.numpy()

    def answer(self, text: EncodedText) -> tuple[Array, Array, Array]:
        """Answers one text.

        Returns:
            The intents' scores by head and neighbours, (1, C), the sentiments' logits, (1, S),
            and the logits of the tags, (U, K).
        """
        summed = self._pieces[text.piece_ids] + self._places[: len(text.piece_ids)]
        said = dict(zip(self._outputs, self._session.run(None, {"summed": summed}), strict=True))
        nothing = np.zeros(0, dtype=np.float32)
        no_tags = np.zeros((len(text.unit_spans), 0), dtype=np.float32)
        tags = _means(said["tags"], text) if "tags" in said else no_tags
        return said.get("intents", nothing)[None], said.get("sentiments", nothing)[None], tags


def _means(tags: Array, text: EncodedText) -> Array:
    """Averages the pieces' logits (T, K) by unit: (U, K)."""
    units = np.array(text.piece_units)
    places = np.flatnonzero(units != NO_UNIT)
    count = len(text.unit_spans)
    sums = np.zeros((count, tags.shape[-1]), dtype=np.float32)
    np.add.at(sums, units[places], tags[places])
    sizes = np.bincount(units[places], minlength=count)
    means: Array = sums / np.maximum(sizes, 1)[:, None].astype(np.float32)
    return means
