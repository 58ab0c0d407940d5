"""Talking in the terminal: real devices, made of pipes, and a server that really hears."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pexpect
import pytest

from tests.scripts.conftest import ROOT
from tests.scripts.sound_card import SoundCard
from tests.scripts.talk_server import TalkServer
from tests.voice.conftest import HOUSE
from voice.audio import RATE, Samples, read_wave, seconds, write_wave
from voice.language import train
from voice.pronunciation import Pronunciations
from voice.speaking_engines import FliteVoice
from voice.sphinx import SphinxRecognizer, dictionary_path
from voice.synthesis import synthesise

pytestmark = [pytest.mark.slow, pytest.mark.services]

TOKEN = "a token for the tests"
ANSWER = "Please turn off the heating."
# ALSA with one device, whose card is not there; without any, it ends the whole process.
NO_CARD = "pcm.nothing { type hw card 31 }\n"
QUESTION = "what time is it"


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> SphinxRecognizer:
    folder = tmp_path_factory.mktemp("language") / "house"
    train(HOUSE, folder, Pronunciations(dictionary_path()))
    return SphinxRecognizer(folder)


@pytest.fixture(scope="module")
def server(recognizer: SphinxRecognizer) -> Iterator[TalkServer]:
    served = TalkServer(recognizer, FliteVoice(), TOKEN, ANSWER)
    yield served
    served.close()


@pytest.fixture
def environment(server: TalkServer) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return {
        **kept,
        "TERM": "xterm",
        "PARLEY_PORT": str(server.port),
        "PARLEY_VOICE_TOKEN": TOKEN,
        "PARLEY_VOICE": "flite:slt",
        "CONVERSATION": "a visitor",
    }


@pytest.fixture
def card(tmp_path: Path) -> Iterator[SoundCard]:
    made = SoundCard(tmp_path)
    yield made
    made.close()


def speak(text: str) -> Samples:
    """Speaks a text, with a room's faint noise around it."""
    quiet = np.zeros(RATE // 2, np.int16)
    whole = np.concatenate([quiet, synthesise(text), quiet])
    noise = np.random.default_rng(0).normal(0, 60, len(whole))
    heard: Samples = np.clip(whole + noise, -(2**15), 2**15 - 1).astype(np.int16)
    return heard


def talk(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.talk"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def talk_on_a_terminal(environment: dict[str, str]) -> pexpect.spawn[str]:
    return pexpect.spawn(
        sys.executable,
        ["-m", "scripts.talk"],
        cwd=str(ROOT),
        env=environment,
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 80),
    )


def test_a_recording_is_answered_aloud(
    environment: dict[str, str],
    server: TalkServer,
    recognizer: SphinxRecognizer,
    tmp_path: Path,
) -> None:
    command, answer = tmp_path / "command.wav", tmp_path / "answer.wav"
    write_wave(speak(QUESTION), command)
    talked = talk({**environment, "FILE": str(command), "OUTPUT": str(answer)})
    assert talked.stderr == ""
    assert talked.stdout.splitlines() == [
        f"You: {QUESTION}",
        f"Parley: {ANSWER}",
        "  (More)",
        f"The answer is in {answer}.",
    ]
    assert talked.returncode == 0
    assert server.senders[-1] == "a visitor"
    assert recognizer.recognize(read_wave(answer)).text == ANSWER.lower().strip(".")


def test_a_recording_of_nobody(environment: dict[str, str], tmp_path: Path) -> None:
    command, answer = tmp_path / "silence.wav", tmp_path / "answer.wav"
    write_wave(speak(QUESTION)[:8000] * 0, command)
    talked = talk({**environment, "FILE": str(command), "OUTPUT": str(answer)})
    assert talked.returncode == 1
    assert "Sorry, I did not catch that." in talked.stdout
    assert seconds(read_wave(answer)) > 1


def test_without_a_loudspeaker_the_answer_is_read(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = tmp_path / "command.wav"
    write_wave(speak(QUESTION), command)
    nothing = tmp_path / "asound.conf"
    nothing.write_text(NO_CARD, encoding="utf-8")
    talked = talk({**environment, "FILE": str(command), "ALSA_CONFIG_PATH": str(nothing)})
    assert f"Parley: {ANSWER}" in talked.stdout
    assert "no loudspeaker: OUTPUT=" in talked.stdout
    assert talked.returncode == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"This is a letter.", "not a WAV file"),
        (b"RIFF\0\0\0\0WAVEfmt ", "damaged"),
    ],
)
def test_a_file_that_is_no_recording(
    environment: dict[str, str], tmp_path: Path, content: bytes | None, told: str
) -> None:
    command = tmp_path / "command.wav"
    if content is not None:
        command.write_bytes(content)
    talked = talk({**environment, "FILE": str(command)})
    assert told in talked.stderr
    assert len(talked.stderr.splitlines()) == 1
    assert talked.returncode in (1, 2)


