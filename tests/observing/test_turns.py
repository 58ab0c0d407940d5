"""A turn through both processes: in the logs, the metrics and the traces; its words in none."""

from __future__ import annotations

import re
import time
import urllib.error

import pytest

from tests.observing.conftest import Collector, Observed

pytestmark = [pytest.mark.services, pytest.mark.slow]

SECRET = "count"
"""What is said, and looked for."""


def value(page: str, name: str, **labels: str) -> float:
    """One figure of a page of metrics."""
    for line in page.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == name:
            told = dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))
            if labels.items() <= told.items():
                return float(found[3])
    return 0.0


def test_a_turn_is_one_trace_through_both_processes(
    assistant: Observed, collector: Collector
) -> None:
    assert assistant.say("traced", "count")[0]["text"] == "That makes 1."
    turn = assistant.turn("traced")
    told = collector.wait(turn, {"turn", "run action", "saving", "policy"})
    assert {one.service for one in told} == {"parley-assistant", "parley-actions"}
    assert len({one.span.trace_id for one in told}) == 1
    by_id = {one.span.span_id: one for one in told}
    (root,) = [one for one in told if not one.span.parent_span_id]
    assert root.span.name == "turn"
    for one in told:
        assert one.span.start_time_unix_nano <= one.span.end_time_unix_nano
        if one is not root:
            assert one.span.parent_span_id in by_id, one
    runs = [one for one in told if one.span.name == "run action"]
    assert "action_count" in {one.attributes["parley.action"] for one in runs}
    for run in runs:
        asked = by_id[run.span.parent_span_id]
        assert (asked.service, asked.span.name) == ("parley-assistant", "request")
    assert abs(root.span.start_time_unix_nano / 1e9 - time.time()) < 600


def test_a_turn_has_one_id_in_both_logs(assistant: Observed) -> None:
    assistant.say("logged", "count")
    turn = assistant.turn("logged")
    (line,) = [line for line in assistant.lines("actions.log") if line.get("turn") == turn]
    assert line["process"] == "actions" and line["logger"] == "actions.doing"
    # The action logs the message, and yet it is not there.
    assert line["event"] == "Counting, as asked: [message]"
    assistant.say("logged", "wait")
    turn = assistant.turn("logged")
    failed = [line for line in assistant.lines("rasa.log") if line.get("turn") == turn]
    assert any("action_wait" in line["event"] for line in failed)
    (error,) = [
        line["error"]
        for line in assistant.lines("actions.log")
        if line.get("turn") == turn and "error" in line
    ]
    assert error["kind"] == "builtins.ValueError"
    assert any("doing.py" in place for place in error["at"])


def test_the_figures_are_of_what_happened(assistant: Observed) -> None:
    port = assistant.bot.port
    before = assistant.metrics(port), assistant.metrics(assistant.action_port)
    for text in ("count", "count", "hello", "wait"):
        assistant.say("counted", text)
    after = assistant.metrics(port), assistant.metrics(assistant.action_port)

    def grown(process: int, name: str, **labels: str) -> float:
        return value(after[process], name, **labels) - value(before[process], name, **labels)

    assert grown(0, "parley_turns_total", channel="rest") == 4
    assert grown(0, "parley_turn_seconds_count") == 4
    for stage in ("nlu", "policies", "stores", "actions", "waiting"):
        assert grown(0, "parley_stage_seconds_count", stage=stage) == 4, stage
        assert grown(0, "parley_stage_seconds_sum", stage=stage) > 0
    whole = grown(0, "parley_turn_seconds_sum")
    parts = sum(
        grown(0, "parley_stage_seconds_sum", stage=stage)
        for stage in ("nlu", "policies", "stores", "actions", "waiting", "saying")
    )
    assert 0 < parts <= whole
    assert grown(1, "parley_action_seconds_count", action="action_count") == 2
    assert grown(1, "parley_action_failures_total", action="action_wait") == 1
    assert grown(0, "parley_action_failures_total", action="action_wait") == 1
    assert value(after[0], "parley_channel_queue", channel="web", direction="in") == 0
    assert 'channel="web",direction="out"' in after[0]
    assert value(after[1], "process_resident_memory_bytes") > 1e7


def test_who_asks_for_metrics_gives_the_token(assistant: Observed) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        assistant.bot.api("/metrics")
    with caught.value as refused:
        assert refused.code == 401


def test_what_was_said_is_nowhere(assistant: Observed, collector: Collector) -> None:
    said = "the purple hippopotamus of 0x5eed"
    assistant.say("secretive", said)
    assistant.say("secretive", "count")
    collector.wait(assistant.turn("secretive"), {"turn", "run action"})
    pages = assistant.metrics(assistant.bot.port), assistant.metrics(assistant.action_port)
    logs = [
        (assistant.folder / name).read_text(encoding="utf-8", errors="replace")
        for name in ("rasa.log", "actions.log")
    ]
    for place in (*pages, *logs, collector.bodies.decode(errors="replace")):
        assert "hippopotamus" not in place
        # Nor who said it.
        assert "secretive" not in place
