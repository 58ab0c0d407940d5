"""Text out of Markdown."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base.sections import Section, SectionWriter

_SHOWN = {"text", "code_inline"}
_BREAKS = {"softbreak", "hardbreak"}


def read_markdown(text: str) -> list[Section]:
    """Reads CommonMark with tables; HTML inside of it is left out."""
    writer = SectionWriter()
    heading: int | None = None
    row: list[str] | None = None
    for token in MarkdownIt("commonmark").enable("table").parse(_without_front_matter(text)):
        if token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            writer.paragraph(", ".join(cell for cell in row if cell))
            row = None
        elif token.type == "inline" and heading is not None:
            writer.heading(heading, _shown(token))
            heading = None
        elif token.type == "inline" and row is not None:
            row.append(_shown(token))
        elif token.type == "inline":
            writer.paragraph(_shown(token))
        elif token.type in ("fence", "code_block"):
            for line in token.content.splitlines():
                writer.paragraph(line)
    return writer.end_section()


def _shown(inline: Token) -> str:
    return "".join(
        child.content if child.type in _SHOWN else " " if child.type in _BREAKS else ""
        for child in inline.children or ()
    )


def _without_front_matter(text: str) -> str:
    """Leaves out the block of settings that some programs put before the first line."""
    if not text.startswith("---\n"):
        return text
    _, _, rest = text[4:].partition("\n---\n")
    return rest or text
