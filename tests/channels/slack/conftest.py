"""One bot in one workspace, which the tests of Slack share; each has people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.channels.line import RECEIVER_VARIABLE
from tests.channels.receiver import Receiver
from tests.channels.slack.workspace import Workspace
from tests.services.slack import SlackService

CHANNEL = "channels.slack.SlackInput"

HELP = "C0HELP"
"""Where people take over from the bot."""


@pytest.fixture(scope="session")
def slack() -> Iterator[SlackService]:
    service = SlackService().start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where the replies of another channel arrive."""
    with Receiver() as receiver:
        yield receiver


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
    receiver: Receiver,
) -> Iterator[Workspace]:
    """The bot as it is without settings, beside another channel and one that cannot push."""
    folder = tmp_path_factory.mktemp("slack")
    environment = {
        **slack.environment,
        "PARLEY_HANDOFF_SLACK_CHANNEL": HELP,
        RECEIVER_VARIABLE: receiver.url,
        "LOG_LEVEL": "DEBUG",
    }
    channels = {CHANNEL: None, "tests.channels.line.LineInput": None, "rest": None}
    bot = Bot(folder, small_model, shared_actions, channels, environment)
    bot.start()
    yield Workspace(bot, slack)
    bot.stop()
