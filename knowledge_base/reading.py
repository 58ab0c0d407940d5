"""From files to plain text with headings and pages: Markdown, text, HTML, PDF.

Only text comes out: no markup, no scripts, no addresses behind links.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.html_text import read_html
from knowledge_base.lines import read_lines
from knowledge_base.markdown_text import read_markdown
from knowledge_base.pdf_text import read_pdf
from knowledge_base.sections import Section, UnreadableDocumentError

MOST_BYTES = 20_000_000
MOST_CHARACTERS = 2_000_000
"""About a thousand pages."""


@dataclass(frozen=True)
class Document:
    """What was read of a file."""

    title: str
    sections: list[Section]


def read_document(path: Path) -> Document:
    """Reads a file by its ending.

    Raises:
        UnreadableDocumentError: It is too large, damaged, protected, or has no text; says which.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableDocumentError(f"it has {size:,} bytes, the most is {MOST_BYTES:,}")
        sections = _READERS[path.suffix.lower()](path)
    except OSError as error:
        raise UnreadableDocumentError(f"it cannot be opened ({error.strerror})") from error
    sections = [section for section in sections if section.text]
    length = sum(len(section.text) for section in sections)
    if length > MOST_CHARACTERS:
        raise UnreadableDocumentError(
            f"it has {length:,} characters, the most is {MOST_CHARACTERS:,}"
        )
    if not sections:
        raise UnreadableDocumentError("there is no text in it")
    return Document(_title(path, sections), sections)


def _title(path: Path, sections: list[Section]) -> str:
    """The heading above all others, if there is one, else the file's name in words."""
    first = sections[0].headings[:1]
    if first and all(section.headings[:1] == first for section in sections):
        return first[0]
    return path.stem.replace("-", " ").replace("_", " ")


def _text(path: Path) -> str:
    content = path.read_bytes()
    if b"\0" in content:
        raise UnreadableDocumentError("it is no text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What editors on Windows wrote before UTF-8; every byte means something there.
        return content.decode("cp1252", errors="replace")


_READERS: dict[str, Callable[[Path], list[Section]]] = {
    ".md": lambda path: read_markdown(_text(path)),
    ".markdown": lambda path: read_markdown(_text(path)),
    ".txt": lambda path: read_lines(_text(path)),
    ".html": lambda path: read_html(_text(path)),
    ".htm": lambda path: read_html(_text(path)),
    ".pdf": read_pdf,
}

ENDINGS = frozenset(_READERS)
"""Of the files that can be read."""
