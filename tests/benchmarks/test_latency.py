"""Arithmetic by hand, stages that add up, and rounds that are compared with their like."""

from __future__ import annotations

import time

import pytest

from benchmarks.arithmetic import EncoderShape, operations, time_products
from benchmarks.latency import bound_records, pipeline_record, tables
from benchmarks.memory import peak_rss_mb, rss_mb
from benchmarks.runner import Record
from benchmarks.stages import Stopwatch

SHAPE = EncoderShape(width=4, inner_width=8, heads=2, layers_run=3, remembered=5)


def test_operations_by_hand() -> None:
    # A layer, 2 pieces: four 4x4 matrices, two of 4x8: 2 * 2 * (4*16 + 2*32) = 512; attention:
    # two products of 2x2 heads, 2 * 2 * 2 * 4 * 2 = 64. Three layers, 5 vectors of 4: 2 * 20.
    assert operations(SHAPE, 2) == 3 * (512 + 64) + 40


def test_products_are_timed() -> None:
    shape = {"width": 8, "inner_width": 16, "heads": 2, "layers_run": 2, "remembered": 3}
    found = time_products({"shape": shape, "pieces": [3, 4], "threads": 1})
    assert found["large_gflops"] > 0
    assert [one["pieces"] for one in found["messages"]] == [3, 4]
    assert all(one["products_ms"] > 0 for one in found["messages"])


def test_a_stage_does_not_count_what_it_calls() -> None:
    watch = Stopwatch()

    def inner() -> None:
        time.sleep(0.03)

    def outer() -> None:
        time.sleep(0.01)
        watch.wrapped(inner, "inner")()

    start = time.perf_counter()
    watch.wrapped(outer, "outer")()
    whole = time.perf_counter() - start
    assert watch.seconds["inner"] >= 0.03
    assert 0.01 <= watch.seconds["outer"] < whole - 0.03 + 0.001
    assert sum(watch.seconds.values()) == pytest.approx(whole, abs=0.002)


def test_a_stage_ends_with_an_exception() -> None:
    watch = Stopwatch()
    with watch.stage("outer"):
        with pytest.raises(KeyError), watch.stage("inner"):
            raise KeyError
        time.sleep(0.01)
    assert watch.seconds["outer"] >= 0.01 > watch.seconds["inner"]


def rounds(*medians: float) -> list[Record]:
    return [
        {
            "milliseconds": [one - 1, one, one + 1],
            "load_seconds": 1,
            "rss_mb": 2,
            "peak_rss_mb": 3,
            "component_milliseconds": [1.0, 2.0, 4.0],
            "around_milliseconds": [0.5, 0.5, 0.5],
            "pieces": [12, 12, 14],
            "products": "torch, float32",
        }
        for one in medians
    ]


def test_ratios_are_taken_within_a_round() -> None:
    found = pipeline_record("parley", rounds(2.0, 4.0, 3.0), rounds(4.0, 8.0, 9.0))
    assert found["parse_ms_p50"] == 3.0
    assert (found["parse_ms_lowest"], found["parse_ms_highest"]) == (2.0, 4.0)
    assert found["ratio"] == 2.0
    assert found["component_ms_p50"] == 2.0


def test_the_bound_is_operations_over_the_best_rate() -> None:
    def products(large: float, milliseconds: float) -> Record:
        message = {"mflop": 400.0, "products_ms": milliseconds, "products_gflops": 1.0}
        return {
            "large_gflops": large,
            "messages": [{"pieces": 12, **message}, {"pieces": 14, **message}],
            "shape": {"layers_run": 6},
        }

    found = bound_records(rounds(1.0), [products(80.0, 9.0), products(100.0, 8.0)])
    assert [one["pieces"] for one in found] == [12, 14]
    assert found[0]["bound_ms"] == pytest.approx(4.0)
    assert found[0]["products_ms"] == 8.0
    assert [one["component_ms_p50"] for one in found] == [1.5, 4.0]
    assert "| 12 " in tables(found)


def test_memory_is_this_processes_own() -> None:
    assert 10 < rss_mb() <= peak_rss_mb() + 1
