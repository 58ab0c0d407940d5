"""Matrix products in 8 bits: weights by output channel, what they are multiplied with on the fly.

What ONNX Runtime's own `quantize_dynamic` makes of a model, product by product. It rounds one
channel of the weights after the other in Python and infers all shapes twice over, which is as
long as half an epoch on a few hundred examples; all channels at once are done in a tenth of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]

_LARGEST = 127
"""Of the 8-bit weights: as far from zero on both sides, so that zero is exact."""


def quantize(exact: bytes) -> bytes:
    """Returns the ONNX model with all products of an input and a table of weights in 8 bits."""
    model = onnx.load_from_string(exact)
    graph = model.graph
    tables = {one.name: one for one in graph.initializer}
    rounded: set[str] = set()
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        table = tables.get(node.input[1]) if len(node.input) > 1 else None
        if table is None or len(table.dims) != 2 or not _is_product(node):
            nodes.append(node)
            continue
        source = node.input[0]
        if source not in rounded:
            rounded.add(source)
            nodes.append(
                helper.make_node(
                    "DynamicQuantizeLinear",
                    [source],
                    [f"{source}_quantized", f"{source}_scale", f"{source}_zero"],
                )
            )
        weights = numpy_helper.to_array(table)
        if node.op_type == "Gemm":  # torch's linear layers: (outputs, inputs)
            weights = weights.T
        # A name by the node: two products may share a table, laid out differently.
        name = f"{node.name}_weights"
        graph.initializer.extend(_in_8_bits(name, weights))
        nodes.extend(_product(node, source, name, list(node.input[2:])))
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused_tables(graph)
    done: bytes = model.SerializeToString()
    return done


def _is_product(node: onnx.NodeProto) -> bool:
    if node.op_type == "MatMul":
        return True
    said = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    plain = said.get("alpha", 1.0) == said.get("beta", 1.0) == 1.0 and not said.get("transA", 0)
    return bool(node.op_type == "Gemm" and plain and said.get("transB", 0) == 1)


def _in_8_bits(name: str, weights: Array) -> list[TensorProto]:
    """Rounds weights (inputs, outputs): numbers, scales and zeros by output."""
    scales = np.abs(weights).max(0) / _LARGEST
    # An output whose weights are all zero has no scale of its own.
    scales = np.where(scales > 0.0, scales, 1.0).astype(np.float32)
    numbers = np.rint(weights / scales).clip(-_LARGEST, _LARGEST).astype(np.int8)
    return [
        numpy_helper.from_array(np.ascontiguousarray(numbers), f"{name}_quantized"),
        numpy_helper.from_array(scales, f"{name}_scale"),
        numpy_helper.from_array(np.zeros(len(scales), dtype=np.int8), f"{name}_zero"),
    ]


def _product(
    node: onnx.NodeProto, source: str, weights: str, bias: Sequence[str]
) -> list[onnx.NodeProto]:
    """Returns the nodes for one product: these the runtime joins to one of its own."""
    name, output = node.name, node.output[0]
    scaled = f"{name}_scaled" if bias else output
    nodes = [
        helper.make_node(
            "MatMulInteger",
            [f"{source}_quantized", f"{weights}_quantized", f"{source}_zero", f"{weights}_zero"],
            [f"{name}_whole"],
        ),
        helper.make_node("Cast", [f"{name}_whole"], [f"{name}_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{source}_scale", f"{weights}_scale"], [f"{name}_scales"]),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scales"], [scaled]),
    ]
    if bias:
        nodes.append(helper.make_node("Add", [scaled, bias[0]], [output]))
    return nodes


def _drop_unused_tables(graph: onnx.GraphProto) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
