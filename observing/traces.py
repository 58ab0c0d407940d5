"""Turns as traces: each stage a span, in OpenTelemetry's protocol over HTTP.

Turns are measured anyway (`channels.inspector.timing`), so spans are made when a turn is over, in
one go, of what was measured. What another process does within a turn has to name its parent before
that: so the numbers of a turn's spans follow from one drawn at its beginning.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from channels.inspector.timing import Recording, current

TRACE_HEADER = "traceparent"
"""W3C Trace Context, level 1."""

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_MOST_SPAN = 2**64


class Traces:
    """Sends the spans of one process."""

    def __init__(self, process: str, processor: SpanProcessor | None = None) -> None:
        """Prepares; sending is in a thread of its own.

        Args:
            process: The service's name, in the traces.
            processor: What takes the spans; by default what sends them to where
                OTEL_EXPORTER_OTLP_ENDPOINT says.
        """
        named = Resource.create({"service.name": f"parley-{process}"})
        # What the environment says of the service goes before our own name for it.
        self._resource = named.merge(OTELResourceDetector().detect())
        self._processor = processor or BatchSpanProcessor(OTLPSpanExporter())

    def close(self) -> None:
        """Sends what there is."""
        self._processor.shutdown()

    def tell_turn(self, recording: Recording, attributes: Mapping[str, str | float | bool]) -> None:
        """Sends a turn that is over: its own span, and one for each stage."""
        trace, first = _numbers(recording)
        # Measured by a clock that only goes forward, told by the one on the wall.
        offset = time.time_ns() - int(time.perf_counter() * 1e9)

        def moment(seconds: float) -> int:
            return offset + int(seconds * 1e9)

        self._send("turn", trace, first, None, moment(recording.start), moment(recording.end), {
            "parley.turn": recording.key, **attributes,
        }, False)  # fmt: skip
        for number, span in enumerate(recording.spans):
            # A part of the turn itself has no number: it is a part of the turn's own span.
            parent = (first + 1 + span.parent) % _MOST_SPAN
            told = {"parley.name": span.name}
            for key in ("action", "policy", "node", "failed"):
                if key in span.note:
                    told[f"parley.{key}"] = str(span.note[key])
            self._send(
                span.kind,
                trace,
                (first + 1 + number) % _MOST_SPAN,
                parent,
                moment(span.start),
                moment(span.end or recording.end),
                told,
                "failed" in span.note,
            )

    def tell_action(
        self, parent: str, name: str, turn: str, began: float, failed: str | None
    ) -> None:
        """Sends what the action server did, as a part of what asked for it.

        Args:
            parent: The header that came with the request; what is not one begins a trace.
            name: The action's.
            turn: The turn's id.
            began: `time.perf_counter` when it began.
            failed: The kind of exception, None where there was none.
        """
        trace, span = _read_header(parent) or (random.getrandbits(128), None)
        offset = time.time_ns() - int(time.perf_counter() * 1e9)
        told = {"parley.action": name, "parley.turn": turn}
        if failed:
            told["parley.failed"] = failed
        self._send(
            "run action",
            trace,
            random.getrandbits(64) or 1,
            span,
            offset + int(began * 1e9),
            time.time_ns(),
            told,
            failed is not None,
        )

    def _send(
        self,
        name: str,
        trace: int,
        number: int,
        parent: int | None,
        start: int,
        end: int,
        attributes: Mapping[str, str | float | bool],
        failed: bool,
    ) -> None:
        context = SpanContext(trace, number, False, _SAMPLED)
        above = None if parent is None else SpanContext(trace, parent, True, _SAMPLED)
        self._processor.on_end(
            ReadableSpan(
                name,
                context,
                above,
                self._resource,
                attributes,
                kind=SpanKind.SERVER if parent is None else SpanKind.INTERNAL,
                status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
                start_time=start,
                end_time=end,
            )
        )


def header() -> str | None:
    """What a request says of the stage that it is made in; None outside of a turn."""
    within = current()
    if within is None:
        return None
    recording, number = within
    trace, first = _numbers(recording)
    return f"00-{trace:032x}-{(first + 1 + number) % _MOST_SPAN:016x}-01"


def _numbers(recording: Recording) -> Sequence[int]:
    """The trace's number and that of its first span."""
    if recording.trace is None:
        recording.trace = (random.getrandbits(128) or 1, random.getrandbits(63) + 1)
    return recording.trace


def _read_header(text: str) -> tuple[int, int] | None:
    parts = text.split("-")
    if [len(part) for part in parts] != [2, 32, 16, 2]:
        return None
    try:
        trace, span = int(parts[1], 16), int(parts[2], 16)
    except ValueError:
        return None
    return (trace, span) if trace and span else None
