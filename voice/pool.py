"""Decoding in processes of its own: the engine holds Python's lock while it decodes.

In a thread, ten seconds of audio would keep a server from answering anybody for as long. Each
process has a decoder that is ready before the first command comes, and imports nothing but this
package. What waits is bounded: beyond that a caller learns at once that the ears are busy. A
decoding that takes too long is ended with its process, and another process takes its place.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from voice.asr import Recognition, RecognizerError
from voice.audio import LONGEST, RATE, Samples
from voice.worker import (
    BEGIN,
    COMMAND,
    DEFAULT_ENGINE,
    FEED,
    FINISH,
    LENGTH,
    RECOGNIZE,
    from_json,
)

TIMEOUT = 30.0
"""Seconds that a decoding may take, its wait included."""

STARTING = 120.0
"""Seconds that a process may take to load its models."""

SILENT = 10.0
"""Seconds after which a worker is taken from a stream that is fed nothing."""


class BusyError(Exception):
    """More is to be heard at once than there is room for; nothing was lost, try again."""


class RecognitionTimeoutError(Exception):
    """Decoding took too long and was given up."""


class RecognizerPool:
    """Recognises for many speakers at once; each decoding stands by itself."""

    def __init__(
        self,
        folder: Path,
        workers: int = 1,
        waiting: int = 4,
        timeout: float = TIMEOUT,
        silent: float = SILENT,
        engine: str = DEFAULT_ENGINE,
        model: Path | None = None,
    ) -> None:
        """Prepares the pool; `start` starts its processes.

        Args:
            folder: A language model, as `voice.language.train` writes it.
            workers: Processes; each takes some 100 MB and one core while it decodes.
            waiting: Decodings that may wait for a worker.
            timeout: Seconds for a decoding, its wait included.
            silent: Seconds that a stream may be fed nothing.
            engine: Which recogniser the workers have.
            model: Its model, where it does not bring one.
        """
        self._command = [
            *(sys.executable, "-m", "voice.worker", str(folder), "--engine", engine),
            *(() if model is None else ("--model", str(model))),
        ]
        self._count, self._waiting = workers, waiting
        self._timeout, self._silent = timeout, silent
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._waiters: deque[asyncio.Future[_Worker]] = deque()
        self._streams = 0
        self._replacing: set[asyncio.Task[None]] = set()
        self._problem = "The recogniser was not started."
        self._running = False

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
        self._running = True
        try:
            ends = await asyncio.gather(
                *(self._add() for _ in range(self._count)), return_exceptions=True
            )
            if problems := [end for end in ends if end is not None]:
                raise problems[0]
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends all processes; what is being decoded is given up."""
        self._running, self._problem = False, "The recogniser was stopped."
        for task in self._replacing:
            task.cancel()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(RecognizerError(self._problem))
                waiter.exception()
        self._waiters.clear()
        self._idle.clear()
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        self._workers.clear()

    async def recognize(self, samples: Samples) -> Recognition:
        """What is said in a clip.

        Raises:
            BusyError: All workers are at work, and as many wait as may.
            RecognitionTimeoutError: It took too long.
            RecognizerError: The pool was not started, or its processes are gone.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + self._timeout
        worker = await self._acquire()
        # A caller that goes away leaves the decoding behind; the worker is free when it is done.
        job = asyncio.create_task(
            self.ask(worker, RECOGNIZE, samples, max(0.0, until - clock()), last=True)
        )
        job.add_done_callback(_looked_at)
        return from_json((await asyncio.shield(job))["heard"])

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[PoolStream]:
        """Has a worker listen to an utterance while it is spoken.

        Some worker is left to those who have spoken already, where there are several.

        Raises:
            BusyError: No worker is free.
            RecognizerError: The pool was not started, or its processes are gone.
        """
        self._check()
        if not self._idle or self._streams >= max(1, self._count - 1):
            raise BusyError("Too many people are speaking at once.")
        worker = self._idle.pop()
        self._streams += 1
        stream = PoolStream(self, worker, self._timeout, self._silent)
        try:
            await stream.begin()
            yield stream
        finally:
            self._streams -= 1
            stream.close()

    def release(self, worker: _Worker) -> None:
        """Takes a worker back; the next in line gets it."""
        if not self._running:
            return
        if not worker.alive:
            self._replace(worker)
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(worker)
                return
        self._idle.append(worker)

    async def _acquire(self) -> _Worker:
        self._check()
        if self._idle:
            return self._idle.pop()
        if len(self._waiters) >= self._waiting:
            raise BusyError("Too many people are speaking at once; please say it again.")
        waiter: asyncio.Future[_Worker] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await asyncio.wait({waiter}, timeout=self._timeout)
        except asyncio.CancelledError:
            if waiter.done() and waiter.exception() is None:
                self.release(waiter.result())
            raise
        finally:
            with suppress(ValueError):
                self._waiters.remove(waiter)
            waiter.cancel()
        if waiter.cancelled():
            raise RecognitionTimeoutError(f"Nobody was free within {self._timeout:.0f} seconds.")
        return waiter.result()

    async def ask(
        self, worker: _Worker, letter: bytes, samples: Samples, seconds: float, last: bool = False
    ) -> dict[str, Any]:
        """Has a worker do something; a worker that does not in time is ended.

        Args:
            worker: One that was acquired.
            letter: What to do.
            samples: With what.
            seconds: In which time.
            last: Whether the worker is free afterwards.
        """
        try:
            return await asyncio.wait_for(worker.ask(letter, samples), seconds)
        except asyncio.TimeoutError:
            worker.kill()
            raise RecognitionTimeoutError("Recognising it took too long.") from None
        except BaseException:
            # In the middle of an answer, nobody could tell where the next one begins.
            worker.kill()
            raise
        finally:
            if last:
                self.release(worker)

    def _check(self) -> None:
        if not self._running or not (self._workers or self._replacing):
            raise RecognizerError(self._problem)

    async def _add(self) -> None:
        worker = _Worker()
        self._workers.add(worker)
        try:
            await worker.start(self._command)
        except RecognizerError as error:
            self._problem = str(error)
            await worker.stop()
            self._workers.discard(worker)
            raise
        self.release(worker)

    def _replace(self, gone: _Worker) -> None:
        async def replace() -> None:
            await gone.stop()
            self._workers.discard(gone)
            with suppress(RecognizerError):
                await self._add()

        task = asyncio.create_task(replace())
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)


class PoolStream:
    """An utterance that is being spoken, with the worker that listens to it.

    The worker goes back when the utterance is finished, when its caller leaves it, or when nothing
    was fed for so long that the caller must be gone.
    """

    def __init__(
        self, pool: RecognizerPool, worker: _Worker, timeout: float, silent: float
    ) -> None:
        """Prepares; `RecognizerPool.stream` makes it."""
        self._pool, self._worker = pool, worker
        self._timeout, self._silent = timeout, silent
        self._fed = 0
        self._over = False
        self._job: asyncio.Task[dict[str, Any]] | None = None
        self._watch: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Has the worker begin."""
        await self._do(BEGIN)

    async def feed(self, samples: Samples) -> str:
        """Takes more of the utterance; what was said so far, to be shown and not acted on.

        Raises:
            RecognitionTimeoutError: It took too long, or nothing came for too long before.
            RecognizerError: The process is gone.
            ValueError: The utterance is longer than a minute.
        """
        self._fed += len(samples)
        if self._fed > LONGEST * RATE:
            self.close()
            raise ValueError(f"An utterance lasts {LONGEST:.0f} seconds at most.")
        return str((await self._do(FEED, samples))["caption"])

    async def finish(self) -> Recognition:
        """Ends the utterance; what was said.

        Raises:
            RecognitionTimeoutError: It took too long, or nothing came for too long before.
            RecognizerError: The process is gone.
        """
        try:
            return from_json((await self._do(FINISH))["heard"])
        finally:
            self.close()

    def close(self) -> None:
        """Gives the worker back, as soon as it has done what it is at."""
        if self._over:
            return
        self._over = True
        if self._watch is not None:
            self._watch.cancel()
        if self._job is not None and not self._job.done():
            self._job.add_done_callback(lambda _job: self._pool.release(self._worker))
        else:
            self._pool.release(self._worker)

    async def _do(self, letter: bytes, samples: Samples | None = None) -> dict[str, Any]:
        if self._over:
            raise RecognitionTimeoutError("Nothing was said for too long.")
        if self._watch is not None:
            self._watch.cancel()
        given = np.empty(0, np.int16) if samples is None else samples
        self._job = asyncio.create_task(self._pool.ask(self._worker, letter, given, self._timeout))
        self._job.add_done_callback(_looked_at)
        answer = await asyncio.shield(self._job)
        self._watch = asyncio.get_running_loop().call_later(self._silent, self.close)
        return answer


