"""The channels that a server opens."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import yaml

from scripts import credentials
from scripts.credentials import CHANNELS, GUARD, credentials_for, named_channels
from scripts.project import ROOT


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_without_names_the_file_decides() -> None:
    with credentials_for([]) as path:
        assert path == Path("credentials.yml")


def test_the_named_channels_are_opened_and_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "credentials.yml"
    file.write_text("rest:\nchannels.web.WebInput: {origins: ['https://a.example']}\n")
    monkeypatch.setattr(credentials, "CREDENTIALS", file)
    monkeypatch.setenv("CHANNELS", "web, telegram")
    with credentials_for(named_channels()) as path:
        assert yaml.safe_load(path.read_text()) == {
            "channels.guard.GuardInput": None,
            "channels.web.WebInput": {"origins": ["https://a.example"]},
            "channels.telegram.TelegramInput": None,
        }
    assert not path.exists()


def test_an_unknown_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHANNELS", "web icq")
    with pytest.raises(SystemExit):
        named_channels()
    assert "names 'icq'" in capsys.readouterr().err


@pytest.mark.parametrize("path", [GUARD, *CHANNELS.values()])
def test_every_channel_is_where_rasa_looks_for_it(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert hasattr(import_module(module), name)
