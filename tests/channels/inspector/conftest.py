"""One server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.channels.inspector.watching import CHANNELS, ENVIRONMENT, Watcher


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Iterator[Bot]:
    """The small bot, with the REST channel and the inspector."""
    with ActionServer() as actions:
        bot = Bot(tmp_path_factory.mktemp("inspected"), small_model, actions, CHANNELS, ENVIRONMENT)
        try:
            yield bot.start()
        finally:
            bot.stop()


@pytest.fixture
def watcher(bot: Bot) -> Watcher:
    """Somebody who is signed in."""
    watcher = Watcher(bot)
    assert watcher.sign_in().status == 204
    return watcher
