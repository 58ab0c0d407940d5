"""Documents in passages: as much as one answer needs, with what it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from knowledge_base.reading import Document

MOST_WORDS = 120
"""Of a passage. The encoder reads some 100 to 180 words; what is behind would be lost."""

_LONGEST_SENTENCE = 60
"""Words after which a sentence without an end is cut."""

# What may end a sentence: a full stop or the like, before a capital or a figure.
_SENTENCE_END = re.compile(r"[.!?]+[\"”’)]*(?P<blank>\s+)(?=[\"“‘(]?[A-Z0-9])")

# What a full stop belongs to that ends none: a single letter ("J. Smith"), an abbreviation.
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|Dr|Mr|Ms|Mrs|St|No|no|vs|e\.g|i\.e|ca|approx|etc|tel|Fig|fig)\.\s+$"
)


@dataclass(frozen=True)
class Passage:
    """A stretch of a document."""

    title: str
    """The document's."""

    headings: tuple[str, ...]
    """Those it stands under, without the document's own."""

    page: int | None
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of its sentences."""
        return " ".join(self.sentences)

    @property
    def heading(self) -> str:
        """All that it stands under, in one line."""
        return ", ".join((self.title, *self.headings))

    def searchable(self) -> list[str]:
        """What is embedded of it: the whole, then each sentence, with the headings in front."""
        nearest = self.headings[-1] if self.headings else self.title
        return [
            f"{self.heading}: {self.text}",
            *(f"{nearest}: {sentence}" for sentence in self.sentences),
        ]


def split_document(document: Document) -> list[Passage]:
    """Splits a document where its headings are, and longer stretches between sentences."""
    passages = []
    for section in document.sections:
        headings = section.headings
        if headings[:1] == (document.title,):
            headings = headings[1:]
        sentences = [one for text in section.paragraphs for one in split_sentences(text)]
        for group in _groups(sentences):
            passages.append(Passage(document.title, headings, section.page, tuple(group)))
    return passages


def split_sentences(text: str) -> list[str]:
    """Splits one paragraph; what never ends is cut."""
    found = []
    ends = [
        match.end("blank")
        for match in _SENTENCE_END.finditer(text)
        if not _ABBREVIATION.search(text[max(0, match.start() - 10) : match.end("blank")])
    ]
    for start, end in pairwise([0, *ends, len(text)]):
        words = text[start:end].split()
        for first in range(0, len(words), _LONGEST_SENTENCE):
            found.append(" ".join(words[first : first + _LONGEST_SENTENCE]))
    return found


def _groups(sentences: list[str]) -> Iterator[list[str]]:
    """Groups of about equal length, none longer than a passage may be."""
    lengths = [len(sentence.split()) for sentence in sentences]
    parts = -(-sum(lengths) // MOST_WORDS)
    wanted = sum(lengths) / max(parts, 1)
    group: list[str] = []
    words = 0
    for sentence, length in zip(sentences, lengths, strict=True):
        if group and (words + length > MOST_WORDS or words + length / 2 > wanted):
            yield group
            group, words = [], 0
        group.append(sentence)
        words += length
    if group:
        yield group
