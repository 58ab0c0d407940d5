"""The action server with readiness and an end, by `operations.lifecycle`.

They are attached by the hook that the SDK has for it; `scripts/action_program.py` is the program.
"""

from __future__ import annotations

import asyncio

from pluggy import HookimplMarker
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic

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


def install() -> None:
    """Registers with the SDK's plugins; before its command line is run."""
    plugin_manager().register(Extensions())
