"""The ears of a server: what hears speech, shared by all of its channels.

They are opened when somebody speaks for the first time, or when a channel that is spoken to starts,
and made anew when another model is loaded: what can be heard is what the assistant was trained on.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent

from channels import wording
from channels.voice.keeping import Recordings
from channels.voice.settings import HearingSettings
from voice.asr import Recognition, RecognizerError
from voice.audio import Samples
from voice.language import LanguageError
from voice.model import extract_language
from voice.pool import BusyError, PoolStream, RecognitionTimeoutError, RecognizerPool
from voice.understanding import Expected, choose

logger = logging.getLogger(__name__)

WAITING = 8
"""Utterances that wait for a worker; more are told to wait."""

AGAIN_AFTER = 30.0
"""Seconds until ears that could not be opened are tried again; with another model, at once."""

TIDIES_EVERY = 3600.0


class HearingError(Exception):
    """It cannot be heard now. The text is for the person who spoke."""


class BusyHearingError(HearingError):
    """Too many speak at once: it may be said again."""


class DeafError(HearingError):
    """There is no recogniser, or no model; the log says in a line what is lacking."""


class Ears:
    """What hears speech, in one server process."""

    def __init__(self, settings: HearingSettings, agent: Callable[[], Agent | None]) -> None:
        """Prepares; nothing is loaded before somebody speaks.

        Args:
            settings: How to listen.
            agent: Gives Rasa's agent, None while there is none; another model is another agent.

        Raises:
            OSError: If the folder for recordings cannot be made.
        """
        self._settings = settings
        self._agent = agent
        self._pool: RecognizerPool | None = None
        self._made_for: tuple[Path, str] | None = None
        self._problem = ""
        self._tried_at = 0.0
        self._making: asyncio.Task[None] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="parley-ears-")
        # One thread: what understands a sentence keeps all processor cores busy by itself.
        self._understanding = ThreadPoolExecutor(1, "voice-understanding")
        self._beside: set[asyncio.Task[None]] = set()
        keep = settings.keep_audio
        self.recordings = Recordings(keep, settings.kept) if keep is not None else None
        if self.recordings is not None:
            self._do_beside(self._tidy(self.recordings))

    async def hear(self, samples: Samples, conversation: str) -> Recognition:
        """What is said in a clip, and whether it is to be acted on.

        Raises:
            BusyHearingError: Too many speak at once, or it took too long.
            DeafError: There is no recogniser.
        """
        pool = await self._current()
        try:
            try:
                heard = await pool.recognize(samples)
            except RecognizerError:
                # The model was changed meanwhile, or a process has died: the next one hears it.
                heard = await (await self._current(pool)).recognize(samples)
        except (BusyError, RecognitionTimeoutError) as error:
            raise BusyHearingError(wording.MANY_SPEAK) from error
        except RecognizerError as error:
            logger.error("voice: %s", error)
            raise DeafError(wording.NO_EARS) from error
        return await self.understand(heard, samples, conversation)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[PoolStream | None]:
        """Listens to an utterance while it is spoken; None where nobody is free for that.

        What comes out of it at its end is for `understand`.

        Raises:
            DeafError: There is no recogniser.
        """
        pool = await self._current()
        try:
            context = pool.stream()
            stream = await context.__aenter__()
        except (BusyError, RecognizerError, RecognitionTimeoutError):
            yield None
            return
        try:
            yield stream
        finally:
            await context.__aexit__(None, None, None)

    async def understand(
        self, heard: Recognition, samples: Samples, conversation: str
    ) -> Recognition:
        """Which of the things that may have been said makes sense, and whether any does."""
        agent = self._agent()
        if heard.alternatives and agent is not None and agent.is_ready():
            tracker = await agent.tracker_store.retrieve(conversation)
            expected = Expected.of(tracker, agent.domain) if tracker is not None else None
            heard = await asyncio.get_running_loop().run_in_executor(
                self._understanding,
                lambda: asyncio.run(choose(heard, agent.parse_message, expected)),
            )
        if self.recordings is not None:
            try:
                await asyncio.to_thread(self.recordings.keep, samples, heard, conversation)
            except OSError as error:
                logger.error("voice: a recording could not be kept: %s", error)
        return heard

    async def open(self) -> None:
        """Loads what is needed, so that nobody has to wait for it.

        Raises:
            DeafError: There is no recogniser.
        """
        await self._current()

    async def close(self) -> None:
        """Ends the processes."""
        for task in list(self._beside):
            task.cancel()
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)
        await asyncio.gather(*self._beside, return_exceptions=True)
        if self._pool is not None:
            await self._pool.stop()
        self._understanding.shutdown(wait=False)
        self._folder.cleanup()

    async def forget(self, conversation: str) -> None:
        """Deletes what is kept of a conversation.

        Raises:
            OSError: If it cannot be deleted.
        """
        if self.recordings is not None:
            await asyncio.to_thread(self.recordings.forget, conversation)

    async def _current(self, gone: RecognizerPool | None = None) -> RecognizerPool:
        """The recogniser for the model that is loaded.

        Args:
            gone: One that cannot be used any more.
        """
        model = self._model()
        again = self._problem and time.monotonic() > self._tried_at + AGAIN_AFTER
        lost = gone is not None and gone is self._pool
        if model != self._made_for or again or lost:
            self._made_for, self._tried_at = model, time.monotonic()
            former, self._pool, self._problem = self._pool, None, ""
            self._making = asyncio.create_task(self._make(model, former, self._making))
        if self._making is not None:
            # Others wait for it too: it goes on when one of them has gone.
            await asyncio.shield(self._making)
        if self._pool is None:
            raise DeafError(wording.NO_EARS)
        return self._pool

    def _model(self) -> tuple[Path, str]:
        agent = self._agent()
        if agent is None or agent.processor is None:
            raise DeafError(wording.NO_EARS)
        path = agent.processor.model_path
        # Rasa takes a folder for the newest model in it.
        path = path / agent.processor.model_filename if path.is_dir() else path
        return path, str(agent.model_id)

    async def _make(
        self,
        model: tuple[Path, str],
        former: RecognizerPool | None,
        before: asyncio.Task[None] | None,
    ) -> None:
        """Makes a recogniser.

        Args:
            model: Of which model, file and name.
            former: The one that there was. What it is hearing is heard anew by this one.
            before: A making that is not wanted any more.
        """
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        if former is not None:
            await former.stop()
        try:
            pool = await self._made(model[0])
        except (LanguageError, RecognizerError) as error:
            if self._made_for == model:
                self._problem = str(error)
                logger.error("voice: nothing can be heard: %s", error)
            return
        if self._made_for == model:
            self._pool = pool
        else:
            await pool.stop()

    async def _made(self, model: Path) -> RecognizerPool:
        language = self._settings.language
        if language is None:
            folder = Path(self._folder.name, "language")
            language = await asyncio.to_thread(extract_language, model, folder)
        settings = self._settings
        pool = RecognizerPool(
            language, settings.workers, WAITING, engine=settings.engine, model=settings.model
        )
        await pool.start()
        return pool

    async def _tidy(self, recordings: Recordings) -> None:
        while True:
            try:
                await asyncio.to_thread(recordings.expire)
            except OSError as error:
                logger.error("voice: recordings could not be deleted: %s", error)
            await asyncio.sleep(TIDIES_EVERY)

    def _do_beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
