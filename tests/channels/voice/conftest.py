"""One server that is spoken to, for the tests of this folder."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import API_TOKEN, Bot
from tests.channels.voice.speech import make_language, spoken
from voice.audio import RATE
from voice.formats import wave_bytes

TOKEN = "token-of-whoever-may-speak"

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SpokenBot(Bot):
    """A server that was started with a model that nobody can speak to, and then given another."""

    deaf: tuple[int, str]
    """What it answered to the first utterance: the status, and the words."""


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps what was said."""
    return tmp_path_factory.mktemp("kept") / "recordings"


@pytest.fixture(scope="session")
def spoken_model(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Path:
    """The small bot's model with a language model for speech in it, as `rasa train` packs one."""
    folder = tmp_path_factory.mktemp("spoken")
    language = make_language(folder / "language")
    plain = folder / "plain"
    with tarfile.open(small_model) as archive:
        archive.extractall(plain)
    shutil.copytree(language, plain / "components" / "train_SpeechLanguage1")
    path = folder / "spoken.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(plain, arcname="")
    return path


@pytest.fixture(scope="session")
def bot(
    tmp_path_factory: pytest.TempPathFactory,
    small_model: Path,
    spoken_model: Path,
    recordings: Path,
) -> Iterator[SpokenBot]:
    folder = tmp_path_factory.mktemp("voice")
    environment = {
        "PARLEY_VOICE_TOKEN": TOKEN,
        "PARLEY_VOICE_KEEP_AUDIO": str(recordings),
        "PARLEY_VOICE_WORKERS": "1",
    }
    with ActionServer() as actions:
        credentials = {"channels.voice.VoiceInput": None}
        bot = SpokenBot(folder, small_model, actions, credentials, environment)
        bot.start()
        try:
            bot.deaf = first_word(bot)
            load(bot, spoken_model)
            yield bot
        finally:
            bot.stop()


def first_word(bot: Bot) -> tuple[int, str]:
    """What is answered to somebody who cannot be heard."""
    request = urllib.request.Request(
        f"{bot.url}/webhooks/voice/utterance?sender=first",
        wave_bytes(spoken("hello"), RATE),
        {"Authorization": f"Bearer {TOKEN}"},
    )
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(io.BytesIO(error.read()))["error"]


def load(bot: Bot, model: Path) -> None:
    """Has the running server take another model."""
    request = urllib.request.Request(
        f"{bot.url}/model?token={API_TOKEN}",
        json.dumps({"model_file": str(model)}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with OPENER.open(request, timeout=120) as answer:
        assert answer.status == 204
