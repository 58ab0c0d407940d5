"""One server that is spoken to, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.channels.voice.speech import make_language

TOKEN = "token-of-whoever-may-speak"


@pytest.fixture(scope="session")
def language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_language(tmp_path_factory.mktemp("language") / "small")


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps what was said."""
    return tmp_path_factory.mktemp("kept") / "recordings"


@pytest.fixture(scope="session")
def bot(
    tmp_path_factory: pytest.TempPathFactory, small_model: Path, language: Path, recordings: Path
) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("voice")
    environment = {
        "PARLEY_VOICE_TOKEN": TOKEN,
        "PARLEY_VOICE_LANGUAGE": str(language),
        "PARLEY_VOICE_KEEP_AUDIO": str(recordings),
        "PARLEY_VOICE_WORKERS": "1",
    }
    with ActionServer() as actions:
        credentials = {"channels.voice.VoiceInput": None}
        bot = Bot(folder, small_model, actions, credentials, environment)
        bot.start()
        yield bot
        bot.stop()
