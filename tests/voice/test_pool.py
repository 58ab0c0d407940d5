"""Decoding in processes of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio

from tests.services.processes import running_below
from tests.voice.conftest import Say
from voice.asr import Recognition, RecognizerError
from voice.audio import RATE, Samples
from voice.pool import BusyError, PoolStream, RecognitionTimeoutError, RecognizerPool

pytestmark = pytest.mark.services

PIECE = RATE // 10


@pytest_asyncio.fixture
async def pool(house: Path) -> AsyncIterator[RecognizerPool]:
    """One worker, and one place to wait."""
    async with RecognizerPool(house, workers=1, waiting=1) as pool:
        yield pool


def pieces(samples: Samples) -> Iterator[Samples]:
    for begin in range(0, len(samples), PIECE):
        yield samples[begin : begin + PIECE]


async def follow(stream: PoolStream, samples: Samples) -> tuple[list[str], Recognition]:
    """Feeds an utterance as a microphone would; the captions, and what was heard."""
    captions = [await stream.feed(piece) for piece in pieces(samples)]
    return captions, await stream.finish()


async def free_again(pool: RecognizerPool) -> None:
    """Waits until a worker that was lost has been replaced."""
    for _ in range(600):
        try:
            async with pool.stream():
                return
        except BusyError:
            await asyncio.sleep(0.1)
    raise AssertionError("No worker came back.")


async def test_two_at_once_do_not_hear_each_other(house: Path, speak: Say) -> None:
    texts = ["turn on the lamp in the kitchen", "what time is it", "please turn off the fan"]
    async with RecognizerPool(house, workers=2, waiting=4) as pool:
        heard = await asyncio.gather(*(pool.recognize(speak(text)) for text in 2 * texts))
        assert [one.text for one in heard] == 2 * texts
        assert heard[0].words[0].text == "turn"
        assert heard[0].alternatives[0].text == texts[0]
        # Nor does a stream hear what is recognised beside it.
        async with pool.stream() as stream:
            following = asyncio.create_task(follow(stream, speak(texts[0])))
            others = await asyncio.gather(*(pool.recognize(speak(text)) for text in texts))
            captions, followed = await following
        assert followed.text == texts[0]
        assert [one.text for one in others] == texts
        assert captions[-1] == texts[0]
        # What is shown grows while somebody speaks.
        assert len(set(captions)) > 2
        async with pool.stream():
            with pytest.raises(BusyError):
                async with pool.stream():
                    pass
            # One is left to those who have spoken already.
            assert (await pool.recognize(speak(texts[1]))).text == texts[1]
    assert not running_below("voice.worker")


async def test_too_many_are_told_so_and_the_others_are_heard(
    pool: RecognizerPool, speak: Say
) -> None:
    samples = speak("what time is it")
    jobs = [asyncio.create_task(pool.recognize(samples)) for _ in range(4)]
    found = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(one, BusyError) for one in found] == [False, False, True, True]
    # And there is room again.
    assert (await pool.recognize(samples)).text == "what time is it"


async def test_the_event_loop_goes_on(pool: RecognizerPool, speak: Say) -> None:
    samples = np.concatenate([speak("turn on the lamp in the kitchen", around=0.1)] * 5)
    turns = 0
    job = asyncio.create_task(pool.recognize(samples))
    while not job.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 3


async def test_what_takes_too_long_is_ended_and_the_next_is_heard(house: Path, speak: Say) -> None:
    noise = np.random.default_rng(0).normal(0, 5000, 10 * RATE).astype(np.int16)
    async with RecognizerPool(house, workers=1, waiting=0, timeout=0.0) as pool:
        with pytest.raises(RecognitionTimeoutError):
            await pool.recognize(noise)
        with pytest.raises(BusyError):
            await pool.recognize(noise)
        pool._timeout = 60.0
        await free_again(pool)
        assert (await pool.recognize(speak("what time is it"))).text == "what time is it"
        assert len(running_below("voice.worker")) == 1


async def test_a_caller_that_leaves_frees_its_worker(pool: RecognizerPool, speak: Say) -> None:
    samples = speak("what time is it")

    async def leaves() -> None:
        async with pool.stream() as stream:
            while True:
                for piece in pieces(samples):
                    await stream.feed(piece)

    for _ in range(3):
        caller = asyncio.create_task(leaves())
        await asyncio.sleep(0.05)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        waiting = asyncio.create_task(pool.recognize(samples))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    # What they had said is in nobody else's utterance.
    assert (await pool.recognize(samples)).text == "what time is it"


async def test_a_stream_that_is_fed_nothing_is_over(house: Path, speak: Say) -> None:
    samples = speak("what time is it")
    async with RecognizerPool(house, workers=1, waiting=1, silent=0.01) as pool:
        async with pool.stream() as stream:
            await asyncio.sleep(0.1)
            with pytest.raises(RecognitionTimeoutError, match="too long"):
                await stream.feed(samples)
            assert (await pool.recognize(samples)).text == "what time is it"


async def test_an_utterance_without_end_is_ended(pool: RecognizerPool) -> None:
    async with pool.stream() as stream:
        with pytest.raises(ValueError, match="60 seconds"):
            await stream.feed(np.zeros(61 * RATE, np.int16))
    await free_again(pool)


async def test_a_worker_that_dies_is_replaced(pool: RecognizerPool, speak: Say) -> None:
    async with pool.stream() as stream:
        (worker,) = running_below("voice.worker")
        psutil.Process(worker).kill()
        with pytest.raises(RecognizerError, match="ended"):
            while True:
                await stream.feed(np.zeros(PIECE, np.int16))
    await free_again(pool)
    assert (await pool.recognize(speak("what time is it"))).text == "what time is it"


async def test_a_pool_without_a_language_model_does_not_start(tmp_path: Path) -> None:
    pool = RecognizerPool(tmp_path, workers=2)
    with pytest.raises(RecognizerError, match="not started"):
        await pool.recognize(np.zeros(RATE, np.int16))
    with pytest.raises(RecognizerError, match="train first"):
        await pool.start()
    with pytest.raises(RecognizerError, match="no recogniser 'parrot'"):
        await RecognizerPool(tmp_path, engine="parrot").start()
    assert not running_below("voice.worker")


def test_a_worker_ends_with_who_asks_it(house: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "voice.worker", str(house)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin and process.stdout
    assert b"ready" in process.stdout.read(17)
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()


def test_a_worker_imports_nothing_of_rasa_or_torch() -> None:
    program = (
        "import sys, voice.worker, voice.sphinx\n"
        "heavy = {'rasa', 'torch', 'tensorflow', 'transformers', 'sklearn', 'inflect'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