def test_where_the_answer_cannot_go(environment: dict[str, str], tmp_path: Path) -> None:
    command = tmp_path / "command.wav"
    write_wave(speak(QUESTION), command)
    talked = talk({**environment, "FILE": str(command), "OUTPUT": "/nowhere/answer.wav"})
    assert talked.stderr == "OUTPUT=/nowhere/answer.wav: there is no folder /nowhere.\n"
    assert talked.returncode == 1


def test_a_server_that_does_not_let_in(environment: dict[str, str], tmp_path: Path) -> None:
    command = tmp_path / "command.wav"
    write_wave(speak(QUESTION), command)
    environment["PARLEY_VOICE_TOKEN"] = "another one"
    talked = talk({**environment, "FILE": str(command)})
    assert talked.stderr == "Send the token.\n"
    assert talked.returncode == 2


def test_a_machine_without_a_microphone(environment: dict[str, str], tmp_path: Path) -> None:
    nothing = tmp_path / "asound.conf"
    nothing.write_text(NO_CARD, encoding="utf-8")
    talked = talk({**environment, "ALSA_CONFIG_PATH": str(nothing)})
    assert talked.stderr == (
        "There is no microphone on this machine. Without one: make talk FILE=command.wav.\n"
    )
    assert talked.returncode == 1


def test_a_device_that_is_not_there(environment: dict[str, str], card: SoundCard) -> None:
    talked = talk({**environment, **card.environment, "MICROPHONE": "bogus"})
    assert "There is no microphone 'bogus'" in talked.stderr
    assert talked.returncode == 1


def test_a_phrase_that_is_too_short(environment: dict[str, str], card: SoundCard) -> None:
    talked = talk({**environment, **card.environment, "WAKE": "hey"})
    assert "too short" in talked.stderr
    assert talked.returncode == 1


def test_hands_free_from_microphone_to_loudspeaker(
    environment: dict[str, str],
    card: SoundCard,
    recognizer: SphinxRecognizer,
    server: TalkServer,
) -> None:
    terminal = talk_on_a_terminal({**environment, **card.environment})
    terminal.expect("Parley listens")
    terminal.expect(r"\[listening\]")
    card.say(speak(QUESTION))
    terminal.expect(r"\[hearing\] #")
    terminal.expect(r"\[understanding\]")
    terminal.expect(f"You: {QUESTION}")
    terminal.expect(f"Parley: {ANSWER}")
    terminal.expect(r"\[speaking\]")
    terminal.expect(r"\[listening\]")
    assert recognizer.recognize(card.played).text == ANSWER.lower().strip(".")
    server.news.append("Time for tea.")
    terminal.expect("Parley: Time for tea.")
    terminal.expect(r"\[listening\]")
    assert len(card.played) > 0
    terminal.send("\x03")
    terminal.expect(pexpect.EOF)
    assert str(terminal.before).endswith("\r\x1b[K")
    terminal.close()
    assert terminal.exitstatus == 0


def test_push_to_talk_and_a_key_that_stops_the_answer(
    environment: dict[str, str], card: SoundCard, server: TalkServer
) -> None:
    server.answer = "It is very late, and I would rather not say how late it is, as I said before."
    terminal = talk_on_a_terminal({**environment, **card.environment, "PUSH": "1"})
    terminal.expect("press Enter and speak")
    card.say(speak("turn on the lamp in the kitchen"))
    time.sleep(4)
    terminal.send("\r")
    terminal.expect(r"\[listening\]")
    card.say(speak(QUESTION))
    terminal.expect(f"You: {QUESTION}")
    terminal.expect(r"\[speaking\]")
    terminal.send(" ")
    terminal.expect(r"\[listening\]")
    terminal.send("q")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert len(card.played) / 16_000 < 4
    server.answer = ANSWER


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it(
    environment: dict[str, str], card: SoundCard, number: signal.Signals
) -> None:
    terminal = talk_on_a_terminal({**environment, **card.environment})
    terminal.expect(r"\[listening\]")
    terminal.kill(number)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 128 + number
