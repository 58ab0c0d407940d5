"""Decoding in processes of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.voice.conftest import Say
from voice.asr import RecognizerError
from voice.audio import RATE
from voice.pool import BusyError, RecognitionTimeoutError, RecognizerPool

pytestmark = pytest.mark.services


async def test_two_at_once_do_not_hear_each_other(house: Path, speak: Say) -> None:
    texts = ["turn on the lamp in the kitchen", "what time is it", "please turn off the fan"]
    async with RecognizerPool(house, workers=2, waiting=4) as pool:
        heard = await asyncio.gather(*(pool.recognize(speak(text)) for text in 2 * texts))
    assert [one.text for one in heard] == 2 * texts


async def test_too_many_are_told_so_and_the_others_are_heard(house: Path, speak: Say) -> None:
    samples = speak("what time is it")
    async with RecognizerPool(house, workers=1, waiting=1) as pool:
        jobs = [asyncio.create_task(pool.recognize(samples)) for _ in range(4)]
        found = await asyncio.gather(*jobs, return_exceptions=True)
        assert [isinstance(one, BusyError) for one in found] == [False, False, True, True]
        # And there is room again.
        assert (await pool.recognize(samples)).text == "what time is it"


async def test_the_event_loop_goes_on(house: Path, speak: Say) -> None:
    samples = np.concatenate([speak("turn on the lamp in the kitchen", around=0.1)] * 5)
    turns = 0
    async with RecognizerPool(house) as pool:
        job = asyncio.create_task(pool.recognize(samples))
        while not job.done():
            await asyncio.sleep(0.01)
            turns += 1
    assert turns > 3


async def test_what_takes_too_long_is_given_up_and_keeps_its_place(house: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 5000, 10 * RATE).astype(np.int16)
    async with RecognizerPool(house, workers=1, waiting=0, timeout=0.0) as pool:
        with pytest.raises(RecognitionTimeoutError):
            await pool.recognize(noise)
        with pytest.raises(BusyError):
            await pool.recognize(noise)


async def test_a_pool_without_a_language_model_does_not_start(tmp_path: Path) -> None:
    pool = RecognizerPool(tmp_path, workers=2)
    with pytest.raises(RecognizerError, match="train first"):
        await pool.start()
    with pytest.raises(RecognizerError, match="not started"):
        await pool.recognize(np.zeros(RATE, np.int16))


def test_a_worker_imports_nothing_of_rasa_or_torch() -> None:
    program = (
        "import sys, voice.pool, voice.sphinx\n"
        "heavy = {'rasa', 'torch', 'tensorflow', 'transformers', 'sklearn', 'inflect'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
