"""Many people at once talk to a Rasa server: each is answered once, and all of it is kept."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.arrivals import Turn, drive, plan
from benchmarks.load import alone, cost_figures, judge, not_kept
from benchmarks.served import Served
from tests.channels.conftest import API_TOKEN, MakeBot

pytestmark = [pytest.mark.services, pytest.mark.slow]

TALKS = [[Turn("hello"), Turn("count"), Turn("count")], [Turn("hello"), Turn("show me")]]


def test_many_at_once(make_bot: MakeBot) -> None:
    bot = make_bot({"rest": None}).start()
    assert bot.process is not None
    system = Served("small", bot.url, API_TOKEN, {"assistant": bot.process.pid})
    counts = asyncio.run(alone(system, TALKS))
    assert len(counts) == 5 and (counts[0, 0], counts[0, 1]) == (1, 1)
    before = system.costs()
    planned = plan(20, 2.0, 0.5, TALKS, seed=5, name="load")
    outcomes = asyncio.run(drive(system.webhook, planned, TALKS, 60.0, seed=5))
    figures = judge(outcomes, TALKS, counts)
    assert figures["answered"] == figures["messages"] == len(outcomes) > 40
    assert not any(figures[kind] for kind in ("errors", "unanswered", "lost", "doubled"))
    assert not_kept(system, outcomes) == 0
    costs = cost_figures(before, system.costs(), len(outcomes))
    assert costs["cpu_ms"] > 0.0 and costs["assistant_rss_mb"] > 100.0
    # What a conversation lacks or has twice is seen.
    outcomes[0].sender = "nobody"
    assert not_kept(system, outcomes) > 0
