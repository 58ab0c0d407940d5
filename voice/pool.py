"""Decoding in processes of its own: the engine holds Python's lock while it decodes.

In a thread, ten seconds of audio would keep a server from answering anybody for as long. Each
process has a decoder that is ready before the first command comes, and imports nothing but this
package. What waits is bounded: beyond that a caller learns at once that the ears are busy.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType

import numpy as np

from voice.asr import Recognition, Recognizer, RecognizerError
from voice.audio import Samples

TIMEOUT = 30.0
"""Seconds that a decoding may take, its wait included."""

_recognizer: Recognizer | None = None
"""A worker's own."""


class BusyError(Exception):
    """More is to be heard at once than there is room for; nothing was lost, try again."""


class RecognitionTimeoutError(Exception):
    """Decoding took too long and was given up."""


class RecognizerPool:
    """Recognises for many speakers at once; each decoding stands by itself."""

    def __init__(
        self, folder: Path, workers: int = 1, waiting: int = 4, timeout: float = TIMEOUT
    ) -> None:
        """Prepares the pool; `start` starts its processes.

        Args:
            folder: A language model, as `voice.language.train` writes it.
            workers: Processes; each takes some 100 MB and one core while it decodes.
            waiting: Decodings that may wait for a worker.
            timeout: Seconds for a decoding, its wait included.
        """
        self._folder, self._workers, self._room = folder, workers, workers + waiting
        self._timeout = timeout
        self._taken = 0
        self._executor: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> RecognizerPool:
        """Starts it."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops it."""
        await self.stop()

    async def start(self) -> None:
        """Starts all workers, and returns when each has decoded something.

        Raises:
            RecognizerError: They cannot load what they need.
        """
        # Spawned: a fork would carry the server's memory along, and its threads' locks.
        context = multiprocessing.get_context("spawn")
        barrier = context.Barrier(self._workers)
        self._executor = ProcessPoolExecutor(
            self._workers, context, initializer=_load, initargs=(str(self._folder), barrier)
        )
        ready = [
            asyncio.wrap_future(self._executor.submit(_is_ready)) for _ in range(self._workers)
        ]
        try:
            problems = await asyncio.gather(*ready)
        except BrokenProcessPool as error:
            await self.stop()
            raise RecognizerError("A process for recognising speech ended at its start.") from error
        if told := [problem for problem in problems if problem]:
            await self.stop()
            raise RecognizerError(told[0])

    async def recognize(self, samples: Samples) -> Recognition:
        """What is said in a clip.

        Raises:
            BusyError: All workers are at work, and as many wait as may.
            RecognitionTimeoutError: It took too long.
            RecognizerError: The pool was not started, or its processes are gone.
        """
        if self._executor is None:
            raise RecognizerError("The recogniser was not started.")
        if self._taken >= self._room:
            raise BusyError("Too many people are speaking at once; please say it again.")
        self._taken += 1
        try:
            job = self._executor.submit(_recognize, samples.astype(np.int16).tobytes())
        except RuntimeError as error:
            self._taken -= 1
            raise RecognizerError("The processes for recognising speech are gone.") from error
        future = asyncio.wrap_future(job)
        # A job given up is still being decoded: its place is free only when it is done.
        future.add_done_callback(self._give_back)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._timeout)
        except asyncio.TimeoutError as error:
            job.cancel()
            raise RecognitionTimeoutError(f"Nothing after {self._timeout:.0f} seconds.") from error
        except BrokenProcessPool as error:
            raise RecognizerError("A process for recognising speech died.") from error

    def _give_back(self, future: asyncio.Future[Recognition]) -> None:
        self._taken -= 1
        if not future.cancelled():
            # Looked at, so that nobody misses it where its caller has gone.
            future.exception()

    async def stop(self) -> None:
        """Ends all processes; what is being decoded is finished first."""
        if self._executor is not None:
            executor, self._executor = self._executor, None
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)


_problem = ""


def _load(folder: str, barrier: object) -> None:
    global _recognizer, _problem
    from voice.sphinx import SphinxRecognizer

    try:
        _recognizer = SphinxRecognizer(Path(folder))
        # The first decoding is slower than all others: it is nobody's.
        noise = np.random.default_rng(0).normal(0, 300, 16_000).astype(np.int16)
        _recognizer.recognize_spoken(noise)
    except RecognizerError as error:
        _problem = str(error)
    # No worker takes a job before all are there, so that each is asked whether it is ready.
    barrier.wait()  # type: ignore[attr-defined]


def _is_ready() -> str:
    return _problem


def _recognize(content: bytes) -> Recognition:
    assert _recognizer is not None, _problem
    return _recognizer.recognize(np.frombuffer(content, np.int16))
