"""The assistant with every channel open, and the real action server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.processes import running, wait_until_healthy
from scripts.project import process_environment
from tests.channels.action_server import ActionServer
from tests.channels.conftest import START_SECONDS, Bot, free_port
from tests.channels.guard.endpoints import CHANNELS, Target, environment
from tests.channels.telegram.conftest import environment_for
from tests.services.slack import SECRET as SLACK_SECRET
from tests.services.slack import SlackService
from tests.services.telegram import Telegram


@pytest.fixture(scope="session")
def action_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int, Path]]:
    """The action server as it is shipped: its port, its process and its log."""
    folder = tmp_path_factory.mktemp("actions")
    port, log = free_port(), folder / "actions.log"
    surroundings = {
        **process_environment(),
        "PARLEY_DATABASE_URL": f"sqlite:///{folder / 'parley.db'}",
        "PARLEY_CALENDARS": str(folder / "calendars"),
    }
    arguments = ("--actions", "actions", "--port", str(port))
    with running("rasa_sdk", *arguments, environment=surroundings, log=log) as server:
        wait_until_healthy(server, port, "/health", START_SECONDS)
        yield port, server.pid, log


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Iterator[Bot]:
    """The small bot with all channels."""
    folder = tmp_path_factory.mktemp("everything")
    slack = SlackService().start()
    with ActionServer() as actions, Telegram() as telegram:
        services = environment({**environment_for(telegram), **slack.environment})
        bot = Bot(folder, small_model, actions, CHANNELS, {**services, "LOG_LEVEL": "WARNING"})
        try:
            yield bot.start()
        finally:
            bot.stop()
            slack.stop()


@pytest.fixture(scope="session")
def target(everything: Bot, action_port: tuple[int, int, Path]) -> Target:
    assert everything.process is not None
    port, pid, _ = action_port
    return Target(
        everything.url, f"http://127.0.0.1:{port}", (everything.process.pid, pid), SLACK_SECRET
    )
