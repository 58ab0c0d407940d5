"""Where the time of a parse goes: the worker's side of `benchmarks.latency`.

The stages are timed by wrapping functions while the benchmark runs; the code that is measured
knows nothing of it. A stage's time is its own: what it calls counts for the stage that is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.arithmetic import EncoderShape
from benchmarks.memory import peak_rss_mb, rss_mb
from benchmarks.worker import WARM_UP, ask, log_like_a_server

TOKENISE = "tokenise"
BATCH = "lay out pieces"
ENCODER = "encoder"
HEADS = "last word"
NEIGHBOURS = "nearest examples"
NGRAMS = "letters and words"
POST = "post-processing"
MESSAGE = "message in and out"
OTHERS = "other components"
RASA = "Rasa itself"
STAGES = (TOKENISE, BATCH, ENCODER, HEADS, NEIGHBOURS, NGRAMS, POST, MESSAGE, OTHERS, RASA)


class Stopwatch:
    """Adds up the time of each stage, without that of the stages called from within."""

    def __init__(self) -> None:
        """Starts with nothing measured."""
        self.seconds: dict[str, float] = {}
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what happens inside for this stage."""
        self._turn()
        self._open.append(name)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._open:
            name = self._open[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now

    def wrapped(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Returns the function, its time counted for a stage."""

        def timed(*arguments: Any, **named: Any) -> Any:
            with self.stage(stage):
                return function(*arguments, **named)

        return timed


def time_parsing(job: dict[str, Any]) -> dict[str, Any]:
    """Loads a model and parses texts: by Rasa, by the component alone, and stage by stage.

    Returns:
        `milliseconds`, `load_seconds` (Rasa's modules not counted), `rss_mb` after the first
        messages, `peak_rss_mb`; where the pipeline holds Parley's component also
        `component_milliseconds`, `around_milliseconds`, `stages` (median milliseconds),
        `products`, `shape` and `pieces`.
    """
    log_like_a_server()
    from rasa.core.agent import Agent

    texts = job["texts"]
    start = time.perf_counter()
    agent = Agent.load(job["model"])
    load_seconds = time.perf_counter() - start
    ask(agent, texts[:WARM_UP])
    memory = rss_mb()
    _, milliseconds = ask(agent, texts)
    found = {
        "milliseconds": milliseconds,
        "load_seconds": load_seconds,
        "rss_mb": memory,
        "peak_rss_mb": peak_rss_mb(),
    }
    component = find_component(agent)
    if component is None:
        return found
    alone, around = time_component(agent, component, texts)
    return {
        **found,
        "component_milliseconds": alone,
        "around_milliseconds": around,
        "stages": time_stages(agent, component, texts),
        "products": products_of(component),
        "shape": asdict(shape_of(component)),
        "pieces": [len(one.piece_ids) for one in component._predictor.text_encoder.encode(texts)],
    }


def processing_nodes(agent: Any) -> list[Any]:
    """Returns the graph's nodes that process messages, each with its component."""
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    return [node for node in nodes if node._fn_name == "process"]


def find_component(agent: Any) -> Any:
    """Returns Parley's component, loaded and trained, or None."""
    from custom_components.joint_bert.component import JointBertClassifier

    for node in processing_nodes(agent):
        found = node._component
        if isinstance(found, JointBertClassifier) and found._predictor is not None:
            return found
    return None


def time_component(
    agent: Any, component: Any, texts: Sequence[str]
) -> tuple[list[float], list[float]]:
    """Times `process([message])` by itself, each text right next to a whole parse of it.

    Returns:
        Milliseconds of the component for each text, and what the whole parse took beyond them.
    """
    import asyncio

    from rasa.shared.nlu.training_data.message import Message

    alone: list[float] = []
    around: list[float] = []

    async def both() -> None:
        for text in texts:
            message = Message({"text": text})
            start = time.perf_counter()
            component.process([message])
            between = time.perf_counter()
            await agent.parse_message(text)
            end = time.perf_counter()
            alone.append(1000 * (between - start))
            around.append(1000 * (end - between) - alone[-1])

    asyncio.run(both())
    return alone, around


def time_stages(agent: Any, component: Any, texts: Sequence[str]) -> dict[str, float]:
    """Returns the median milliseconds of each stage of a parse, of whole parses and of stages.

    The medians of the stages need not add up to the median of the whole, but nearly do.
    """
    import asyncio

    watches: list[Stopwatch] = []
    watch = Stopwatch()

    async def parse_all() -> None:
        for text in texts:
            watch.seconds = {}
            with watch.stage(RASA):
                await agent.parse_message(text)
            kept = Stopwatch()
            kept.seconds = watch.seconds
            watches.append(kept)

    with _instrumented(watch, component, processing_nodes(agent)):
        asyncio.run(parse_all())
    found = {name: 1000 * median(one.seconds.get(name, 0.0) for one in watches) for name in STAGES}
    found["whole"] = 1000 * median(sum(one.seconds.values()) for one in watches)
    return found


@contextmanager
def _instrumented(watch: Stopwatch, component: Any, nodes: Sequence[Any]) -> Iterator[None]:
    """Wraps what the stages consist of, for as long as it lasts."""
    from custom_components.joint_bert import inference, layers
    from custom_components.joint_bert.compiled import CompiledModel
    from custom_components.joint_bert.inference import Predictor
    from custom_components.joint_bert.model import JointBert
    from custom_components.joint_bert.neighbours import Neighbours
    from custom_components.joint_bert.ngrams import NgramClassifier
    from custom_components.joint_bert.tokenization import TextEncoder
    from custom_components.joint_bert.verdict import Verdict

    wraps: list[tuple[Any, str, str]] = [
        (TextEncoder, "encode", TOKENISE),
        (inference, "collate", BATCH),
        (JointBert, "answer", BATCH),
        (JointBert, "encode", ENCODER),
        (layers, "embed", ENCODER),
        (layers, "run_layers", ENCODER),
        (CompiledModel, "answer", BATCH),
        (Verdict, "__call__", HEADS),
        (Neighbours, "forward", NEIGHBOURS),
        (NgramClassifier, "scores", NGRAMS),
        (Predictor, "predict", MESSAGE),
        (Predictor, "_predict_batch", POST),
        # Rasa has taken hold of the components' methods already: its nodes' are wrapped.
        *((node, "_fn", MESSAGE if node._component is component else OTHERS) for node in nodes),
    ]
    session = getattr(getattr(component._predictor, "compiled", None), "_session", None)
    if session is not None:
        wraps.append((type(session), "run", ENCODER))
    with ExitStack() as stack:
        for owner, name, stage in wraps:
            stack.enter_context(
                patch.object(owner, name, watch.wrapped(getattr(owner, name), stage))
            )
        yield


def shape_of(component: Any) -> EncoderShape:
    """Returns what the arithmetic of a message depends on."""
    model = component._predictor.model
    config = model.encoder.config
    return EncoderShape(
        width=int(config.hidden_size),
        inner_width=int(config.intermediate_size),
        heads=int(config.num_attention_heads),
        layers_run=len(model.stack()),
        remembered=0 if model.neighbours is None else len(model.neighbours.vectors),
    )


def products_of(component: Any) -> str:
    """Returns what computes the encoder's matrix products, and in which numbers."""
    if getattr(component._predictor, "compiled", None) is None:
        return "torch, float32"
    return f"ONNX Runtime, {component._trained.measured.get('products', 'float32')}"
