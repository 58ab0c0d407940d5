"""The chat page in a real browser, on a real server with the small bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot, small_model
from tests.channels.voice.speech import make_language

__all__ = ["small_model"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def talking_bot(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Iterator[Bot]:
    """A server with a chat page that can be spoken to."""
    folder = tmp_path_factory.mktemp("talking")
    environment = {
        "PARLEY_DATABASE_URL": f"sqlite:///{folder}/parley.db",
        "PARLEY_VOICE_LANGUAGE": str(make_language(folder / "language")),
        "PARLEY_VOICE_WORKERS": "2",
    }
    entry = {"sessions_per_hour": 1000, "trusted_proxies": ["127.0.0.1"]}
    with ActionServer() as actions:
        bot = Bot(folder, small_model, actions, {"channels.web.WebInput": entry}, environment)
        bot.start()
        yield bot
        bot.stop()
