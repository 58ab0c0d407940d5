"""From a passage to an answer: the sentences that answer, where they stand, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.embedding import Encoder, VectorStore
from knowledge_base.index import Found, KnowledgeIndex, find_documents
from knowledge_base.passages import Passage
from knowledge_base.questions import questions_in
from knowledge_base.scoring import probability
from knowledge_base.words import coverage_of

MOST_SENTENCES = 3
MOST_CHARACTERS = 320
"""Of an answer: what can be listened to, or read at a glance. One sentence is never cut off."""

_WORDS_WEIGHT = 0.2
"""Of a sentence's words beside its meaning: as in `scoring.WEIGHTS`."""


@dataclass(frozen=True)
class Answer:
    """What is said to a question."""

    text: str
    source: str
    """The file, and the heading or the page."""

    rest: tuple[str, ...]
    """The passage's other sentences: those that follow, then those before."""

    probability: float
    """Of being an answer to the question."""


class KnowledgeBase:
    """A folder of documents that questions can be asked."""

    def __init__(
        self, folder: Path, kept: Path, make_encoder: Callable[[], tuple[Encoder, str]]
    ) -> None:
        """Reads nothing and loads nothing yet.

        Args:
            folder: Of the documents; it need not be there.
            kept: Where vectors are kept.
            make_encoder: Makes the encoder and tells its digest, when the first question comes.
        """
        self._folder = folder
        self._kept = kept
        self._make_encoder = make_encoder
        self._encoder: Encoder | None = None
        self._index: KnowledgeIndex | None = None

    def has_documents(self) -> bool:
        """Whether there is a file that could be read."""
        return next(find_documents(self._folder), None) is not None

    def answer(self, question: str) -> Answer | None:
        """Returns the likeliest answer, however unlikely; None where there are no documents.

        What changed in the folder since the last question is read first.
        """
        if self._index is None or self._encoder is None:
            self._encoder, digest = self._make_encoder()
            store = VectorStore(self._kept, self._encoder, digest)
            self._index = KnowledgeIndex(self._folder, store)
        self._index.refresh()
        questions = questions_in(question)
        answers = [
            cut(found, asked)
            for asked, vector in zip(questions, self._encoder.encode(questions), strict=True)
            for found in self._index.search(asked, vector, most=1)
        ]
        return max(answers, key=lambda answer: answer.probability, default=None)


def cut(found: Found, question: str) -> Answer:
    """Cuts the sentences that answer a question out of the passage that was found."""
    sentences = found.passage.sentences
    words = coverage_of(question, sentences)
    scores = [
        meaning + _WORDS_WEIGHT * share
        for meaning, share in zip(found.sentences, words, strict=True)
    ]
    start = scores.index(max(scores))
    end = start + 1
    length = len(sentences[start])
    while (
        end < len(sentences)
        and end - start < MOST_SENTENCES
        and length + 1 + len(sentences[end]) <= MOST_CHARACTERS
    ):
        length += 1 + len(sentences[end])
        end += 1
    return Answer(
        text=" ".join(sentences[start:end]),
        source=source_of(found.file, found.passage),
        rest=sentences[end:] + sentences[:start],
        probability=probability(found.evidence),
    )


def source_of(file: str, passage: Passage) -> str:
    """Says where a passage stands: the file, and the page or the nearest heading."""
    if passage.page is not None:
        return f"{file}, page {passage.page}"
    return f'{file}, under "{passage.headings[-1]}"' if passage.headings else file
