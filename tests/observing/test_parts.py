"""What is seen from outside, part by part: settings, log lines, figures, the dashboard."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric

from channels.inspector.measuring import measure, timings_of_process
from channels.inspector.timing import Recording, Span, Timings
from observing.assistant import seconds_by_stage
from observing.logs import as_json
from observing.metrics import MOST_NAMES, OTHER, STAGES, Metrics
from observing.settings import ObservingSettingsError, read_observing_settings
from observing.traces import Traces
from observing.turns import enter_turn, turn_id, within_turn
from scripts.project import ROOT, process_environment

DASHBOARD = ROOT / "deploy" / "grafana" / "parley.json"


def record(message: str, *arguments: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("rasa.core", logging.ERROR, "x.py", 1, message, arguments, None)
    made.__dict__.update(more)
    return made


def told(of: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(as_json(of, "assistant"))
    return line


def test_nothing_is_on_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PARLEY_LOG", "PARLEY_METRICS", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert not read_observing_settings().measures
    monkeypatch.setenv("PARLEY_METRICS", "0")
    assert not read_observing_settings().measures
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert read_observing_settings().traces


@pytest.mark.parametrize(("name", "wrong"), [("PARLEY_LOG", "xml"), ("PARLEY_METRICS", "9100")])
def test_what_cannot_be_is_refused_by_name(
    name: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, wrong)
    with pytest.raises(ObservingSettingsError, match=name):
        read_observing_settings()


def test_where_nobody_looks_nothing_is_even_imported() -> None:
    code = (
        "import sys; from observing.beginning import observe; observe('assistant'); "
        "observe('actions'); "
        "print([n for n in ('rasa', 'rasa_sdk', 'prometheus_client', 'opentelemetry', 'structlog') "
        "if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=process_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_line_says_what_where_and_in_which_turn() -> None:
    with within_turn("turn-7", "add milk"):
        line = told(record("Saved %s of %s", 3, "web"))
    assert line["turn"] == "turn-7"
    assert (line["event"], line["level"], line["process"]) == (
        "Saved 3 of web",
        "error",
        "assistant",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
    assert "turn" not in told(record("Later"))


def test_the_words_of_the_turn_are_struck_out() -> None:
    with within_turn("t", "no"):
        line = told(record("Nothing known of 'no', no model"))
    assert line["event"] == "Nothing known of '[message]', [message] model"
    with within_turn("t", "what (is) this?"):
        assert "(is)" not in as_json(record("failed at what (is) this? again"), "actions")


def test_of_rasas_own_events_only_what_holds_no_words_is_taken_over() -> None:
    event = {
        "event": "processor.slots.log",
        "action_name": "action_x",
        "slot_values": "name: Anna",
        "text": "I am Anna",
        "entity": {"value": "Anna"},
    }
    line = told(record("ignored", structured=event))
    assert (line["event"], line["action_name"]) == ("processor.slots.log", "action_x")
    assert "Anna" not in json.dumps(line)


def test_of_an_exception_its_kind_and_place_are_told() -> None:
    try:
        raise KeyError("Anna's secret")
    except KeyError:
        line = told(record("Broken", exc_info=sys.exc_info()))
    assert line["error"]["kind"] == "builtins.KeyError"
    assert any(Path(__file__).name in place for place in line["error"]["at"])
    assert "Anna" not in json.dumps(line)


def test_an_id_from_elsewhere_cannot_forge_a_line() -> None:
    with within_turn("", None):
        enter_turn("x\n{}" + "y" * 500, None)
        assert "\n" not in turn_id() and len(turn_id()) <= 128


def test_a_stage_within_another_is_counted_once() -> None:
    spans = [
        Span("understanding", "understood", -1, 1.0, 1.5),
        Span("action", "action_x", -1, 2.0, 4.0),
        Span("sending", "said", 1, 3.0, 3.5),
        Span("saving", "saved", -1, 5.0, 5.25),
        Span("prediction", "goes on", -1, 6.0),
    ]
    assert seconds_by_stage(spans) == {"nlu": 0.5, "actions": 2.0, "stores": 0.25}


def test_a_client_cannot_make_any_number_of_labels() -> None:
    metrics = Metrics()
    names = {metrics.name(f"channel-{number}") for number in range(10 * MOST_NAMES)}
    assert len(names) == MOST_NAMES + 1 and OTHER in names


def test_the_inspector_shares_the_measurement_of_who_looks_from_outside() -> None:
    timings = Timings(5)
    heard: list[Recording] = []
    timings.listeners.append(heard.append)
    with measure(timings):
        shared = timings_of_process(50)
        assert shared is timings
        with measure(shared):
            pass
        assert timings_of_process(1) is timings
        with shared.turn("anna", "1"):
            pass
    assert [one.key for one in heard] == ["1"]
    assert timings_of_process(5) is not timings


def test_a_header_that_is_none_begins_a_trace_of_its_own() -> None:
    sent: list[Any] = []

    class Kept:
        def on_end(self, span: Any) -> None:
            sent.append(span)

    traces = Traces("actions", Kept())  # type: ignore[arg-type]
    for wrong in ("", "x", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "00-" + "g" * 32 + "-1-01"):
        traces.tell_action(wrong, "action_x", "t", 0.0, None)
    assert len({span.context.trace_id for span in sent}) == 4
    assert all(span.parent is None and span.context.trace_id for span in sent)


def queries(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "expr" in part:
            yield part["expr"]
        for value in part.values():
            yield from queries(value)
    elif isinstance(part, list):
        for value in part:
            yield from queries(value)


def exposed(metric: Metric) -> set[str]:
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    endings |= {"summary": ("_sum", "_count")}
    return {metric.name + ending for ending in endings.get(metric.type, ("",))}


def test_the_dashboard_asks_for_what_there_is() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    metrics = Metrics()
    known = {name for metric in metrics.registry.collect() for name in exposed(metric)}
    asked = list(queries(board))
    assert len(asked) > 10
    named = set()
    for query in asked:
        found = set(re.findall(r"\b(?:parley|process)_\w+", query))
        assert found and found <= known, query
        named |= found
    # All that Parley counts is somewhere to be seen.
    own = {re.sub(r"_(bucket|sum|count)$", "", name) for name in known if name.startswith("parley")}
    assert own <= {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_labels_in_the_dashboard_are_labels_of_the_metrics() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    labels = {"channel", "stage", "unsure_of", "sentiment", "action", "direction", "instance", "le"}
    legends = re.findall(r"\{\{(\w+)\}\}", json.dumps(board))
    assert set(legends) <= labels
    metrics = Metrics()
    for name in STAGES:
        metrics.stage_seconds.labels(name).observe(0.1)
    known = {
        label
        for metric in metrics.registry.collect()
        for sample in metric.samples
        for label in sample.labels
    }
    assert {"stage", "le"} <= known
