"""The channels that a server opens: those of credentials.yml, or those named in CHANNELS."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from scripts.console import give_up
from scripts.project import setting

CREDENTIALS = Path("credentials.yml")

CHANNELS = {
    "rest": "channels.rest.RestInput",
    "telegram": "channels.telegram.TelegramInput",
    "slack": "channels.slack.SlackInput",
    "web": "channels.web.WebInput",
    "voice": "channels.voice.VoiceInput",
    "inspector": "channels.inspector.InspectorInput",
}
"""What a channel is called here, and what Rasa calls it in credentials.yml."""

GUARD = "channels.guard.GuardInput"
"""Limits all the others, and so comes along with whichever they are."""


def named_channels() -> list[str]:
    """The channels in CHANNELS ("web telegram"); empty where credentials.yml shall decide."""
    names = setting("CHANNELS", "").replace(",", " ").split()
    for name in names:
        if name not in CHANNELS:
            give_up(f"CHANNELS names '{name}'; there are {', '.join(CHANNELS)}.")
    return names


@contextlib.contextmanager
def credentials_for(names: Sequence[str]) -> Iterator[Path]:
    """A credentials file with these channels alone; credentials.yml itself where none is named.

    What credentials.yml says of a channel is kept. A channel that is not named is not opened:
    `rest`, which believes whatever sender it is told, does not come along to a public address.
    """
    if not names:
        yield CREDENTIALS
        return
    known = yaml.safe_load(CREDENTIALS.read_text(encoding="utf-8")) or {}
    wanted = [GUARD, *(CHANNELS[name] for name in names)]
    chosen = {path: known.get(path) for path in wanted}
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        path = Path(folder) / "credentials.yml"
        path.write_text(yaml.safe_dump(chosen, sort_keys=False), encoding="utf-8")
        yield path
