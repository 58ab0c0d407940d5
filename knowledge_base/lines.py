"""Text that is only lines: where its headings are has to be seen."""

from __future__ import annotations

import re

from knowledge_base.sections import Section, SectionWriter

_MOST_WORDS = 8
_END = re.compile(r"[.!?:;,)\"'”’]$")
_ITEM = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+")
_HYPHEN = re.compile(r"(?<=\w)-$")


def read_lines(text: str) -> list[Section]:
    """Reads plain text."""
    writer = SectionWriter()
    write_lines(writer, text)
    return writer.end_section()


def write_lines(writer: SectionWriter, text: str) -> None:
    """Writes text whose paragraphs end at an empty line, an item of a list, or a heading.

    A heading is a short line that begins a paragraph with a capital or a figure, has no full stop
    or the like at its end, and is followed by something that begins anew. One in capitals is above
    the others.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    paragraph = ""
    for number, line in enumerate(lines):
        following = next((other for other in lines[number + 1 :] if other.strip()), "")
        if not paragraph and _is_heading(line, following):
            writer.heading(1 if line.isupper() else 2, line)
            continue
        if not line.strip() or _ITEM.match(line):
            writer.paragraph(paragraph)
            paragraph = ""
        paragraph = _joined(paragraph, _ITEM.sub("", line, count=1))
        # Where empty lines are lost (PDF), a sentence's end before a heading ends a paragraph.
        if _END.search(line.strip()) and _is_heading(following, "X"):
            writer.paragraph(paragraph)
            paragraph = ""
    writer.paragraph(paragraph)


def _is_heading(line: str, following: str) -> bool:
    words = line.split()
    return (
        0 < len(words) <= _MOST_WORDS
        and not _END.search(line.strip())
        and not _ITEM.match(line)
        and (words[0][0].isupper() or words[0][0].isdigit())
        and bool(following.strip())
        and not following.strip()[0].islower()
    )


def _joined(paragraph: str, line: str) -> str:
    if _HYPHEN.search(paragraph) and line[:1].islower():
        return paragraph[:-1] + line.strip()
    return f"{paragraph} {line.strip()}".strip()
