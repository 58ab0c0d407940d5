"""One bot in one workspace, which the tests of Slack share; each has people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.channels.slack.workspace import Workspace
from tests.services.slack import SlackService

CHANNEL = "channels.slack.SlackInput"


@pytest.fixture(scope="session")
def slack() -> Iterator[SlackService]:
    service = SlackService().start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def shared_actions() -> Iterator[ActionServer]:
    with ActionServer() as server:
        yield server


@pytest.fixture(scope="session")
def workspace(
    tmp_path_factory: pytest.TempPathFactory,
    small_model: Path,
    shared_actions: ActionServer,
    slack: SlackService,
) -> Iterator[Workspace]:
    """The bot as it is without settings."""
    folder = tmp_path_factory.mktemp("slack")
    environment = {**slack.environment, "LOG_LEVEL": "DEBUG"}
    bot = Bot(folder, small_model, shared_actions, {CHANNEL: None}, environment)
    bot.start()
    yield Workspace(bot, slack)
    bot.stop()
