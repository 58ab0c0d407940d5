"""`make telegram` as a person meets it: what it says of mistakes, and that it serves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.conftest import free_port
from tests.channels.telegram.people import Person
from tests.scripts.conftest import ROOT, copy_project
from tests.scripts.test_chat_and_serve import FILES
from tests.services.telegram import SECRET, TOKEN, USERNAME, WEBHOOK_URL, Telegram

pytestmark = [pytest.mark.services]


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture(autouse=True)
def nothing_registered(telegram: Telegram) -> None:
    telegram.webhook = {}
    telegram.webhook_error = ""


def check(telegram: Telegram, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    environment = {
        **kept,
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-m", "scripts.telegram", "--check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert TOKEN not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    return done


def test_all_is_well_for_polling(telegram: Telegram) -> None:
    telegram.webhook = {"url": "https://old.example.org/x"}
    done = check(telegram)
    assert done.returncode == 0, done.stderr
    assert "complete, for polling" in done.stdout
    assert f"@{USERNAME}, https://t.me/{USERNAME}" in done.stdout
    assert "Telegram calls https://old.example.org/x; that is ended" in done.stdout
    # It has looked, and changed nothing.
    assert telegram.webhook


def test_all_is_well_for_a_webhook(telegram: Telegram) -> None:
    done = check(telegram, TELEGRAM_WEBHOOK_URL=WEBHOOK_URL, TELEGRAM_WEBHOOK_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    assert f"shall call {WEBHOOK_URL}/webhooks/telegram/webhook." in done.stdout


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"TELEGRAM_BOT_TOKEN": ""}, ["TELEGRAM_BOT_TOKEN is not set: ask @BotFather"]),
        (
            {"TELEGRAM_BOT_TOKEN": " ", "TELEGRAM_WEBHOOK_URL": WEBHOOK_URL},
            ["TELEGRAM_BOT_TOKEN is not set", "TELEGRAM_WEBHOOK_SECRET is not set: make one up"],
        ),
        ({"TELEGRAM_BOT_TOKEN": "Parley"}, ["TELEGRAM_BOT_TOKEN is no bot token"]),
        (
            {"TELEGRAM_BOT_TOKEN": f"{TOKEN}x"},
            ["Telegram knows no bot with this token (401 Unauthorized): copy it again"],
        ),
        ({"TELEGRAM_API_URL": "http://127.0.0.1:1"}, ["does not answer (getMe: ConnectError)"]),
        ({"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "x"},
         ["set TELEGRAM_WEBHOOK_URL"]),
        ({"TELEGRAM_WEBHOOK_URL": WEBHOOK_URL, "TELEGRAM_WEBHOOK_SECRET": "a b"},
         ["TELEGRAM_WEBHOOK_SECRET is not what Telegram takes: give 1 to 256 of A-Z"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line_each(
    telegram: Telegram, variables: dict[str, str], told: list[str]
) -> None:
    done = check(telegram, **variables)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == len(told)
    for line, expected in zip(lines, told, strict=True):
        assert line.startswith("wrong  ")
        assert expected in line


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://parley.example.org", "which begins with https://"),
        ("https://parley.example.org:5005", "has the port 5005, which Telegram does not call"),
        ("https://192.168.1.5", "'192.168.1.5', which only this network knows"),
        ("https://localhost:8443", "'localhost', which only this network knows"),
        ("https://nas.local", "'nas.local', which only this network knows"),
    ],
)
def test_an_address_that_telegram_cannot_call_is_told_before_anybody_is_asked(
    telegram: Telegram, address: str, told: str
) -> None:
    # Telegram's own API, which no test asks: it gives up before.
    done = check(
        telegram,
        TELEGRAM_API_URL="",
        TELEGRAM_WEBHOOK_URL=address,
        TELEGRAM_WEBHOOK_SECRET=SECRET,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("Wrong response from the webhook: 403 Forbidden", "TELEGRAM_WEBHOOK_SECRET had another"),
        ("Wrong response from the webhook: 502 Bad Gateway", "Parley behind it did not"),
        ("Connection refused", "start the proxy, open the firewall"),
        ("SSL error {error:0A000086}", "the certificate must be a public authority's"),
        ("Something new", "look at the proxy"),
    ],
)
def test_what_telegram_says_of_its_last_call_is_told(
    telegram: Telegram, error: str, told: str
) -> None:
    telegram.webhook = {"url": f"{WEBHOOK_URL}/webhooks/telegram/webhook"}
    telegram.webhook_error = error
    done = check(telegram, TELEGRAM_WEBHOOK_URL=WEBHOOK_URL, TELEGRAM_WEBHOOK_SECRET=SECRET)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert error in line
    assert told in line


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small assistant with the project's own scripts and channels, trained once."""
    folder = tmp_path_factory.mktemp("assistant on telegram")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    copy_project(folder)
    subprocess.run([sys.executable, "-m", "scripts.train"], cwd=folder, check=True, timeout=240)
    return folder


@pytest.mark.slow
def test_it_serves_telegram_and_nothing_else(telegram: Telegram, trained: Path) -> None:
    ports = [free_port(), free_port()]
    environment = {
        **os.environ,
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "PARLEY_PORT": str(ports[0]),
        "ACTION_PORT": str(ports[1]),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.telegram"],
        cwd=trained,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as serving:
        try:
            ada = Person(telegram)
            ada.says("/start")
            ada.says("who am I")
            ada.hears("Good to see you.", f"You are {ada.conversation}.", seconds=200)
        finally:
            serving.terminate()
            said, _ = serving.communicate(timeout=60)
    assert serving.returncode == 128 + signal.SIGTERM
    assert f"@{USERNAME}" in said
    assert "webhooks/rest" not in said
    assert TOKEN not in said