class _Worker:
    """One process."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._killed = False

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._killed and self._process is not None and self._process.returncode is None

    async def start(self, command: list[str]) -> None:
        """Starts it, and returns when it has decoded something."""
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[1],
            # One core for each: they work side by side.
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        try:
            told = await asyncio.wait_for(self._answer(), STARTING)
        except asyncio.TimeoutError:
            raise RecognizerError("The recogniser did not start in time.") from None
        if "problem" in told:
            raise RecognizerError(told["problem"])

    async def ask(self, letter: bytes, samples: Samples) -> dict[str, Any]:
        """Has it do something.

        Raises:
            RecognizerError: It has ended.
        """
        assert self._process is not None and self._process.stdin is not None
        content = samples.astype("<i2").tobytes()
        try:
            self._process.stdin.write(COMMAND.pack(letter, len(content)) + content)
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError):
            raise RecognizerError("A process for recognising speech has ended.") from None
        return await self._answer()

    def kill(self) -> None:
        """Ends it at once."""
        self._killed = True
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def stop(self) -> None:
        """Ends it, and waits for its end."""
        if self._process is None:
            return
        self.kill()
        await self._process.wait()

    async def _answer(self) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        try:
            (length,) = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))
            answer: dict[str, Any] = json.loads(await self._process.stdout.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            raise RecognizerError("A process for recognising speech has ended.") from None
        return answer


def _looked_at(job: asyncio.Task[dict[str, Any]]) -> None:
    """Of a caller that has gone, nobody looks at what became of it."""
    if not job.cancelled():
        job.exception()
