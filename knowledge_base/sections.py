"""Stretches of text under a heading: what all readers give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BLANKS = re.compile(r"\s+")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class UnreadableDocumentError(Exception):
    """A file that nothing can be read from; the message says why."""


@dataclass(frozen=True)
class Section:
    """Text under one heading, or on one page of it."""

    headings: tuple[str, ...]
    """From the document's down to the nearest one."""

    paragraphs: tuple[str, ...]
    """Each on one line; an item of a list or a row of a table is one, too."""

    page: int | None = None
    """Counted from 1, where the document has pages."""

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.paragraphs)


@dataclass
class SectionWriter:
    """Gathers paragraphs under the headings that they stand below."""

    page: int | None = None
    sections: list[Section] = field(default_factory=list)
    _headings: list[tuple[int, str]] = field(default_factory=list)
    _paragraphs: list[str] = field(default_factory=list)

    def heading(self, level: int, text: str) -> None:
        """Begins a section; the headings of the same level and below are over."""
        self.end_section()
        self._headings = [entry for entry in self._headings if entry[0] < level]
        if cleaned := clean(text):
            self._headings.append((level, cleaned))

    def paragraph(self, text: str) -> None:
        """Adds a paragraph, if there is anything in it."""
        if cleaned := clean(text):
            self._paragraphs.append(cleaned)

    def begin_page(self, number: int) -> None:
        """Begins a page, and so a section under the same headings."""
        self.end_section()
        self.page = number

    def end_section(self) -> list[Section]:
        """Ends the section; returns all there are."""
        if self._paragraphs:
            headings = tuple(text for _, text in self._headings)
            self.sections.append(Section(headings, tuple(self._paragraphs), self.page))
            self._paragraphs = []
        return self.sections


def clean(text: str) -> str:
    """One line, without control characters and marks that turn the direction of writing."""
    return _BLANKS.sub(" ", _CONTROLS.sub(" ", text)).strip()
