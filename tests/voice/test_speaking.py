"""Voices that are processes, and what becomes of them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import numpy as np
import psutil
import pytest

from voice.audio import to_samples
from voice.speaking import default_synthesizer, speak, speakable, synthesizer_of
from voice.speaking_engines import EspeakVoice, FliteVoice, PiperVoice, ProcessVoice
from voice.sphinx import SphinxRecognizer
from voice.tts import Sound, SynthesizerError

LONG = "This is a rather long sentence about nothing. " * 30


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and child.name() in {"espeak-ng", "flite"}
    ]


@pytest.fixture(params=["espeak-ng:en-gb", "flite:slt"])
def voice(request: pytest.FixtureRequest) -> ProcessVoice:
    found = synthesizer_of(request.param)
    assert isinstance(found, ProcessVoice)
    return found


async def test_a_sentence_becomes_sound(voice: ProcessVoice) -> None:
    sound = await voice.say("What time is it?")
    assert 0.5 < sound.seconds < 3
    assert sound.samples.dtype == np.int16
    assert np.abs(sound.samples.astype(int)).max() > 3000


async def test_longer_text_takes_longer_to_play(voice: ProcessVoice) -> None:
    one, other = [
        await voice.say(text) for text in ("Yes.", "Yes, and then a lot of other things.")
    ]
    assert other.seconds > 1.5 * one.seconds


@pytest.mark.parametrize(
    "text", ["", " ", "...", "-h", "--help", "-f /etc/hostname", "[[@]]", "a\0b\nc", "<speak>", "é"]
)
async def test_no_text_is_an_option_or_an_error(voice: ProcessVoice, text: str) -> None:
    sound = await voice.say(text)
    assert sound.seconds < 4


async def test_two_voices_differ() -> None:
    words = "Good morning"
    one, other = (
        await EspeakVoice("en-us").say(words),
        await EspeakVoice("en-gb-scotland").say(words),
    )
    assert len(one.samples) != len(other.samples) or (one.samples != other.samples).any()


async def test_flite_is_heard_again(recognizer: SphinxRecognizer) -> None:
    voice = FliteVoice("slt")
    for text in ("Please turn off the heating.", "What time is it?"):
        sound = await voice.say(text)
        heard = recognizer.recognize(to_samples(sound.samples / 2.0**15, sound.rate))
        assert heard.text == text.lower().strip(".?")


async def test_an_answer_comes_sentence_by_sentence(voice: ProcessVoice) -> None:
    text = "**Hello!** It is 7:05. Your list has:\n- milk\n- eggs"
    async with aclosing(speak(voice, text)) as sounds:
        spoken = [sound async for sound in sounds]
    assert len(spoken) == len(speakable(text)) == 3
    assert all(sound.seconds > 0.2 for sound in spoken)


async def test_nothing_to_say_is_no_sound(voice: ProcessVoice) -> None:
    async with aclosing(speak(voice, "🙂")) as sounds:
        assert [sound async for sound in sounds] == []


async def test_who_stops_listening_leaves_no_process(voice: ProcessVoice) -> None:
    async with aclosing(speak(voice, f"First. {LONG}")) as sounds:
        async for _ in sounds:
            break
    assert children() == []


async def test_a_cancelled_sentence_is_killed(voice: ProcessVoice) -> None:
    job = asyncio.ensure_future(voice.say(LONG[:1500]))
    while not children() and not job.done():
        await asyncio.sleep(0.001)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert children() == []
    assert (await voice.say("Still here.")).seconds > 0.3


async def test_one_that_takes_too_long_is_killed() -> None:
    voice = FliteVoice(timeout=0.001)
    with pytest.raises(SynthesizerError, match="said nothing within"):
        await voice.say(LONG[:1500])
    assert children() == []


async def test_no_more_processes_than_allowed() -> None:
    voice, most = FliteVoice(at_once=2), 0
    jobs = [asyncio.ensure_future(voice.say(LONG[:90])) for _ in range(6)]
    while not all(job.done() for job in jobs):
        most = max(most, len(children()))
        await asyncio.sleep(0.02)
    sounds = await asyncio.gather(*jobs)
    assert len({len(sound.samples) for sound in sounds}) == 1
    assert 1 <= most <= 2


async def test_what_is_too_long_for_a_sentence_is_refused(voice: ProcessVoice) -> None:
    with pytest.raises(SynthesizerError, match="too many"):
        await voice.say("a" * 3000)


async def test_a_voice_that_fails_says_so_in_one_line(tmp_path: Path) -> None:
    voice = EspeakVoice()
    voice._path = str(tmp_path)  # what was installed is gone
    with pytest.raises(SynthesizerError) as raised:
        await voice.say("Hello.")
    assert "\n" not in str(raised.value)


class Failing:
    """A voice that speaks one sentence and no more."""

    def __init__(self, voice: ProcessVoice) -> None:
        self.voice = voice

    async def say(self, sentence: str) -> Sound:
        if sentence != "One.":
            raise SynthesizerError("no more")
        return await self.voice.say(sentence)


async def test_what_was_said_before_a_failure_is_heard(voice: ProcessVoice) -> None:
    heard = []
    with pytest.raises(SynthesizerError, match="no more"):
        async with aclosing(speak(Failing(voice), "One. Two. Three.")) as sounds:
            async for sound in sounds:
                heard.append(sound)
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bogus", "there is no voice 'bogus'"),
        ("flite:bogus", "flite has no voice 'bogus'"),
        ("espeak-ng:bogus", "espeak-ng has no voice 'bogus'"),
        ("espeak-ng:--help", "not the name of a voice"),
        ("piper", "piper:FILE.onnx"),
        ("piper:/nowhere/voice.onnx", "lacks a file"),
    ],
)
def test_a_voice_that_is_not_there(name: str, told: str) -> None:
    with pytest.raises(SynthesizerError, match=told) as raised:
        default_synthesizer({"PARLEY_VOICE": name})
    assert "\n" not in str(raised.value)


def test_a_description_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "voice.onnx").write_bytes(b"")
    (tmp_path / "voice.onnx.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SynthesizerError, match="does not describe a voice"):
        PiperVoice(str(tmp_path / "voice.onnx"))


@pytest.mark.parametrize(
    ("name", "told"),
    [("espeak-ng", "apt-get install espeak-ng"), ("flite", "apt-get install flite")],
)
def test_a_program_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, told: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SynthesizerError, match=told):
        synthesizer_of(name)
    with pytest.raises(SynthesizerError, match="No voice is installed"):
        default_synthesizer({})


def test_where_none_is_chosen_the_embedded_one_speaks() -> None:
    assert isinstance(default_synthesizer({}), EspeakVoice)
    assert isinstance(default_synthesizer({"PARLEY_VOICE": " flite:rms "}), FliteVoice)
