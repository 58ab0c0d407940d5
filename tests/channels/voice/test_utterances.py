"""Speech over HTTP, on a real server: a recording in, an effect, and a spoken answer out."""

from __future__ import annotations

import io
import json
import os
import signal
import urllib.error
import urllib.request
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import numpy as np
import pytest
import soundfile

from channels.wording import MANY_SPEAK, NO_EARS, NOT_CAUGHT, NOTHING_SAID
from tests.channels.conftest import Bot
from tests.channels.voice.conftest import TOKEN, SpokenBot
from tests.channels.voice.speech import spoken
from tests.services.processes import running_below
from voice.audio import RATE, Samples, seconds
from voice.formats import opus_bytes, read_sound, wave_bytes

pytestmark = pytest.mark.services

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Told:
    """What the server answered."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def texts(self) -> list[str]:
        return [reply["text"] for reply in self.json["replies"]]


def ask(bot: Bot, path: str, body: bytes | None = None, **headers: str) -> Told:
    given = {"Authorization": f"Bearer {TOKEN}", **headers}
    request = urllib.request.Request(
        f"{bot.url}/webhooks/voice/{path}",
        body,
        {name.replace("_", "-"): value for name, value in given.items() if value},
    )
    try:
        with OPENER.open(request, timeout=120) as answer:
            return Told(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Told(error.code, error.headers, error.read())


def say(bot: Bot, said: str | Samples | bytes, who: str, headers: Any = None, **more: str) -> Told:
    """Speaks a sentence, samples, or sends what is in a file."""
    if isinstance(said, str):
        said = spoken(said)
    content = said if isinstance(said, bytes) else wave_bytes(said, RATE)
    return ask(bot, f"utterance?{urlencode({'sender': who, **more})}", content, **(headers or {}))


def in_form(samples: Samples, rate: int, kind: str, subtype: str, channels: int = 1) -> bytes:
    """A recording as another device makes it."""
    from scipy.signal import resample_poly

    sound = resample_poly(samples / 2.0**15, rate, RATE)
    written = io.BytesIO()
    columns = np.stack([sound] * channels, axis=1)
    soundfile.write(written, columns, rate, format=kind, subtype=subtype)
    return written.getvalue()


def events(bot: Bot, who: str) -> list[dict[str, Any]]:
    tracker = bot.api(f"/conversations/{quote(f'voice~{who}')}/tracker")
    return [event for event in tracker["events"] if event["event"] in ("user", "bot")]


# ------------------------------------------------------------------------- the model


def test_a_model_that_cannot_be_spoken_to_says_so_in_a_line(bot: SpokenBot) -> None:
    assert bot.deaf == (503, NO_EARS)
    lines = [line for line in bot.log.splitlines() if "nothing can be heard" in line]
    assert len(lines) == 1 and "no language model" in lines[0]
    # Another one was loaded meanwhile, and with it other ears.
    assert say(bot, "hello", "second", audio="none").texts == ["Hello!"]


# ---------------------------------------------------------------------- round trips


def test_what_is_said_is_heard_answered_and_spoken(bot: Bot) -> None:
    told = say(bot, "count", "ada")
    assert told.status == 200, told.body
    assert told.json["heard"]["text"] == "count"
    assert told.json["heard"]["accepted"] is True
    assert told.texts == ["That makes 1."]
    sound = read_sound(b64decode(told.json["audio"]))
    assert 0.5 < seconds(sound) < 5 and np.abs(sound).max() > 1000
    # It was done once, and is in the conversation like anything typed.
    assert say(bot, "count", "ada", audio="none").json["replies"] == [
        {"text": "That makes 2.", "buttons": []}
    ]
    assert [event["text"] for event in events(bot, "ada")] == [
        *("count", "That makes 1."),
        *("count", "That makes 2."),
    ]


def test_a_spoken_answer_can_be_heard_again(bot: Bot) -> None:
    told = say(bot, "hello", "echo", {"Accept": "audio/wav"})
    assert told.headers["Content-Type"] == "audio/wav"
    assert unquote(told.headers["X-Heard"]) == "hello"
    assert unquote(told.headers["X-Said"]) == "Hello!"
    # What the assistant says, its own recogniser understands.
    assert say(bot, told.body, "echo", audio="none").json["heard"]["text"] == "hello"


def test_the_first_sentence_comes_first(bot: Bot) -> None:
    told = say(bot, "ask me", "ines", {"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in told.body.splitlines()]
    assert [next(iter(line)) for line in lines[:3]] == ["heard", "replies", "audio"]
    assert lines[1]["replies"][0]["text"] == "Shall I?"
    assert lines[1]["replies"][0]["buttons"] == [{"title": "Yes"}, {"title": "No"}]
    assert all(seconds(read_sound(b64decode(line["audio"]))) > 0.2 for line in lines[2:])
    # And the question can be answered aloud.
    assert say(bot, "yes please", "ines", audio="none").texts == ["Done."]


@pytest.mark.parametrize(
    "form",
    [
        (8_000, "WAV", "PCM_16", 1),
        (48_000, "WAV", "PCM_24", 2),
        (44_100, "WAV", "FLOAT", 1),
        (44_100, "FLAC", "PCM_16", 2),
        (44_100, "MP3", "MPEG_LAYER_III", 1),
        (48_000, "OGG", "OPUS", 1),
    ],
    ids=lambda form: f"{form[1]}-{form[2]}-{form[0]}-{form[3]}",
)
def test_recordings_of_all_kinds_are_heard(bot: Bot, form: tuple[int, str, str, int]) -> None:
    rate, kind, subtype, channels = form
    content = in_form(spoken("show me"), rate, kind, subtype, channels)
    told = say(bot, content, f"{kind}-{subtype}", audio="none")
    assert told.json["heard"]["text"] == "show me"
    assert told.texts == ["Here it is."]


def test_an_utterance_with_a_key_is_acted_on_once(bot: Bot) -> None:
    content = wave_bytes(spoken("count"), RATE)
    key = {"Idempotency_Key": "the-first-word-of-tom"}
    with ThreadPoolExecutor(3) as several:
        told = list(several.map(lambda _: say(bot, content, "tom", key), range(3)))
    assert [one.texts for one in told] == [["That makes 1."]] * 3
    assert [one.json["heard"]["text"] for one in told] == ["count"] * 3
    # The same key of somebody else is another utterance.
    assert say(bot, content, "tim", key).texts == ["That makes 1."]
    assert say(bot, content, "tom", {"Idempotency_Key": "the-second"}).texts == ["That makes 2."]


def test_what_is_said_unasked_can_be_asked_for(bot: Bot) -> None:
    say(bot, "hello", "rita", audio="none")
    place = ask(bot, "news?sender=rita").json["place"]
    bot.api(
        "/conversations/voice~rita/trigger_intent?output_channel=voice", {"name": "EXTERNAL_due"}
    )
    told = ask(bot, f"news?sender=rita&after={place}").json
    assert [reply["text"] for reply in told["replies"]] == ["It is time."]
    assert ask(bot, f"news?sender=rita&after={told['place']}").json["replies"] == []
    assert ask(bot, f"news?sender=rob&after={place}").json["replies"] == []


# ------------------------------------------------------------------------ bad input


def test_silence_and_noise_reach_no_dialogue(bot: Bot) -> None:
    silence = say(bot, np.zeros(3 * RATE, np.int16), "sid")
    assert silence.status == 200
    assert silence.json["heard"] == {"text": "", "confidence": 0.0, "accepted": False}
    assert silence.texts == [NOTHING_SAID]
    noise = np.random.default_rng(1).normal(0, 200, 3 * RATE).astype(np.int16)
    assert say(bot, noise, "sid").texts == [NOTHING_SAID]
    loud = np.random.default_rng(0).normal(0, 6000, 3 * RATE).astype(np.int16)
    assert say(bot, loud, "sid", audio="none").texts == [NOT_CAUGHT]
    # Nor do sentences that the assistant was never taught.
    other = say(bot, "the parliament of norway debated fisheries yesterday", "sid")
    assert not other.json["heard"]["accepted"] and other.texts == [NOT_CAUGHT]
    assert seconds(read_sound(b64decode(other.json["audio"]))) > 0.5
    assert events(bot, "sid") == []


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "Nothing was sent"),
        (b"hello, this is text", 415, "FLAC"),
        (wave_bytes(spoken("hello"), RATE)[:20_000], 400, "ends early"),
        (wave_bytes(spoken("hello"), RATE)[:30], 400, "damaged"),
        (opus_bytes(spoken("hello"), RATE)[:-200], 400, "ends early"),
        (b"ID3" + bytes(range(256)) * 20, 400, "damaged"),
        (wave_bytes(np.zeros(600 * RATE, np.int16), RATE), 413, "60 seconds"),
        (b"RIFF" + bytes(21 * 2**20), 413, "20 MB"),
    ],
    ids=["nothing", "text", "cut", "header", "cut-opus", "mp3", "ten-minutes", "huge"],
)
def test_what_cannot_be_heard_is_refused_in_a_sentence(
    bot: Bot, content: bytes, status: int, words: str
) -> None:
    told = say(bot, content, "max")
    assert (told.status, words in told.json["error"]) == (status, True), told.body
    assert told.json["error"].endswith(".")


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"{TOKEN}"])
def test_without_the_token_nobody_speaks(bot: Bot, token: str) -> None:
    told = ask(bot, "utterance?sender=eve", wave_bytes(spoken("count"), RATE), Authorization=token)
    assert told.status == 401 and "token" in told.json["error"]
    assert ask(bot, "news?sender=ada&after=0", Authorization=token).status == 401


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("utterance", "sender"),
        ("utterance?sender=", "sender"),
        (f"utterance?sender={'x' * 101}", "sender"),
        ("utterance?sender=ada&audio=mp4", "audio"),
        ("utterance?sender=ada&key=%20", "key"),
        ("news?sender=ada&after=soon", "after"),
    ],
)
def test_a_malformed_request_is_told_what_is_wrong(bot: Bot, path: str, words: str) -> None:
    body = None if path.startswith("news") else b"RIFF"
    told = ask(bot, path, body)
    assert told.status == 400 and words in told.json["error"]


def test_twenty_at_once_are_each_heard_or_told_to_wait(bot: Bot) -> None:
    contents = [wave_bytes(spoken(text), RATE) for text in ("count", "ask me", "hello", "show me")]
    texts = ["That makes 1.", "Shall I?", "Hello!", "Here it is."]
    with ThreadPoolExecutor(20) as several:
        told = list(
            several.map(lambda n: say(bot, contents[n % 4], f"person-{n}", audio="none"), range(20))
        )
    heard = [(n, one) for n, one in enumerate(told) if one.status == 200]
    busy = [one for one in told if one.status == 429]
    assert len(heard) + len(busy) == 20 and len(heard) >= 9
    assert all(one.texts == [texts[n % 4]] for n, one in heard)
    assert all(one.json["error"] == MANY_SPEAK and one.headers["Retry-After"] for one in busy)
    assert say(bot, contents[2], "person-21", audio="none").texts == ["Hello!"]


def test_a_worker_that_is_killed_is_replaced(bot: Bot) -> None:
    assert bot.process is not None
    (worker,) = running_below("voice.worker", bot.process.pid)
    os.kill(worker, signal.SIGKILL)
    assert say(bot, "hello", "will", audio="none").texts == ["Hello!"]


# -------------------------------------------------------------------------- keeping


def test_recordings_are_kept_where_asked_for(bot: Bot, recordings: Path) -> None:
    before = set(recordings.iterdir())
    say(bot, "special signs", "kim", audio="none")
    facts, sound = sorted(set(recordings.iterdir()) - before, key=lambda path: path.suffix)
    assert (facts.suffix, sound.suffix, facts.stem) == (".json", ".wav", sound.stem)
    assert "kim" not in sound.name and len(sound.stem) == 32
    kept = json.loads(facts.read_text())
    assert (kept["text"], kept["conversation"]) == ("special signs", "voice~kim")
    assert seconds(read_sound(sound.read_bytes())) > 0.5
    assert {path.stat().st_mode & 0o777 for path in (facts, sound)} == {0o600}


def test_the_log_holds_neither_words_nor_the_token(bot: Bot) -> None:
    say(bot, "a person please", "lou", audio="none")
    assert TOKEN not in bot.log
    assert "a person please" not in bot.log.replace("utter", "")
