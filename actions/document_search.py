"""The person's documents, asked in a thread of their own, with a limit on the wait.

torch and the encoder come with the first question (docs/skills/knowledge.md says what they cost),
so an action server whom nobody asks has neither.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from actions.settings.knowledge import read_knowledge_settings

if TYPE_CHECKING:
    from knowledge_base.answering import Answer, KnowledgeBase
    from knowledge_base.embedding import Encoder

MOST_CHARACTERS = 1000
"""Of a question; more is no question."""

logger = logging.getLogger(__name__)


class DocumentsError(Exception):
    """The documents cannot be asked; the reason is in the message."""


class NoDocumentsError(DocumentsError):
    """There are none."""


class StillReadingError(DocumentsError):
    """They are being read for the first time, which takes longer than anybody waits."""


async def ask_documents(question: str, patience: float = 1.0) -> Answer:
    """Looks for an answer.

    Questions are taken one after the other, in one thread: the first of them reads what is new,
    and the event loop goes on in the meantime. What takes too long is not broken off: the
    documents are ready for a later question.

    Args:
        question: In words.
        patience: The share of the usual limit that is waited.

    Returns:
        The likeliest answer; its probability says whether it is worth saying.

    Raises:
        NoDocumentsError, StillReadingError, DocumentsError: See there.
    """
    settings = read_knowledge_settings()
    limit = settings.timeout * patience
    base = _open(settings.folder, settings.vectors)
    work = asyncio.get_running_loop().run_in_executor(
        _thread(), _answer, base, question[:MOST_CHARACTERS]
    )
    try:
        answer = await asyncio.wait_for(work, limit)
    except asyncio.TimeoutError:
        raise StillReadingError(f"No answer within {limit:g} s; the reading goes on.") from None
    except Exception as error:
        # Libraries that read what anybody wrote fail in ways of their own; the talk goes on. The
        # log has the reason without a word of the question or of a document.
        logger.warning("The documents cannot be asked: %s.", type(error).__name__)
        logger.debug("Because of this:", exc_info=True)
        raise DocumentsError(type(error).__name__) from error
    if answer is None:
        raise NoDocumentsError(f"There is nothing to be read in {settings.folder}.")
    return answer


def _answer(base: KnowledgeBase, question: str) -> Answer | None:
    return base.answer(question) if base.has_documents() else None


@lru_cache(maxsize=4)
def _open(folder: Path, vectors: Path) -> KnowledgeBase:
    from knowledge_base.answering import KnowledgeBase

    return KnowledgeBase(folder, vectors, _make_encoder)


@lru_cache(maxsize=1)
def _make_encoder() -> tuple[Encoder, str]:
    from custom_components.sentence_encoder import (
        PACKAGED,
        SentenceEncoder,
        fingerprint_encoder,
    )

    process = psutil.Process()
    before = process.memory_info().rss
    encoder = SentenceEncoder(PACKAGED, max_length=256)
    grown = (process.memory_info().rss - before) / 1e6
    logger.info("The encoder for the documents is loaded; the memory grew by %.0f MB.", grown)
    return encoder, fingerprint_encoder(PACKAGED)


@lru_cache(maxsize=1)
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")
