"""The action server with readiness and an end, and with effects that are had once.

They are attached by the hook that the SDK has for it; `scripts/action_program.py` is the program.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from pluggy import HookimplMarker
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic

from actions.once import Once
from actions.settings import read_settings
from actions.storage.database import open_database
from operations import lifecycle


class Extensions:
    """What is registered with the SDK's plugins."""

    @staticmethod
    @HookimplMarker("rasa_sdk")
    def attach_sanic_app_extensions(app: Sanic) -> None:
        """The SDK's hook: gives the action server its readiness and its end."""
        lifecycle.attach(app, {"storage": storage}, has_health=True)


async def storage() -> None:
    """Asks the skills' database whether it is there."""
    settings = read_settings()

    def ask() -> None:
        # The database that the actions have open: it is opened but once.
        open_database(settings.database_url, settings.database_timeout * 0.8).ping()

    await asyncio.to_thread(ask)


def run_effects_once() -> None:
    """Has the actions of this process run by `actions.once`; the SDK has no hook around them."""
    run = ActionExecutor.run

    async def run_once(executor: ActionExecutor, action_call: dict[str, Any]) -> Any:
        if not hasattr(executor, "parley_once"):
            executor.parley_once = Once(partial(run, executor))
        return await executor.parley_once.run(action_call)

    ActionExecutor.run = run_once


def install() -> None:
    """Registers with the SDK's plugins; before its command line is run."""
    run_effects_once()
    plugin_manager().register(Extensions())
