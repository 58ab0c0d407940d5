"""What the server is told of hearing, and what of it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.settings import ChannelSettingsError
from channels.voice.channel import TOKEN_VARIABLE, VoiceInput
from channels.voice.settings import read_hearing_settings
from channels.voice.speech import aloud

TOKEN = "0123456789abcdef"


def test_hearing_is_set_up_by_the_environment(tmp_path: Path) -> None:
    plain = read_hearing_settings({})
    assert plain.keep_audio is None and plain.language is None and plain.workers >= 1
    settings = read_hearing_settings(
        {
            "PARLEY_VOICE_WORKERS": "3",
            "PARLEY_VOICE_ENGINE": "whisper",
            "PARLEY_VOICE_MODEL": str(tmp_path),
            "PARLEY_VOICE_KEEP_AUDIO": str(tmp_path / "said"),
            "PARLEY_VOICE_KEEP_DAYS": "2",
        }
    )
    assert (settings.workers, settings.engine, settings.model) == (3, "whisper", tmp_path)
    assert (settings.keep_audio, settings.kept.days) == (tmp_path / "said", 2)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PARLEY_VOICE_WORKERS", "0"),
        ("PARLEY_VOICE_WORKERS", "many"),
        ("PARLEY_VOICE_KEEP_DAYS", "-1"),
        ("PARLEY_VOICE_LANGUAGE", "/nowhere/at/all"),
    ],
)
def test_what_is_wrong_is_named(variable: str, value: str) -> None:
    with pytest.raises(ChannelSettingsError, match=variable):
        read_hearing_settings({variable: value})


@pytest.mark.parametrize("token", ["", "short", "with a line\nbreak in it"])
def test_without_a_token_the_channel_does_not_open(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    with pytest.raises(ChannelSettingsError, match=TOKEN_VARIABLE):
        VoiceInput.from_credentials(None)


@pytest.mark.parametrize("entry", [{"seconds": 3600}, {"megabytes": 0}, {"tokens": "x"}])
def test_settings_out_of_bounds_are_refused(
    entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    assert VoiceInput.from_credentials({"seconds": 30}).name() == "voice"
    with pytest.raises(ChannelSettingsError, match=next(iter(entry))):
        VoiceInput.from_credentials(entry)


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ([], "Which one?"),
        (["Yes", "No"], "Which one?"),
        (["Milk"], "Which one?\nYou can say: Milk."),
        (["Milk", "Bread", "Eggs"], "Which one?\nYou can say: Milk, Bread or Eggs."),
    ],
)
def test_choices_are_said_aloud_where_nobody_sees_them(titles: list[str], said: str) -> None:
    buttons = [{"title": title} for title in titles]
    assert aloud([{"text": "Which one?", "buttons": buttons}, {"image": "https://x"}]) == said
