"""Rasa's server with health, readiness and an end, by `operations.lifecycle`.

Rasa has no place for routes of one's own but its channels, of which there may be none; so what
makes its server is wrapped.
"""

from __future__ import annotations

import asyncio
from typing import Any

import rasa.core.run
from rasa.core.agent import Agent
from sanic import Sanic

from channels.connector import Connector
from operations import lifecycle
from operations.locks import RedisLocks
from operations.trackers import SqlTrackers


class NotThereError(Exception):
    """A part that a turn needs is not there."""


def install() -> None:
    """Has Rasa's servers of this process made with it."""
    make = rasa.core.run.configure_app

    def make_with_lifecycle(*arguments: Any, **named: Any) -> Sanic:
        app: Sanic = make(*arguments, **named)
        attach(app)
        return app

    rasa.core.run.configure_app = make_with_lifecycle


def attach(app: Sanic) -> None:
    """Gives Rasa's server its health, its readiness and its end."""

    def agent() -> Agent:
        there = getattr(app.ctx, "agent", None)
        if there is None or not there.is_ready():
            raise NotThereError("no model is loaded")
        return there

    async def model() -> None:
        agent()

    async def conversations() -> None:
        store = getattr(agent().tracker_store, "_tracker_store", None)
        if isinstance(store, SqlTrackers):
            await asyncio.to_thread(store.ping)

    async def locks() -> None:
        if isinstance(agent().lock_store, RedisLocks):
            await asyncio.to_thread(agent().lock_store.ping)

    async def channels() -> None:
        for channel in getattr(app.ctx, "input_channels", None) or []:
            if isinstance(channel, Connector):
                await asyncio.to_thread(channel.store.database.ping)

    lifecycle.attach(
        app,
        {"model": model, "conversations": conversations, "locks": locks, "channels": channels},
    )
