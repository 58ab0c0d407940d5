"""The encoder's layers compiled for ONNX Runtime: the quicker way to one answer on a CPU."""

from __future__ import annotations

import importlib.util
import logging
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from custom_components.joint_bert import layers
from custom_components.joint_bert.model import JointBert, Outputs
from custom_components.joint_bert.sampling import IGNORED, EncodedExample
from custom_components.joint_bert.tokenization import Batch, collate

logger = logging.getLogger(__name__)

OPSET = 17
LARGEST_LOSS = 0.003
"""Share of texts that may be read wrongly in 8 bits and are read rightly in 32."""


def is_available() -> bool:
    """Whether ONNX Runtime is installed; without it everything runs in torch."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


def can_compile(model: JointBert) -> bool:
    """Whether the model's encoder is one whose layers are known."""
    return layers.can_pack(model.encoder)


class _Layers(nn.Module):
    """All layers for one text: embeddings (T, H) to what the last layer says, (T, H)."""

    def __init__(self, model: JointBert) -> None:
        super().__init__()
        self.layers = nn.ModuleList(model.stack())

    def forward(self, embedded: Tensor) -> Tensor:
        return _run(self.layers, embedded)


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


def compile_layers(
    model: JointBert, examples: Sequence[EncodedExample]
) -> tuple[bytes, dict[str, Any]]:
    """Compiles a trained model's layers, with 8-bit products where that costs no accuracy.

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
        loss = _loss(model, exact, quantized, examples)
    except Exception as error:  # whatever the quantizer stumbles over, the exact one is there
        logger.warning("No 8-bit products (%s); 32-bit ones are used.", error)
        return exact, measured
    measured["accuracy_lost_by_int8"] = round(loss, 4)
    if loss > LARGEST_LOSS:
        return exact, measured
    return quantized, {**measured, "products": "int8"}


def _exported(model: JointBert) -> bytes:
    wrapper = _Layers(model).eval()
    example = torch.zeros(6, int(model.encoder.config.hidden_size))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        file = Path(folder, "exact.onnx")
        torch.onnx.export(
            wrapper,
            (example,),
            str(file),
            input_names=["embedded"],
            output_names=["hidden"],
            dynamic_axes={name: {0: "pieces"} for name in ("embedded", "hidden")},
            opset_version=OPSET,
        )
        return file.read_bytes()


def _quantized(exact: bytes) -> bytes:
    """Returns the model with matrix products in 8 bits, a scale for each output channel."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "exact.onnx"), Path(folder, "int8.onnx")
        source.write_bytes(exact)
        root = logging.getLogger()
        level = root.level
        # It advises pre-processing on the root logger each time.
        root.setLevel(logging.ERROR)
        try:
            quantize_dynamic(
                source,
                target,
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                reduce_range=False,
                weight_type=QuantType.QInt8,
            )
        finally:
            root.setLevel(level)
        return target.read_bytes()


def _loss(
    model: JointBert, exact: bytes, quantized: bytes, examples: Sequence[EncodedExample]
) -> float:
    """Returns the share of examples that only the exact products read rightly, net."""
    known = [one for one in examples if one.text.is_known and one.intent != IGNORED]
    right = []
    for content in (exact, quantized):
        runner = CompiledLayers(content, threads=0)
        right.append(
            sum(_is_right(runner.answer(model, collate([one.text])), one) for one in known)
        )
    return (right[0] - right[1]) / max(len(known), 1)


def _is_right(outputs: Outputs, example: EncodedExample) -> bool:
    tags = outputs.tag_logits.argmax(-1).tolist() if outputs.tag_logits.shape[-1] else []
    return int(outputs.intent_logits.argmax()) == example.intent and (
        not tags or tags == example.tags
    )


class CompiledLayers:
    """Compiled layers, ready to run."""

    def __init__(self, content: bytes, threads: int) -> None:
        """Loads an ONNX model; 0 threads leave their number to ONNX Runtime."""
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

    @torch.inference_mode()
    def answer(self, model: JointBert, batch: Batch) -> Outputs:
        """Answers a batch of one text: embeddings and heads are the model's."""
        # Of the plan only the positions are needed: attention is compiled.
        packing = layers.Packing(torch.arange(len(batch.piece_ids)), [])
        embedded = layers.embed(model.encoder, batch.piece_ids, packing)
        (hidden,) = self._session.run(None, {"embedded": embedded.numpy()})
        return model.conclude(torch.from_numpy(hidden), batch)
